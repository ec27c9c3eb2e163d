// RunicOS: boots runes on a device, owns its sensors, enforces permissions.
//
// The same sources on every machine; a port brings a Port and calls:
//
//   RunicOs os(port);                 // static memory, or the stack of main()
//   RUNE_TRY(os.start());             // mounts the store, goes on with an install, starts the newest rune
//   while (true) os.step();           // answers the link, makes one call of the running rune
//
// A rune arrives through the file group of the link (or receive()), is installed by the
// rune group (or install()) and then runs until its source ends, it fails or is stopped.
// Whatever a rune does, the device keeps serving. No heap, no globals: the pool, the buffers
// and the flash come from the port. Design: docs/design/runicos.md; tests: runicos_test.cpp,
// with a power cut at each flash operation, and tests/device on the emulated boards.
#pragma once

#include "device/hal/byte_pipe.h"
#include "device/hal/system.h"
#include "device/link/console_framing.h"
#include "device/link/os_group.h"
#include "device/runicos/process.h"
#include "device/runicos/store.h"

namespace rune::os {

// Everything that RunicOS uses of its machine. What is pointed to outlives the RunicOs.
struct Port {
  hal::Flash* flash = nullptr;
  uint32_t slot_count = 1;
  hal::Clock* clock = nullptr;
  hal::System* system = nullptr;
  hal::Console* console = nullptr;       // what runes print on serial; null: only the log has it
  hal::Console* log_console = nullptr;   // the log's lines; null: only the ring has them
  hal::BytePipe* link = nullptr;         // serial line of SMP; null: none
  std::span<const SensorGrant> sensors;  // the device's policy: what runes may reach
  std::span<const OutputGrant> outputs;
  kernels::KernelTable kernels;  // the best that the core has
  const format::Profile* profile = nullptr;
  MutableBytes pool;                   // 16-byte aligned: memory of the running rune
  MutableBytes log;                    // ring of the log
  MutableBytes message;                // the largest message that the link takes
  MutableBytes answer;                 // the largest answer
  saga::CrashRecord* crash = nullptr;  // kept over a reset; null: none
};

enum class RuneState : uint8_t { kStaged, kInstalled, kRunning, kFailed };
const char* rune_state_name(RuneState state);

struct RuneInfo {
  std::string_view name;
  RuneState state = RuneState::kStaged;
  uint32_t size_bytes = 0;
  std::string_view error;  // of a failed one
};

class RunicOs {
 public:
  explicit RunicOs(const Port& port);
  RunicOs(const RunicOs&) = delete;

  // Mounts the store and starts the newest installed rune. kIo when the flash fails; a rune
  // that does not start is reported in the log and in runes(), not here.
  Status start();

  // One turn of the main loop: all that has arrived on the link, then one call of the
  // running rune; idles when there is neither.
  void step();
  bool running() const { return running_; }
  // The loaded rune; empty when there is none.
  std::string_view running_name() const { return loaded_ == kMaxSlots ? "" : store_.slot(loaded_).name; }

  // Receives a whole file into the inactive slot of `name`; the link does it in chunks.
  Status receive(std::string_view name, Bytes file);
  // Verifies, translates, links and activates the received file; the version before goes only
  // then, and keeps running when this fails. kNeedsReset: goes on after a reset.
  Status install(std::string_view name);
  // Loads an installed rune in place of the one that runs. `call` makes one call of it.
  Status start_rune(std::string_view name);
  Status call(std::string_view name);
  Status stop_rune(std::string_view name);
  Status remove(std::string_view name);

  // Runes of the store by index; kNotFound past the last.
  Result<RuneInfo> rune(uint32_t index) const;
  Result<RuneInfo> find(std::string_view name) const;
  // Why the last operation failed, in words.
  std::string_view reason() const { return reason_.text(); }
  const Process& process() const { return process_; }
  const saga::Saga& saga() const { return saga_; }
  Log& log() { return log_; }
  Store& store() { return store_; }
  const Port& port() const { return port_; }

 private:
  friend struct Management;

  Status continue_install(uint32_t index);
  Status translate(uint32_t index);
  Status load(uint32_t index);
  Status load_steps(uint32_t index);
  void unload();
  void fail_install(uint32_t index, Status status);
  void report_crash();
  RuneInfo info(uint32_t index) const;
  bool poll_link();
  void run_slice();

  Port port_;
  Log log_;
  saga::Saga saga_;
  Store store_;
  Process process_;
  uint32_t loaded_ = kMaxSlots;  // slot of the loaded rune; kMaxSlots: none
  bool running_ = false;
  bool reset_wanted_ = false;
  uint32_t failed_ = kMaxSlots;  // slot whose failure reason_ describes
  Reason reason_;

  link::ConsoleDecoder decoder_;
  link::OsGroup os_group_;
  FixedVector<link::Handler, 18> handlers_;
};

}  // namespace rune::os
