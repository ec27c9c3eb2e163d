// Installing: from a received file to the active rune of its name, a step at a time.
//
//   staged -> requested -> checked, translated -> linked -> installed
//
// On a machine that shows written flash only after a reset, each step that needs to see
// what the one before wrote ends with kNeedsReset, and start() goes on from there. The
// rune that ran stops first, for its memory is the translator's workspace; it starts
// again if the new one is refused.
#include "device/runicos/runicos.h"

namespace rune::os {

Status RunicOs::receive(std::string_view name, Bytes file) {
  RUNE_TRY(store_.begin(name, static_cast<uint32_t>(file.size())));
  return store_.append(0, file).status();
}

Status RunicOs::install(std::string_view name) {
  const Result<uint32_t> index = store_.find_inactive(name);
  if (!index.ok()) return index.status();
  const SlotState state = store_.slot(index.value()).state;
  if (state != SlotState::kStaged && state != SlotState::kRequested) return Status::kBadState;
  if (state == SlotState::kStaged) RUNE_TRY(store_.request(index.value()));
  return continue_install(index.value());
}

Status RunicOs::continue_install(uint32_t index) {
  const Slot& slot = store_.slot(index);
  const bool was_running = running_;
  const uint32_t before = loaded_;
  Status status = load(index);
  if (status == Status::kNeedsReset) return status;
  if (status == Status::kOk) {
    log_.line(slot.name, {"verified"});
    status = store_.install(index);
  }
  if (status == Status::kOk) {
    running_ = true;
    log_.line(slot.name, {"installed and started"});
    return status;
  }
  fail_install(index, status);
  if (was_running && store_.slot(before).state == SlotState::kInstalled) {
    const Reason why = reason_;
    if (load(before) == Status::kOk) running_ = true;
    reason_ = why;
    failed_ = index;
  }
  return status;
}

void RunicOs::fail_install(uint32_t index, Status status) {
  unload();
  failed_ = index;
  log_.line(store_.slot(index).name, {"refused: ", reason_.text()});
  saga_.count_failure();
  // When even this cannot be written, the next start tries again.
  (void)store_.fail(index, status);
}

// Requires an unloaded process: the pool is the workspace.
Status RunicOs::translate(uint32_t index) {
  Store::CodeWriter writer(store_, index);
  RUNE_TRY(writer.begin());
  wasm::InstallReport report;
  const Status status = wasm::install(store_.file(index), port_.pool, writer, wasm::InstallLimits(), report);
  if (status != Status::kOk) {
    reason_.set({"code: ", report.error != nullptr ? report.error : status_name(status)});
    reason_.append(" at byte ").append(report.error_offset);
    return status;
  }
  return writer.finish();
}

}  // namespace rune::os
