// Pieces that the parameter blocks of several operators share.
//
// A parameter block is a struct of fixed size (<op>_params.h), then arrays in the order its layout function
// gives, each 16-byte aligned from the start of the block. Little-endian; blocks stand 16-byte aligned in the
// image and are read in place. Reserved bytes are 0. verify() of a kernel checks that the block has exactly
// the size that its layout gives for the operator's shapes, so run() reads no size from it.
//
// The arithmetic behind the fields is docs/spec/quantisation.md.
#pragma once

#include <cstdint>

#include "device/base/bytes.h"

namespace rune::kernels {

// A window sliding over axes 1 and 2 of an NHWC tensor. Padding counts cells before the input's first row
// and column; what lies past its end follows from the output's shape. Each field fits in 16 bits; kernel,
// stride and dilation are at least 1. Pools have dilation 1.
struct Window {
  uint16_t kernel_height;
  uint16_t kernel_width;
  uint16_t stride_height;
  uint16_t stride_width;
  uint16_t dilation_height;
  uint16_t dilation_width;
  uint16_t pad_top;
  uint16_t pad_left;
};
static_assert(sizeof(Window) == 16);

// What turns one output channel's 32-bit sum into its 8-bit value:
// y = clamp(requantise(sum + bias, multiplier, shift) + output_offset, activation_min, activation_max).
struct ChannelScale {
  int32_t bias;
  int32_t multiplier;  // 0, or 2^30 <= multiplier < 2^31
  int32_t shift;       // real factor = multiplier * 2^(shift - 31); -31..30
};
static_assert(sizeof(ChannelScale) == 12);

// Fields that every int8 operator with ChannelScales has.
struct OutputStage {
  int32_t input_offset;    // -(zero point of the input), -127..128
  int32_t output_offset;   // zero point of the output, -128..127
  int32_t activation_min;  // -128..127, not above activation_max
  int32_t activation_max;
  uint8_t rounding;  // format::Rounding
  uint8_t reserved[3];
};
static_assert(sizeof(OutputStage) == 20);

struct FloatRange {
  float activation_min;  // -infinity and infinity when there is no activation
  float activation_max;
};

inline constexpr uint32_t kBlockAlignment = 16;

}  // namespace rune::kernels
