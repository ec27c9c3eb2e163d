// Parameter blocks of fully_connected_*: input of batches * depth elements, any shape, to output of
// batches * units elements, any shape.
//
// Weights are [unit][depth], as TFLite stores them. Per-tensor scales are repeated for each unit.
//
//   fully_connected_s8      FullyConnectedS8Params  | ChannelScale[units] | int8  weights
//   fully_connected_f32     FullyConnectedF32Params | float bias[units]   | float weights
//   fully_connected_f32_s8  FullyConnectedF32Params | float bias[units]   | float scale[units] | int8 weights
//
// A block for fully_connected_s8_dsp is made from fully_connected_s8's by dsp/dsp_packing.h.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

struct FullyConnectedS8Params {
  OutputStage stage;
  uint32_t units;
  uint32_t depth;
  uint32_t reserved;
};
static_assert(sizeof(FullyConnectedS8Params) == 32);

struct FullyConnectedF32Params {
  FloatRange range;
  uint32_t units;
  uint32_t depth;
};
static_assert(sizeof(FullyConnectedF32Params) == 16);

// Byte offsets within a block.
struct FullyConnectedLayout {
  uint32_t channels;  // ChannelScale[], or float bias[]
  uint32_t scales;    // hybrid only: float[]
  uint32_t weights;
  uint32_t bytes;
};

// Each requires units * depth below 2^28.
constexpr FullyConnectedLayout fully_connected_s8_layout(uint32_t units, uint32_t depth) {
  const uint32_t channels = sizeof(FullyConnectedS8Params);
  const uint32_t weights = channels + align_up(units * sizeof(ChannelScale), kBlockAlignment);
  return {channels, 0, weights, weights + units * depth};
}
constexpr FullyConnectedLayout fully_connected_f32_layout(uint32_t units, uint32_t depth) {
  const uint32_t channels = sizeof(FullyConnectedF32Params);
  const uint32_t weights = channels + align_up(units * 4, kBlockAlignment);
  return {channels, 0, weights, weights + units * depth * 4};
}
constexpr FullyConnectedLayout fully_connected_f32_s8_layout(uint32_t units, uint32_t depth) {
  const uint32_t channels = sizeof(FullyConnectedF32Params);
  const uint32_t scales = channels + align_up(units * 4, kBlockAlignment);
  const uint32_t weights = scales + align_up(units * 4, kBlockAlignment);
  return {channels, scales, weights, weights + units * depth};
}

}  // namespace rune::kernels
