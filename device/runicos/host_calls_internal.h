// The host calls of docs/spec/guest-abi.md, module `rune`, for one process.
#pragma once

#include "device/base/fixed_vector.h"
#include "device/runicos/process.h"

namespace rune::os {

inline constexpr size_t kHostFunctions = 6;
using HostTable = FixedVector<wasm::HostFunction, kHostFunctions>;

struct HostCalls {
  // Lists just the functions that the manifest justifies: the others are refused at link.
  static void fill(Process& process, HostTable& table);

  static Status capability_read(Process& process, const wasm::Value* arguments);
  static Status model_run(Process& process, const wasm::Value* arguments);
  static Status output_write(Process& process, const wasm::Value* arguments);
  static Result<uint32_t> resource_size(Process& process, const wasm::Value* arguments);
  static Result<uint32_t> resource_read(Process& process, const wasm::Value* arguments);
  static Status log(Process& process, const wasm::Value* arguments);
};

// The name that stands at `at` in the module, for messages: names in a module are not
// terminated, their size byte stands before them.
std::string_view import_name(const char* at, Bytes module);

}  // namespace rune::os
