// The host calls of docs/spec/guest-abi.md, module `rune`, for one process.
#pragma once

#include "device/base/fixed_vector.h"
#include "device/runicos/process.h"

namespace rune::os {

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

}  // namespace rune::os
