#include "device/runicos/runicos.h"

#include "device/runicos/management_internal.h"

namespace rune::os {
namespace {

Services services_of(const Port& port, Log& log, saga::Saga& saga) {
  return {port.clock, port.console, port.sensors, port.outputs, port.kernels, port.profile, &log, &saga};
}

}  // namespace

const char* rune_state_name(RuneState state) {
  switch (state) {
    case RuneState::kStaged: return "staged";
    case RuneState::kInstalled: return "installed";
    case RuneState::kRunning: return "running";
    case RuneState::kFailed: return "failed";
  }
  return "?";
}

RunicOs::RunicOs(const Port& port)
    : port_(port),
      log_(port.log, *port.clock, port.log_console),
      store_(*port.flash, port.slot_count),
      process_(services_of(port, log_, saga_)),
      decoder_(port.message) {
  Management::add_handlers(*this);
}

Status RunicOs::start() {
  log_.line({}, {port_.profile->board, ", firmware ", port_.profile->firmware});
  RUNE_TRY(store_.mount());
  report_crash();
  for (uint32_t i = 0; i < store_.slot_count(); ++i) {
    if (store_.slot(i).state != SlotState::kRequested) continue;
    if (continue_install(i) == Status::kNeedsReset) {
      port_.system->reset();
      return Status::kNeedsReset;
    }
  }
  if (running_) return Status::kOk;
  uint32_t newest = kMaxSlots;
  for (uint32_t i = 0; i < store_.slot_count(); ++i) {
    const Slot& slot = store_.slot(i);
    if (slot.state != SlotState::kInstalled || i == failed_) continue;
    if (newest == kMaxSlots || slot.sequence > store_.slot(newest).sequence) newest = i;
  }
  if (newest != kMaxSlots && start_rune(store_.slot(newest).name) == Status::kNeedsReset) {
    port_.system->reset();
    return Status::kNeedsReset;
  }
  return Status::kOk;
}

// The rune that ran when the machine faulted is not started again by itself: it would fault
// again, and the device could not be reached.
void RunicOs::report_crash() {
  if (port_.crash == nullptr || !saga::crash_valid(*port_.crash)) return;
  const saga::CrashRecord& crash = *port_.crash;
  Reason words;
  words.set({"fault "}).append(crash.exception).append(", status ").append(crash.status);
  words.append(", pc ").append(crash.pc);
  log_.line(crash.rune, {words.text()});
  const Result<uint32_t> index = store_.find_installed(crash.rune);
  if (index.ok()) {
    failed_ = index.value();
    reason_ = words;
  }
  saga_.count_failure();
  saga::clear_crash(*port_.crash);
}

void RunicOs::unload() {
  process_.unload();
  loaded_ = kMaxSlots;
  running_ = false;
}

// Loads the slot's rune; translates it first when it has no code, or code of another build
// of the engine. On failure reason_ has the words.
Status RunicOs::load(uint32_t index) {
  unload();
  if (failed_ == index) failed_ = kMaxSlots;
  if (!store_.visible(index)) return Status::kNeedsReset;
  reason_.clear();
  const Status status = load_steps(index);
  if (status == Status::kOk) {
    loaded_ = index;
  } else if (status != Status::kNeedsReset) {
    failed_ = index;
    if (reason_.text().empty()) reason_.set({status_name(status)});
  }
  return status;
}

Status RunicOs::load_steps(uint32_t index) {
  if (store_.verify_file(index) != Status::kOk) {
    reason_.set({"the stored file is damaged"});
    return Status::kChecksum;
  }
  Status status = process_.check(store_.file(index));
  if (status == Status::kOk && !wasm::Code::open(store_.file(index), store_.code(index)).ok()) {
    RUNE_TRY(translate(index));
    if (!store_.visible(index)) return Status::kNeedsReset;
  }
  if (status == Status::kOk) {
    status = process_.load(store_.slot(index).name, store_.file(index), store_.code(index), port_.pool);
  }
  if (status != Status::kOk) reason_ = process_.reason();
  return status;
}

Status RunicOs::start_rune(std::string_view name) {
  const Result<uint32_t> index = store_.find_installed(name);
  if (!index.ok()) return index.status();
  if (loaded_ == index.value() && running_) return Status::kOk;
  const Status status = load(index.value());
  if (status == Status::kOk) {
    running_ = true;
    log_.line(name, {"started"});
  } else if (status != Status::kNeedsReset) {
    log_.line(name, {"not started: ", reason_.text()});
  }
  return status;
}

Status RunicOs::stop_rune(std::string_view name) {
  const Result<uint32_t> index = store_.find_installed(name);
  if (!index.ok()) return index.status();
  if (loaded_ == index.value()) {
    if (running_) log_.line(name, {"stopped"});
    unload();
  }
  return Status::kOk;
}

Status RunicOs::remove(std::string_view name) {
  const Result<uint32_t> installed = store_.find_installed(name);
  const Result<uint32_t> inactive = store_.find_inactive(name);
  if (!installed.ok() && !inactive.ok()) return Status::kNotFound;
  for (const Result<uint32_t>& index : {installed, inactive}) {
    if (!index.ok()) continue;
    if (loaded_ == index.value()) unload();
    if (failed_ == index.value()) failed_ = kMaxSlots;
    RUNE_TRY(store_.remove(index.value()));
  }
  log_.line(name, {"removed"});
  return Status::kOk;
}

Status RunicOs::call(std::string_view name) {
  const Result<uint32_t> index = store_.find_installed(name);
  if (!index.ok()) return index.status();
  if (loaded_ != index.value()) RUNE_TRY(load(index.value()));
  const Status status = process_.call();
  if (status != Status::kOk && status != Status::kEndOfData) {
    saga_.count_failure();
    reason_ = process_.reason();
    if (reason_.text().empty()) reason_.set({status_name(status)});
  }
  return status;
}

void RunicOs::run_slice() {
  const std::string_view name = store_.slot(loaded_).name;
  const Status status = call(name);
  if (status == Status::kOk) return;
  if (status == Status::kEndOfData) {
    log_.line(name, {"end of data"});
  } else {
    failed_ = loaded_;
    log_.line(name, {"failed: ", reason_.text()});
  }
  unload();
}

void RunicOs::step() {
  const bool heard = poll_link();
  if (reset_wanted_) {
    reset_wanted_ = false;
    port_.system->reset();
    return;
  }
  if (running_) {
    run_slice();
  } else if (!heard) {
    port_.system->idle();
  }
}

bool RunicOs::poll_link() {
  if (port_.link == nullptr) return false;
  uint8_t bytes[64];
  const size_t count = port_.link->read(bytes);
  for (size_t i = 0; i < count; ++i) {
    if (decoder_.feed(bytes[i]) != link::ConsoleDecoder::Event::kMessage) continue;
    const link::Server server({handlers_.begin(), handlers_.size()});
    const Result<size_t> size = server.answer(decoder_.message(), port_.answer);
    if (size.ok()) (void)link::write_console_frame(port_.answer.first(size.value()), *port_.link);
  }
  return count > 0;
}

RuneInfo RunicOs::info(uint32_t index) const {
  const Slot& slot = store_.slot(index);
  RuneInfo info{slot.name, RuneState::kStaged, slot.file_bytes, {}};
  if (slot.state == SlotState::kInstalled) {
    info.state = index == loaded_ && running_ ? RuneState::kRunning
                 : index == failed_           ? RuneState::kFailed
                                              : RuneState::kInstalled;
  }
  if (slot.state == SlotState::kFailed) {
    info.state = RuneState::kFailed;
    info.error = status_name(slot.failure);
  }
  if (index == failed_) info.error = reason_.text();
  return info;
}

Result<RuneInfo> RunicOs::rune(uint32_t index) const {
  for (uint32_t i = 0; i < store_.slot_count(); ++i) {
    const SlotState state = store_.slot(i).state;
    if (state == SlotState::kFree || state == SlotState::kReceiving) continue;
    if (index-- == 0) return info(i);
  }
  return Status::kNotFound;
}

Result<RuneInfo> RunicOs::find(std::string_view name) const {
  if (const Result<uint32_t> installed = store_.find_installed(name); installed.ok())
    return info(installed.value());
  const Result<uint32_t> inactive = store_.find_inactive(name);
  if (!inactive.ok()) return inactive.status();
  return info(inactive.value());
}

}  // namespace rune::os
