// What a flash driver checks before it touches the flash.
#pragma once

#include "device/hal/flash.h"

namespace rune::ports {

inline bool inside(const hal::FlashGeometry& flash, uint32_t offset, size_t size) {
  return offset <= flash.size_bytes && size <= flash.size_bytes - offset;
}
inline bool may_program(const hal::FlashGeometry& flash, uint32_t offset, Bytes bytes) {
  return inside(flash, offset, bytes.size()) && offset % flash.word_bytes == 0 &&
         bytes.size() % flash.word_bytes == 0;
}
inline bool may_erase(const hal::FlashGeometry& flash, uint32_t offset, uint32_t size) {
  return inside(flash, offset, size) && offset % flash.sector_bytes == 0 && size % flash.sector_bytes == 0;
}

}  // namespace rune::ports
