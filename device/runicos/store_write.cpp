// Bytes into the store: files as they arrive, code as it is translated.
#include <algorithm>

#include "device/base/crc.h"
#include "device/runicos/slot_header_internal.h"
#include "device/runicos/store.h"

namespace rune::os {

// First an inactive slot of that name, then a free one, then what a broken upload or a
// refused rune left; never one that is staged or installed under another name.
Result<uint32_t> Store::choose_slot(std::string_view name) const {
  if (const Result<uint32_t> inactive = find_inactive(name); inactive.ok()) return inactive;
  for (const SlotState wanted : {SlotState::kFree, SlotState::kReceiving, SlotState::kFailed}) {
    for (uint32_t i = 0; i < slots_count_; ++i) {
      if (slots_[i].state == wanted) return i;
    }
  }
  return Status::kNoMemory;
}

Status Store::begin(std::string_view name, uint32_t file_bytes) {
  if (!valid_rune_name(name) || file_bytes == 0) return Status::kInvalidArgument;
  if (file_bytes > capacity_bytes()) return Status::kTooLarge;
  const Result<uint32_t> chosen = choose_slot(name);
  if (!chosen.ok()) return chosen.status();
  const uint32_t index = chosen.value();

  uint32_t sequence = 0;
  for (uint32_t i = 0; i < slots_count_; ++i) {
    if (slots_[i].state != SlotState::kFree) sequence = std::max(sequence, slots_[i].sequence + 1);
  }
  receiving_ = kMaxSlots;
  slots_[index] = Slot();
  slots_[index].changed = true;
  erased_end_ = 0;
  RUNE_TRY(erase_until(index, kHeaderBytes, &erased_end_));
  alignas(4) uint8_t header[kFixedHeaderBytes];
  write_fixed_header(header, name, file_bytes, sequence);
  RUNE_TRY(flash_.program(base(index), header));
  RUNE_TRY(load(index));
  slots_[index].changed = true;
  receiving_ = index;
  received_bytes_ = programmed_bytes_ = pending_bytes_ = checksum_ = 0;
  return Status::kOk;
}

Result<uint32_t> Store::append(uint32_t offset, Bytes chunk) {
  if (receiving_ == kMaxSlots) return Status::kBadState;
  const uint32_t file_bytes = slots_[receiving_].file_bytes;
  if (offset != received_bytes_ || chunk.empty()) return received_bytes_;
  if (chunk.size() > file_bytes - received_bytes_) return Status::kTooLarge;
  checksum_ = crc32(chunk, checksum_);
  for (const uint8_t byte : chunk) {
    pending_[pending_bytes_++] = byte;
    if (pending_bytes_ == sizeof(pending_)) {
      if (const Status status = flush(); status != Status::kOk) {
        receiving_ = kMaxSlots;
        return status;
      }
    }
  }
  received_bytes_ += static_cast<uint32_t>(chunk.size());
  if (received_bytes_ < file_bytes) return received_bytes_;
  const Status status = finish_receiving();
  receiving_ = kMaxSlots;
  if (status != Status::kOk) return status;
  return file_bytes;
}

Status Store::finish_receiving() {
  const uint32_t index = receiving_;
  memset(pending_ + pending_bytes_, 0xFF, sizeof(pending_) - pending_bytes_);
  RUNE_TRY(flush());
  RUNE_TRY(program_word(index, kFileChecksumAt, checksum_));
  RUNE_TRY(program_word(index, kUploadedAt, 0));
  slots_[index].file_checksum = checksum_;
  slots_[index].state = SlotState::kStaged;
  return Status::kOk;
}

// Programs the pending bytes, in whole words; what is behind them stays ones.
Status Store::flush() {
  const uint32_t size = align_up(pending_bytes_, 4);
  const uint32_t at = kHeaderBytes + programmed_bytes_;
  if (size == 0) return Status::kOk;
  RUNE_TRY(erase_until(receiving_, at + size, &erased_end_));
  RUNE_TRY(flash_.program(base(receiving_) + at, Bytes(pending_, size)));
  programmed_bytes_ += size;
  pending_bytes_ = 0;
  return Status::kOk;
}

// Erases sector by sector as bytes arrive, so that no request waits for a whole slot.
Status Store::erase_until(uint32_t index, uint32_t end, uint32_t* erased_end) {
  while (*erased_end < end) {
    RUNE_TRY(flash_.erase(base(index) + *erased_end, sector_bytes_));
    *erased_end += sector_bytes_;
  }
  return Status::kOk;
}

Status Store::CodeWriter::begin() {
  Slot& slot = store_.slots_[index_];
  if (slot.translations == kTranslationEntries) return Status::kNoMemory;
  slot.code_bytes = 0;
  slot.changed = true;
  size_bytes_ = 0;
  erased_end_ = store_.code_offset(index_);
  return Status::kOk;
}

Status Store::CodeWriter::append(Bytes bytes) {
  const uint32_t at = store_.code_offset(index_) + size_bytes_;
  if (bytes.size() > store_.slot_bytes_ - std::min(at, store_.slot_bytes_)) return Status::kNoMemory;
  const uint32_t size = static_cast<uint32_t>(bytes.size());
  RUNE_TRY(store_.erase_until(index_, at + size, &erased_end_));
  RUNE_TRY(store_.flash_.program(store_.base(index_) + at, bytes));
  size_bytes_ += size;
  return Status::kOk;
}

Status Store::CodeWriter::finish() {
  Slot& slot = store_.slots_[index_];
  const uint32_t at = kTranslationsAt + slot.translations * kTranslationBytes;
  RUNE_TRY(store_.program_word(index_, at, size_bytes_));
  RUNE_TRY(store_.program_word(index_, at + 4, 0));
  ++slot.translations;
  slot.code_bytes = size_bytes_;
  return Status::kOk;
}

}  // namespace rune::os
