// Small modules written out by hand, and everything that one instance needs. For tests of this layer.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "device/wasm/wasm.h"

namespace rune::wasm::testing_support {

class VectorSink final : public CodeSink {
 public:
  Status append(Bytes appended) override {
    if (bytes.size() + appended.size() > limit) return Status::kNoMemory;
    bytes.insert(bytes.end(), appended.begin(), appended.end());
    return Status::kOk;
  }
  std::vector<uint8_t> bytes;
  size_t limit = SIZE_MAX;
};

// Sections and instructions as strings of bytes, so that modules read like their text.
using Text = std::string;
inline Text byte(unsigned value) { return Text(1, static_cast<char>(value)); }
inline Text vec(std::initializer_list<Text> items) {
  Text all = byte(static_cast<unsigned>(items.size()));
  for (const Text& item : items) all += item;
  return all;
}
inline Text sized(const Text& body) { return byte(static_cast<unsigned>(body.size())) + body; }
inline Text section(unsigned id, const Text& body) { return byte(id) + sized(body); }
inline Text module(std::initializer_list<Text> sections) {
  Text all("\0asm\1\0\0\0", 8);
  for (const Text& part : sections) all += part;
  return all;
}
inline const Text kI32 = byte(0x7F);
inline Text type(std::initializer_list<Text> parameters, std::initializer_list<Text> results) {
  return byte(0x60) + vec(parameters) + vec(results);
}
inline Text body(const Text& code) { return sized(byte(0) + code + byte(0x0B)); }
inline Text local_get(unsigned index) { return byte(0x20) + byte(index); }
inline Text i32_const(unsigned value) { return byte(0x41) + byte(value); }
inline Text export_function(const Text& name, unsigned index) { return sized(name) + byte(0) + byte(index); }

// Everything that one instance needs.
struct Machine {
  Status install(const Text& text) {
    binary.assign(text.begin(), text.end());
    workspace.resize(install_workspace_bytes(binary));
    return wasm::install(binary, workspace, sink, {}, report);
  }
  Status start(std::span<const HostFunction> imports = {}, size_t memory_bytes = 65536,
               std::span<const LinkedInstance> linked = {}) {
    image.assign(sink.bytes.size() / 4, 0);
    std::memcpy(image.data(), sink.bytes.data(), sink.bytes.size());
    const Result<Code> opened = Code::open(binary, image_bytes());
    if (!opened.ok()) return opened.status();
    code = opened.value();
    state.resize(code.state_bytes() / 8 + 1);
    stack.resize(1024);
    memory.assign(memory_bytes / 8, 0);
    InstanceOptions options;
    options.imports = imports;
    options.instances = linked;
    options.state = as_mutable(state);
    options.stack = as_mutable(stack);
    options.memory = as_mutable(memory);
    const Result<Instance*> created = Instance::create(code, options, fuel);
    if (created.ok()) instance = created.value();
    return created.status();
  }
  CallResult call(const char* name, std::vector<uint32_t> arguments, std::vector<uint32_t>& results) {
    std::vector<Value> in(arguments.size()), out(results.size());
    for (size_t i = 0; i < in.size(); i++) in[i].bits = arguments[i];
    const CallResult result = instance->call(instance->find_function(name).value(), in, out, fuel);
    for (size_t i = 0; i < out.size(); i++) results[i] = out[i].i32;
    return result;
  }
  Bytes image_bytes() const { return {reinterpret_cast<const uint8_t*>(image.data()), image.size() * 4}; }
  static MutableBytes as_mutable(std::vector<uint64_t>& words) {
    return {reinterpret_cast<uint8_t*>(words.data()), words.size() * 8};
  }

  std::vector<uint8_t> binary, workspace;
  std::vector<uint32_t> image;
  std::vector<uint64_t> state, stack, memory;
  VectorSink sink;
  InstallReport report;
  Code code;
  Instance* instance = nullptr;
  uint32_t fuel = 1000000;
};

}  // namespace rune::wasm::testing_support
