// Parameter blocks of the operators that take one element to one element, and of those that move elements.
//
//   quantize_f32_s8    QuantizeParams         y = clamp(round_half_away(x / scale) + zero_point)
//   dequantize_s8_f32  QuantizeParams         y = (x - zero_point) * scale
//   requantize_s8      RequantizeS8Params     y = clamp(requantise(x + input_offset) + output_offset)
//   relu_s8            RequantizeS8Params     the same; the clamp is the activation
//   relu_f32           ClampF32Params
//   reshape            none (params_bytes 0)  the same bytes; copies unless both tensors share their place
//   transpose          TransposeParams        any element of 1, 2, 4 or 8 bytes
//   pad_s8             PadParams              rank 4, or less
#pragma once

#include "device/base/tensor.h"
#include "device/kernels/params.h"

namespace rune::kernels {

struct QuantizeParams {
  float scale;         // above 0, finite
  int32_t zero_point;  // -128..127
  uint32_t reserved[2];
};
static_assert(sizeof(QuantizeParams) == 16);

struct RequantizeS8Params {
  OutputStage stage;
  int32_t multiplier;
  int32_t shift;  // -31..30
  uint32_t reserved;
};
static_assert(sizeof(RequantizeS8Params) == 32);

struct ClampF32Params {
  FloatRange range;
  uint32_t reserved[2];
};
static_assert(sizeof(ClampF32Params) == 16);

// Axis i of the output is axis permutation[i] of the input. Entries past the rank are 0.
struct TransposeParams {
  uint8_t permutation[Shape::kMaxRank];
  uint8_t reserved[10];
};
static_assert(sizeof(TransposeParams) == 16);

struct PadParams {
  uint16_t before[4];  // of each axis; what follows the input follows from the output's shape
  int32_t value;       // -128..127: the element that fills
  uint32_t reserved;
};
static_assert(sizeof(PadParams) == 16);

}  // namespace rune::kernels
