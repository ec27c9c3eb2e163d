// Parameter blocks of add_*: output = first + second.
//
// The inputs have the output's shape, or are a single element that is added to all of the other's.
//
//   add_s8   AddS8Params
//   add_f32  AddF32Params
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

// Each input plus its offset is shifted left, requantised to the common scale, and the sum to the output's.
struct AddS8Params {
  int32_t first_offset;  // -(zero point), -127..128
  int32_t first_multiplier;
  int32_t first_shift;  // -31..0
  int32_t second_offset;
  int32_t second_multiplier;
  int32_t second_shift;
  int32_t output_offset;  // zero point, -128..127
  int32_t output_multiplier;
  int32_t output_shift;
  int32_t left_shift;  // 20 in TFLite; 0..22
  int32_t activation_min;
  int32_t activation_max;
  uint8_t rounding;  // format::Rounding
  uint8_t reserved[15];
};
static_assert(sizeof(AddS8Params) == 64);

struct AddF32Params {
  FloatRange range;
  uint32_t reserved[2];
};
static_assert(sizeof(AddF32Params) == 16);

}  // namespace rune::kernels
