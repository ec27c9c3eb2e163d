// A running rune: its instance, its models and what it may reach, laid out in the RAM pool.
//
//   pool: | engine state | engine stack | linear memory | model state, arena | ... |
//
// load() checks everything before the first guest instruction: manifest against profile,
// grants for each capability and output, models and their kernels, imports. Then it links
// and compares `_manifest()` with the section. A rune uses nothing outside the pool.
#pragma once

#include "device/executor/executor.h"
#include "device/format/profile.h"
#include "device/format/rune.h"
#include "device/runicos/grant.h"
#include "device/runicos/guest_memory.h"
#include "device/runicos/log.h"
#include "device/runicos/reason.h"
#include "device/saga/saga.h"
#include "device/wasm/wasm.h"

namespace rune::os {

// What a process uses of the device. All outlive it.
struct Services {
  hal::Clock* clock = nullptr;
  hal::Console* console = nullptr;  // serial lines; may be null
  std::span<const SensorGrant> sensors;
  std::span<const OutputGrant> outputs;
  kernels::KernelTable kernels;
  const format::Profile* profile = nullptr;
  Log* log = nullptr;
  saga::Saga* saga = nullptr;
};

inline constexpr size_t kHostFunctions = 6;
using HostTable = FixedVector<wasm::HostFunction, kHostFunctions>;

class Process {
 public:
  explicit Process(const Services& services) : services_(services) {}

  bool loaded() const { return instance_ != nullptr; }
  // Every check that needs no guest code: the first half of load(), and what an install does
  // before it translates. Requires !loaded(). On failure reason() says what, limit and actual.
  Status check(Bytes file);
  // Requires !loaded(), `file` and `code` in place (Store::visible) and to stay until unload(),
  // `pool` 16-byte aligned. On failure nothing is loaded and reason() says why.
  Status load(std::string_view name, Bytes file, Bytes code, MutableBytes pool);
  void unload() { instance_ = nullptr; }

  // One `_call()`. kOk, kEndOfData when a source has ended, else why it failed; reason()
  // then has the words. The rune can be called again after a failure.
  Status call();
  // Microseconds of the last call.
  uint64_t last_call_us() const { return last_call_us_; }

  const Reason& reason() const { return reason_; }
  const format::Manifest& manifest() const { return manifest_; }

 private:
  friend struct HostCalls;

  Status lay_out(MutableBytes pool, const wasm::Code& code);
  Status load_model(uint32_t index);
  Status load_model_image(uint32_t index, std::string_view target);
  Status open_sensors();
  Status link(const wasm::Code& code);
  Status compare_manifest();
  Status allocate(uint32_t size_bytes, uint32_t alignment, MutableBytes& out);
  Status call_failed(const wasm::CallResult& result);
  std::string_view name() const { return name_; }

  Services services_;
  std::string_view name_;
  format::RuneFile rune_;
  format::Manifest manifest_;
  executor::Executor executors_[format::kMaxModels];
  const SensorGrant* sensors_[format::kMaxCapabilities] = {};
  const OutputGrant* outputs_[format::kMaxOutputs] = {};
  MutableBytes pool_;
  uint32_t used_bytes_ = 0;
  MutableBytes state_, stack_, memory_;
  HostTable host_table_;  // the instance refers to it
  wasm::Instance* instance_ = nullptr;
  uint32_t call_function_ = 0;
  uint64_t last_call_us_ = 0;
  uint64_t host_us_ = 0;  // of the running call, spent in host calls
  bool end_of_data_ = false;
  Reason reason_;
};

}  // namespace rune::os
