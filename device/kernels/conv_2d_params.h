// Parameter blocks of conv_2d_*: input [1, height, width, channels] to output of the same kind.
//
// Weights are [output channel][kernel row][kernel column][input channel / groups], as TFLite stores them.
// Output channel c reads the input channels of group c / (output channels / groups). Cells outside the input
// count as the input's zero point.
//
//   conv_2d_s8      Conv2dS8Params  | ChannelScale[out] | int8  weights      inputs: x i8     output: i8
//   conv_2d_f32     Conv2dF32Params | float bias[out]   | float weights      inputs: x f32    output: f32
//   conv_2d_f32_s8  Conv2dF32Params | float bias[out]   | float scale[out] | int8 weights     the same:
//   hybrid
//
// A block for conv_2d_s8_dsp is made from conv_2d_s8's by dsp/dsp_packing.h.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels {

struct Conv2dS8Params {
  Window window;
  OutputStage stage;
  uint16_t groups;  // 1 for an ordinary convolution
  uint16_t reserved0;
  uint32_t reserved1[2];
};
static_assert(sizeof(Conv2dS8Params) == 48);

struct Conv2dF32Params {
  Window window;
  FloatRange range;
  uint16_t groups;
  uint16_t reserved0;
  uint32_t reserved1;
};
static_assert(sizeof(Conv2dF32Params) == 32);

// Byte offsets within a block. group_channels: input channels / groups.
struct Conv2dLayout {
  uint32_t channels;  // ChannelScale[], or float bias[]
  uint32_t scales;    // hybrid only: float[]
  uint32_t weights;
  uint32_t bytes;
};

constexpr uint64_t conv_2d_weights(const Window& window, uint32_t outputs, uint32_t group_channels) {
  return uint64_t{window.kernel_height} * window.kernel_width * outputs * group_channels;
}
// Each requires the weights to number less than 2^28.
constexpr Conv2dLayout conv_2d_s8_layout(const Window& window, uint32_t outputs, uint32_t group_channels) {
  const uint32_t channels = sizeof(Conv2dS8Params);
  const uint32_t weights = channels + align_up(outputs * sizeof(ChannelScale), kBlockAlignment);
  return {channels, 0, weights,
          weights + static_cast<uint32_t>(conv_2d_weights(window, outputs, group_channels))};
}
constexpr Conv2dLayout conv_2d_f32_layout(const Window& window, uint32_t outputs, uint32_t group_channels) {
  const uint32_t channels = sizeof(Conv2dF32Params);
  const uint32_t weights = channels + align_up(outputs * 4, kBlockAlignment);
  return {channels, 0, weights,
          weights + 4 * static_cast<uint32_t>(conv_2d_weights(window, outputs, group_channels))};
}
constexpr Conv2dLayout conv_2d_f32_s8_layout(const Window& window, uint32_t outputs,
                                             uint32_t group_channels) {
  const uint32_t channels = sizeof(Conv2dF32Params);
  const uint32_t scales = channels + align_up(outputs * 4, kBlockAlignment);
  const uint32_t weights = scales + align_up(outputs * 4, kBlockAlignment);
  return {channels, scales, weights,
          weights + static_cast<uint32_t>(conv_2d_weights(window, outputs, group_channels))};
}

}  // namespace rune::kernels
