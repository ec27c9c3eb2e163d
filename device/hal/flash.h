// NOR flash holding the store: erased to ones, programming clears bits only.
//
// Offsets are relative to the region of the store. A port whose machine shows
// programmed bytes in place only after a reset says so with visible_after_reset();
// read() always gives what was programmed last.
#pragma once

#include "device/base/bytes.h"
#include "device/base/status.h"

namespace rune::hal {

struct FlashGeometry {
  uint32_t size_bytes = 0;
  uint32_t sector_bytes = 4096;  // what erase works on
  uint32_t word_bytes = 4;       // alignment and unit of program
};

class Flash {
 public:
  virtual FlashGeometry geometry() const = 0;
  // The region as memory, for use in place. Constant for the life of the port.
  virtual Bytes mapped() const = 0;
  virtual bool visible_after_reset() const = 0;

  // Each is kInvalidArgument outside the region or misaligned, kIo when the machine fails.
  virtual Status read(uint32_t offset, MutableBytes into) = 0;
  virtual Status program(uint32_t offset, Bytes bytes) = 0;
  virtual Status erase(uint32_t offset, uint32_t size_bytes) = 0;

 protected:
  ~Flash() = default;
};

}  // namespace rune::hal
