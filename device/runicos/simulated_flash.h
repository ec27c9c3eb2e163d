// NOR flash for tests: keeps the rules of the real one and loses power where told.
//
// Programming clears bits of aligned words, erasing works on sectors, and breaking a rule
// fails the test through violations(). cut_at(n) ends power in the middle of operation n:
// a prefix of it is done, the word at the cut has some of its bits; all later operations
// fail until restart().
#pragma once

#include <vector>

#include "device/hal/flash.h"

namespace rune::os {

class SimulatedFlash final : public hal::Flash {
 public:
  explicit SimulatedFlash(uint32_t size_bytes, uint32_t sector_bytes = 1024, bool after_reset = false)
      : geometry_{size_bytes, sector_bytes, 4},
        after_reset_(after_reset),
        cells_((size_bytes + 15) / 16),
        shown_((size_bytes + 15) / 16) {
    memset(cells_.data(), 0xFF, size_bytes);
    memset(shown_.data(), 0xFF, size_bytes);
  }

  hal::FlashGeometry geometry() const override { return geometry_; }
  Bytes mapped() const override {
    return {reinterpret_cast<const uint8_t*>((after_reset_ ? shown_ : cells_).data()), geometry_.size_bytes};
  }
  bool visible_after_reset() const override { return after_reset_; }

  Status read(uint32_t offset, MutableBytes into) override {
    if (!alive_) return Status::kIo;
    if (!inside(offset, into.size())) return Status::kInvalidArgument;
    memcpy(into.data(), bytes() + offset, into.size());
    return Status::kOk;
  }

  Status program(uint32_t offset, Bytes data) override {
    if (!inside(offset, data.size()) || offset % 4 != 0 || data.size() % 4 != 0) return broken();
    const size_t done = begin_operation(data.size());
    for (size_t i = 0; i < data.size(); ++i) {
      if ((data[i] & ~bytes()[offset + i]) != 0) return broken();
      if (i < done) bytes()[offset + i] &= data[i];
      // The word under way has lost some of its bits.
      if (i >= done && i < done + 4 && cut_) bytes()[offset + i] &= static_cast<uint8_t>(data[i] | 0x5A);
    }
    return end_operation();
  }

  Status erase(uint32_t offset, uint32_t size_bytes) override {
    const uint32_t sector = geometry_.sector_bytes;
    if (!inside(offset, size_bytes) || offset % sector != 0 || size_bytes % sector != 0) return broken();
    memset(bytes() + offset, 0xFF, begin_operation(size_bytes));
    return end_operation();
  }

  // Operations since the start or the last restart().
  uint32_t operations() const { return operations_; }
  uint32_t violations() const { return violations_; }
  // Power ends in operation `number`, from 1.
  void cut_at(uint32_t number) { cut_at_ = number; }
  void restart() {
    alive_ = true;
    operations_ = cut_at_ = 0;
    show();
  }
  // What a reset without a power cut does: programmed bytes are seen in place.
  void show() { shown_ = cells_; }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(cells_.data()); }

 private:
  struct alignas(16) Line {
    uint8_t bytes[16];
  };

  bool inside(uint32_t offset, size_t size) const {
    return offset <= geometry_.size_bytes && size <= geometry_.size_bytes - offset;
  }
  Status broken() {
    ++violations_;
    return Status::kInvalidArgument;
  }
  // Bytes of the operation that take effect.
  size_t begin_operation(size_t size) {
    if (!alive_) return 0;
    cut_ = ++operations_ == cut_at_;
    return cut_ ? size / 2 & ~size_t{3} : size;
  }
  Status end_operation() {
    if (cut_) alive_ = false;
    cut_ = false;
    return alive_ ? Status::kOk : Status::kIo;
  }

  hal::FlashGeometry geometry_;
  bool after_reset_;
  bool alive_ = true;
  bool cut_ = false;
  uint32_t operations_ = 0;
  uint32_t cut_at_ = 0;
  uint32_t violations_ = 0;
  std::vector<Line> cells_;
  std::vector<Line> shown_;
};

}  // namespace rune::os
