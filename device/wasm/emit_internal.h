// The code of one function while it is translated: a buffer in the workspace, patched there for
// forward branches, then appended to the sink whole.
//
// The last instruction stays open for change: its destination can move to a local (copy elision) and
// a comparison can become part of the branch that follows. Anything that a branch may reach or that
// is no such instruction closes it. In dead code the buffer is disabled and takes nothing.
#pragma once

#include <cstring>

#include "device/base/bytes.h"
#include "device/wasm/opcodes_internal.h"

namespace rune::wasm {

inline constexpr uint32_t kNoBranch = UINT32_MAX;

// An instruction taken apart: an opcode and the fields between its destination and its branch, if any.
struct Fields {
  uint16_t opcode = 0;
  uint16_t field_count = 0;
  uint16_t fields[3] = {};
};

class CodeBuffer {
 public:
  explicit CodeBuffer(MutableBytes bytes) : bytes_(bytes) {}

  bool enabled() const { return enabled_; }
  void enable(bool enabled) {
    enabled_ = enabled;
    last_ = kNoBranch;
  }
  bool overflowed() const { return overflowed_; }
  uint32_t size() const { return size_; }
  uint8_t* data() { return bytes_.data(); }

  void u16(uint32_t value) {
    if (!reserve(2)) return;
    store_le16(bytes_.data() + size_, static_cast<uint16_t>(value));
    size_ += 2;
  }
  void u32(uint32_t value) {
    u16(value & 0xFFFF);
    u16(value >> 16);
  }
  // An instruction without a destination.
  void begin(uint16_t opcode) {
    last_ = kNoBranch;
    u16(opcode);
  }
  // An instruction that writes slot `destination`.
  void begin(uint16_t opcode, uint32_t destination) {
    last_ = enabled_ ? size_ : kNoBranch;
    u16(opcode);
    u16(destination);
  }

  // Code after this point is reached in another way too.
  void close() { last_ = kNoBranch; }

  // Whether the last instruction wrote `slot` and can still be changed.
  bool last_writes(uint32_t slot) const {
    return last_ != kNoBranch && !overflowed_ && load_le16(bytes_.data() + last_ + 2) == slot;
  }
  // Requires last_writes(). Whether last() holds all of it.
  bool last_is_short() const { return size_ - last_ <= 10; }
  // Requires last_writes(). Its opcode and the fields behind its destination; the caller withdraws it.
  Fields last() const {
    Fields result;
    result.opcode = load_le16(bytes_.data() + last_);
    for (uint32_t at = last_ + 4; at < size_ && result.field_count < 3; at += 2) {
      result.fields[result.field_count++] = load_le16(bytes_.data() + at);
    }
    return result;
  }
  void withdraw_last() {
    size_ = last_;
    last_ = kNoBranch;
  }

  // A branch field to a target not known yet. `chain` heads the list of such fields, each holding
  // the position of the next; bind() closes the list.
  void branch_forward(uint32_t& chain) {
    const uint32_t at = size_;
    u32(chain);
    if (enabled_ && !overflowed_) chain = at;
  }
  void branch_back(uint32_t target) { u32(target - size_); }
  // Fills a field written earlier so that it branches to `target`.
  void patch(uint32_t field, uint32_t target) {
    if (!overflowed_) store_le32(bytes_.data() + field, target - field);
  }
  // Resolves every field of the chain to the current position.
  void bind(uint32_t& chain) {
    if (chain != kNoBranch) last_ = kNoBranch;
    while (chain != kNoBranch && !overflowed_) {
      const uint32_t next = load_le32(bytes_.data() + chain);
      patch(chain, size_);
      chain = next;
    }
  }
  void pad_to_word() {
    if (size_ % 4 != 0) u16(0);
  }

 private:
  bool reserve(uint32_t count) {
    if (!enabled_) return false;
    if (bytes_.size() - size_ < count) overflowed_ = true;
    return !overflowed_;
  }

  MutableBytes bytes_;
  uint32_t size_ = 0;
  uint32_t last_ = kNoBranch;
  bool enabled_ = true;
  bool overflowed_ = false;
};

}  // namespace rune::wasm
