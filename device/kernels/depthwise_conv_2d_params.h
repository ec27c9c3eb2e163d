// Parameter blocks of depthwise_conv_2d_*: input [1, height, width, channels] to output
// [1, height, width, channels * depth_multiplier].
//
// Weights are [kernel row][kernel column][output channel], as TFLite stores them. Output channel c reads
// input channel c / depth_multiplier. Cells outside the input count as the input's zero point.
//
//   depthwise_conv_2d_s8      DepthwiseConv2dS8Params  | ChannelScale[out] | int8  weights
//   depthwise_conv_2d_f32     DepthwiseConv2dF32Params | float bias[out]   | float weights
//   depthwise_conv_2d_f32_s8  DepthwiseConv2dF32Params | float bias[out]   | float scale[out] | int8 weights
//
// A block for depthwise_conv_2d_s8_dsp is made from depthwise_conv_2d_s8's by dsp/dsp_packing.h.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

struct DepthwiseConv2dS8Params {
  Window window;
  OutputStage stage;
  uint16_t depth_multiplier;
  uint16_t reserved0;
  uint32_t reserved1[2];
};
static_assert(sizeof(DepthwiseConv2dS8Params) == 48);

struct DepthwiseConv2dF32Params {
  Window window;
  FloatRange range;
  uint16_t depth_multiplier;
  uint16_t reserved0;
  uint32_t reserved1;
};
static_assert(sizeof(DepthwiseConv2dF32Params) == 32);

// Byte offsets within a block.
struct DepthwiseConv2dLayout {
  uint32_t channels;  // ChannelScale[], or float bias[]
  uint32_t scales;    // hybrid only: float[]
  uint32_t weights;
  uint32_t bytes;
};

constexpr uint64_t depthwise_conv_2d_weights(const Window& window, uint32_t outputs) {
  return uint64_t{window.kernel_height} * window.kernel_width * outputs;
}
// Each requires the weights to number less than 2^28.
constexpr DepthwiseConv2dLayout depthwise_conv_2d_s8_layout(const Window& window, uint32_t outputs) {
  const uint32_t channels = sizeof(DepthwiseConv2dS8Params);
  const uint32_t weights = channels + align_up(outputs * sizeof(ChannelScale), kBlockAlignment);
  return {channels, 0, weights, weights + static_cast<uint32_t>(depthwise_conv_2d_weights(window, outputs))};
}
constexpr DepthwiseConv2dLayout depthwise_conv_2d_f32_layout(const Window& window, uint32_t outputs) {
  const uint32_t channels = sizeof(DepthwiseConv2dF32Params);
  const uint32_t weights = channels + align_up(outputs * 4, kBlockAlignment);
  return {channels, 0, weights,
          weights + 4 * static_cast<uint32_t>(depthwise_conv_2d_weights(window, outputs))};
}
constexpr DepthwiseConv2dLayout depthwise_conv_2d_f32_s8_layout(const Window& window, uint32_t outputs) {
  const uint32_t channels = sizeof(DepthwiseConv2dF32Params);
  const uint32_t scales = channels + align_up(outputs * 4, kBlockAlignment);
  const uint32_t weights = scales + align_up(outputs * 4, kBlockAlignment);
  return {channels, scales, weights,
          weights + static_cast<uint32_t>(depthwise_conv_2d_weights(window, outputs))};
}

}  // namespace rune::kernels
