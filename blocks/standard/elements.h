// Elements of any numeric type, one at a time: for blocks that take several types and few elements.
#pragma once

#include "blocks/sdk/rune_block.h"
#include "blocks/sdk/rune_math.h"

namespace rune_block {

// The number of elements, or 0 for a type without a size here.
inline uint32_t element_count(const RuneTensor& tensor) {
  switch (tensor.element) {
    case RUNE_U8:
    case RUNE_I8: return tensor.size_bytes;
    case RUNE_U16:
    case RUNE_I16: return tensor.size_bytes / 2;
    case RUNE_U32:
    case RUNE_I32:
    case RUNE_F32: return tensor.size_bytes / 4;
    default: return 0;
  }
}

// Stored value, rounded to the nearest f32 where it has more than 24 bits; 0 for other types.
inline float element_as_f32(const RuneTensor& tensor, uint32_t index) {
  switch (tensor.element) {
    case RUNE_U8: return static_cast<const uint8_t*>(tensor.data)[index];
    case RUNE_I8: return static_cast<const int8_t*>(tensor.data)[index];
    case RUNE_U16: return static_cast<const uint16_t*>(tensor.data)[index];
    case RUNE_I16: return static_cast<const int16_t*>(tensor.data)[index];
    case RUNE_U32: return static_cast<float>(static_cast<const uint32_t*>(tensor.data)[index]);
    case RUNE_I32: return static_cast<float>(static_cast<const int32_t*>(tensor.data)[index]);
    case RUNE_F32: return static_cast<const float*>(tensor.data)[index];
    default: return 0;
  }
}

// Cut towards zero and to the type's range.
inline void set_element(const RuneTensor& tensor, uint32_t index, float value) {
  switch (tensor.element) {
    case RUNE_U8:
      static_cast<uint8_t*>(tensor.data)[index] = static_cast<uint8_t>(to_i32(value, 0, 255));
      break;
    case RUNE_I8:
      static_cast<int8_t*>(tensor.data)[index] = static_cast<int8_t>(to_i32(value, -128, 127));
      break;
    case RUNE_U16:
      static_cast<uint16_t*>(tensor.data)[index] = static_cast<uint16_t>(to_i32(value, 0, 65535));
      break;
    case RUNE_I16:
      static_cast<int16_t*>(tensor.data)[index] = static_cast<int16_t>(to_i32(value, -32768, 32767));
      break;
    case RUNE_U32: static_cast<uint32_t*>(tensor.data)[index] = to_u32(value); break;
    case RUNE_I32: static_cast<int32_t*>(tensor.data)[index] = to_i32(value, INT32_MIN, INT32_MAX); break;
    case RUNE_F32: static_cast<float*>(tensor.data)[index] = value; break;
    default: break;
  }
}

}  // namespace rune_block
