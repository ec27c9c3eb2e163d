// Parameter blocks of mean_*: the mean over a run of adjacent axes.
//
// The input is seen as [outer][reduced][inner] and the output as [outer][inner]; for a mean over height and
// width of an NHWC tensor outer is 1, reduced height * width, inner channels.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

// y = clamp(requantise(sum + sum_offset, multiplier, shift) + output_offset, -128, 127); the multiplier holds
// 1 / reduced (quantisation.md says how it is made, to agree with TFLite).
struct MeanS8Params {
  uint32_t outer;
  uint32_t reduced;
  uint32_t inner;
  int32_t sum_offset;     // -(zero point of the input) * reduced
  int32_t output_offset;  // zero point of the output
  int32_t multiplier;
  int32_t shift;     // -31..30
  uint8_t rounding;  // format::Rounding
  uint8_t reserved[3];
};
static_assert(sizeof(MeanS8Params) == 32);

struct MeanF32Params {
  uint32_t outer;
  uint32_t reduced;
  uint32_t inner;
  uint32_t reserved;
};
static_assert(sizeof(MeanF32Params) == 16);

}  // namespace rune::kernels
