// WebAssembly engine: any bytes. A module that installs is opened, instantiated with host functions
// for whatever it imports from "h", and every export is called with little fuel. Spans have exactly
// the sizes asked for, so that the sanitizer sees an access outside.
#include <cstdlib>
#include <string>
#include <vector>

#include "device/wasm/decode_internal.h"
#include "device/wasm/wasm.h"

namespace {

using namespace rune;
using namespace rune::wasm;

class VectorSink final : public CodeSink {
 public:
  Status append(Bytes appended) override {
    if (bytes.size() + appended.size() > 4000000) return Status::kNoMemory;
    bytes.insert(bytes.end(), appended.begin(), appended.end());
    return Status::kOk;
  }
  std::vector<uint8_t> bytes;
};

MutableBytes span_of(std::vector<uint64_t>& words) {
  return {reinterpret_cast<uint8_t*>(words.data()), words.size() * 8};
}

// A signature in the letters of HostFunction.
std::string letters(Bytes types) {
  std::string all;
  for (uint8_t type : types) {
    switch (static_cast<ValueType>(type)) {
      case ValueType::kI32: all += 'i'; break;
      case ValueType::kI64: all += 'I'; break;
      case ValueType::kF32: all += 'f'; break;
      case ValueType::kF64: all += 'F'; break;
      case ValueType::kFuncref: all += 'r'; break;
      case ValueType::kExternref: all += 'x'; break;
    }
  }
  return all;
}

struct Import {
  std::string module, name, parameters, results;
};

std::vector<wasm::FunctionType> types_of(Bytes module, const SectionMap& sections) {
  std::vector<wasm::FunctionType> types;
  Reader in = sections.reader(module, kTypeSection);
  if (sections.has(kTypeSection)) {
    for (uint32_t i = in.count(); i > 0; i--) types.push_back(read_function_type(in));
  }
  return types;
}

// The host's functions answer zero and ask for the caller's memory.
Trap answer(void*, Instance& caller, const Value*, Value*) {
  return caller.memory().size() > (size_t{1} << 32) ? Trap::kHost : Trap::kNone;
}

void run(Bytes module, Bytes image) {
  const Result<Code> opened = Code::open(module, image);
  if (!opened.ok()) std::abort();
  Reader in(module);
  const SectionMap sections = read_sections(in);
  const auto types = types_of(module, sections);
  std::vector<Import> imports;
  in = sections.reader(module, kImportSection);
  if (sections.has(kImportSection)) {
    for (uint32_t i = in.count(); i > 0; i--) {
      const auto import = read_import(in);
      if (import.kind != ExternKind::kFunction) return;
      const auto& type = types[import.function_type];
      imports.push_back({std::string(import.module), std::string(import.name), letters(type.parameters),
                         letters(type.results)});
    }
  }
  std::vector<HostFunction> host;
  for (const Import& import : imports) {
    host.push_back({import.module.c_str(), import.name.c_str(), import.parameters.c_str(),
                    import.results.c_str(), answer, nullptr});
  }
  const uint32_t state_bytes = opened.value().state_bytes(4);
  if (state_bytes > 1000000) return;
  std::vector<uint64_t> state((state_bytes + 7) / 8), stack(512), memory(3000);
  InstanceOptions options;
  options.imports = host;
  options.state = span_of(state);
  options.stack = span_of(stack);
  options.memory = span_of(memory);
  options.table_growth = 4;
  options.nominal_pages = 8;
  uint32_t fuel = 2000;
  const Result<Instance*> created = Instance::create(opened.value(), options, fuel);
  if (!created.ok() || !sections.has(kExportSection)) return;
  in = sections.reader(module, kExportSection);
  for (uint32_t i = in.count(); i > 0; i--) {
    const Export item = read_export(in);
    if (item.kind != ExternKind::kFunction) continue;
    const auto type = created.value()->function_type(item.index);
    std::vector<Value> arguments(type.parameters.size()), results(type.results.size());
    for (size_t k = 0; k < arguments.size(); k++) {
      const auto kind = static_cast<ValueType>(type.parameters[k]);
      arguments[k].bits = is_reference(kind) ? kNullReference : 3 + k;
    }
    fuel = 2000;
    (void)created.value()->call(item.index, arguments, results, fuel);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes module(data, size);
  const uint32_t suggested = install_workspace_bytes(module);
  std::vector<uint8_t> workspace(suggested < 2000000 ? suggested : 2000000);
  VectorSink sink;
  InstallReport report;
  const Status status = install(module, workspace, sink, {}, report);
  if (status != Status::kOk) {
    if (report.error == nullptr || report.error_offset > size) std::abort();
    return 0;
  }
  if (sink.bytes.size() != report.code_bytes) std::abort();
  std::vector<uint32_t> image(sink.bytes.size() / 4);
  std::memcpy(image.data(), sink.bytes.data(), sink.bytes.size());
  run(module, {reinterpret_cast<const uint8_t*>(image.data()), image.size() * 4});
  return 0;
}
