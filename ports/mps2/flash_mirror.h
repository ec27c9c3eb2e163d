// The store of the MPS2 board: code SSRAM used as NOR flash, with the flash's rules kept
// here and every change mirrored to a file of the host, from which the next start loads it.
#pragma once

#include "device/hal/flash.h"

namespace rune::ports {

class MirroredFlash final : public hal::Flash {
 public:
  static constexpr uint32_t kSectorBytes = 4096;

  // The SSRAM of the store.
  explicit MirroredFlash(MutableBytes memory) : memory_(memory) {}
  // Loads the memory from the file, which is made when it is missing or empty; null: the
  // store lasts until the next start. False when the file is of another size or unusable.
  bool load(const char* path);

  hal::FlashGeometry geometry() const override {
    return {static_cast<uint32_t>(memory_.size()), kSectorBytes, 4};
  }
  Bytes mapped() const override { return memory_; }
  bool visible_after_reset() const override { return false; }
  Status read(uint32_t offset, MutableBytes into) override;
  Status program(uint32_t offset, Bytes bytes) override;
  Status erase(uint32_t offset, uint32_t size_bytes) override;

 private:
  Status mirror(uint32_t offset, uint32_t size_bytes);

  MutableBytes memory_;
  int32_t file_ = -1;
};

}  // namespace rune::ports
