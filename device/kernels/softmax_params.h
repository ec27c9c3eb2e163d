// Parameter blocks of softmax_* and log_softmax_*, along the last axis of tensors of any shape.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

// softmax_s8: output scale 1/256, zero point -128.
struct SoftmaxS8Params {
  int32_t multiplier;  // of beta * input scale * 2^26, as quantisation.md says
  int32_t left_shift;  // 0..30
  int32_t diff_min;    // differences to the largest element below this one count as exp() == 0; at most 0
  uint32_t reserved;
};
static_assert(sizeof(SoftmaxS8Params) == 16);

// log_softmax_s8: output scale 16/256, zero point 127.
struct LogSoftmaxS8Params {
  int32_t multiplier;
  int32_t left_shift;           // 0..30
  int32_t reverse_multiplier;   // of the inverse of that factor
  int32_t reverse_right_shift;  // -30..31
  int32_t diff_min;
  uint32_t reserved[3];
};
static_assert(sizeof(LogSoftmaxS8Params) == 32);

// softmax_f32, and log_softmax_f32 with beta 1.
struct SoftmaxF32Params {
  float beta;
  uint32_t reserved[3];
};
static_assert(sizeof(SoftmaxF32Params) == 16);

}  // namespace rune::kernels
