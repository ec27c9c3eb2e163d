// Parameter blocks of average_pool_2d_* and max_pool_2d_*: [1, height, width, channels] to the same kind.
//
// A cell outside the input does not count, neither in the sum nor in the number of cells. Input and output of
// the int8 kernels have one scale and zero point. Every window must meet at least one cell of the input.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

struct Pool2dS8Params {
  Window window;
  int32_t activation_min;
  int32_t activation_max;
  uint32_t reserved[2];
};
static_assert(sizeof(Pool2dS8Params) == 32);

struct Pool2dF32Params {
  Window window;
  FloatRange range;
  uint32_t reserved[2];
};
static_assert(sizeof(Pool2dF32Params) == 32);

}  // namespace rune::kernels
