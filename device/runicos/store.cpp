#include "device/runicos/store.h"

#include <algorithm>

#include "device/base/crc.h"
#include "device/runicos/slot_header_internal.h"

namespace rune::os {

bool valid_rune_name(std::string_view name) {
  if (name.empty() || name.size() > format::kMaxNameBytes || name[0] == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
  });
}

Store::Store(hal::Flash& flash, uint32_t slot_count) : flash_(flash), slots_count_(slot_count) {
  const hal::FlashGeometry geometry = flash.geometry();
  sector_bytes_ = geometry.sector_bytes;
  slot_bytes_ = geometry.size_bytes / slot_count / sector_bytes_ * sector_bytes_;
}

Status Store::mount() {
  for (uint32_t i = 0; i < slots_count_; ++i) RUNE_TRY(load(i));
  for (uint32_t i = 0; i < slots_count_; ++i) {
    for (uint32_t j = 0; j < slots_count_; ++j) {
      const bool both = slots_[i].state == SlotState::kInstalled && slots_[j].state == SlotState::kInstalled;
      if (both && slots_[i].sequence < slots_[j].sequence && strcmp(slots_[i].name, slots_[j].name) == 0) {
        RUNE_TRY(remove(i));
      }
    }
  }
  return Status::kOk;
}

Status Store::load(uint32_t index) {
  alignas(4) uint8_t bytes[kHeaderBytes];
  RUNE_TRY(flash_.read(base(index), bytes));
  Slot& slot = slots_[index];
  slot = Slot();
  const HeaderView header(bytes);
  if (!header.valid() || header.word(kRemovedAt) == 0) return Status::kOk;
  memcpy(slot.name, bytes + kNameAt, format::kMaxNameBytes);
  slot.file_bytes = header.word(kFileBytesAt);
  slot.sequence = header.word(kSequenceAt);
  // Names and sizes were checked before they were programmed; the checksum vouches for them.
  slot.file_checksum = header.word(kFileChecksumAt);
  for (uint32_t entry = 0; entry < kTranslationEntries; ++entry) {
    const uint32_t at = kTranslationsAt + entry * kTranslationBytes;
    if (header.word(at) == kErased && header.word(at + 4) == kErased) continue;
    slot.translations = entry + 1;
    slot.code_bytes = header.word(at + 4) == 0 ? header.word(at) : 0;
  }
  if (code_offset(index) + slot.code_bytes > slot_bytes_) slot.code_bytes = 0;
  if (header.word(kFailureAt) != kErased) {
    slot.state = SlotState::kFailed;
    const uint32_t reason = header.word(kFailureAt);
    slot.failure = reason > 0 && reason <= static_cast<uint32_t>(Status::kNeedsReset)
                       ? static_cast<Status>(reason)
                       : Status::kInternal;
  } else if (header.word(kUploadedAt) != 0) {
    slot.state = SlotState::kReceiving;
  } else if (header.word(kInstalledAt) == 0) {
    slot.state = SlotState::kInstalled;
  } else {
    slot.state = header.word(kRequestedAt) == 0 ? SlotState::kRequested : SlotState::kStaged;
  }
  return Status::kOk;
}

Result<uint32_t> Store::find_installed(std::string_view name) const {
  for (uint32_t i = 0; i < slots_count_; ++i) {
    if (slots_[i].state == SlotState::kInstalled && name == slots_[i].name) return i;
  }
  return Status::kNotFound;
}

Result<uint32_t> Store::find_inactive(std::string_view name) const {
  uint32_t best = kMaxSlots;
  for (uint32_t i = 0; i < slots_count_; ++i) {
    if (slots_[i].state == SlotState::kFree || slots_[i].state == SlotState::kInstalled ||
        name != slots_[i].name)
      continue;
    if (best == kMaxSlots || slots_[i].sequence > slots_[best].sequence) best = i;
  }
  if (best == kMaxSlots) return Status::kNotFound;
  return best;
}

Result<uint32_t> Store::read(uint32_t index, uint32_t offset, MutableBytes into) {
  const uint32_t file_bytes = slots_[index].file_bytes;
  if (offset > file_bytes) return Status::kInvalidArgument;
  const uint32_t size = std::min(file_bytes - offset, static_cast<uint32_t>(into.size()));
  if (const Status status = flash_.read(base(index) + kHeaderBytes + offset, into.first(size));
      status != Status::kOk) {
    return status;
  }
  return size;
}

Bytes Store::file(uint32_t index) const {
  return flash_.mapped().subspan(base(index) + kHeaderBytes, slots_[index].file_bytes);
}

Bytes Store::code(uint32_t index) const {
  return flash_.mapped().subspan(base(index) + code_offset(index), slots_[index].code_bytes);
}

Status Store::verify_file(uint32_t index) const {
  return crc32(file(index)) == slots_[index].file_checksum ? Status::kOk : Status::kChecksum;
}

uint32_t Store::code_offset(uint32_t index) const {
  return align_up(kHeaderBytes + slots_[index].file_bytes, sector_bytes_);
}

Status Store::program_word(uint32_t index, uint32_t offset, uint32_t word) {
  alignas(4) uint8_t bytes[4];
  store_le32(bytes, word);
  return flash_.program(base(index) + offset, bytes);
}

Status Store::request(uint32_t index) {
  RUNE_TRY(program_word(index, kRequestedAt, 0));
  slots_[index].state = SlotState::kRequested;
  return Status::kOk;
}

Status Store::install(uint32_t index) {
  const Result<uint32_t> old = find_installed(slots_[index].name);
  RUNE_TRY(program_word(index, kInstalledAt, 0));
  slots_[index].state = SlotState::kInstalled;
  return old.ok() && old.value() != index ? remove(old.value()) : Status::kOk;
}

Status Store::fail(uint32_t index, Status reason) {
  RUNE_TRY(program_word(index, kFailureAt, static_cast<uint32_t>(reason)));
  slots_[index].state = SlotState::kFailed;
  slots_[index].failure = reason;
  return Status::kOk;
}

Status Store::remove(uint32_t index) {
  if (receiving_ == index) receiving_ = kMaxSlots;
  RUNE_TRY(program_word(index, kRemovedAt, 0));
  slots_[index] = Slot();
  return Status::kOk;
}

}  // namespace rune::os
