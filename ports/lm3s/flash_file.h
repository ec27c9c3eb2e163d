// The store of the LM3S board under the emulator: its flash is read-only there, mapped from
// a file at start. Changes go to that file by semihosting and are seen in place after the
// emulator has started again.
#pragma once

#include "device/hal/flash.h"

namespace rune::ports {

class FileFlash final : public hal::Flash {
 public:
  static constexpr uint32_t kSectorBytes = 1024;  // the chip's

  // The mapped flash of the store.
  explicit FileFlash(Bytes mapped) : mapped_(mapped) {}
  // The file that was mapped; null: nothing can be stored. False when it is unusable.
  bool open(const char* path);

  hal::FlashGeometry geometry() const override {
    return {static_cast<uint32_t>(mapped_.size()), kSectorBytes, 4};
  }
  Bytes mapped() const override { return mapped_; }
  bool visible_after_reset() const override { return true; }
  Status read(uint32_t offset, MutableBytes into) override;
  Status program(uint32_t offset, Bytes bytes) override;
  Status erase(uint32_t offset, uint32_t size_bytes) override;

 private:
  Bytes mapped_;
  int32_t file_ = -1;
};

}  // namespace rune::ports
