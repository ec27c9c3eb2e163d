// Random parameter blocks and tensors for the tests of kernels and executor. Not part of any product.
#pragma once

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "device/kernels/conv_2d_params.h"
#include "device/kernels/depthwise_conv_2d_params.h"
#include "device/kernels/fully_connected_params.h"

namespace rune::test {

using Random = std::mt19937;

inline int32_t random_between(Random& random, int32_t low, int32_t high) {
  return low + static_cast<int32_t>(random() % (static_cast<uint32_t>(high - low) + 1));
}

inline std::vector<int8_t> random_bytes(Random& random, size_t count, int32_t low = -128,
                                        int32_t high = 127) {
  std::vector<int8_t> bytes(count);
  for (int8_t& byte : bytes) byte = static_cast<int8_t>(random_between(random, low, high));
  return bytes;
}

// A stage and channels as a trained network has them: results spread over the int8 range.
inline kernels::OutputStage random_stage(Random& random, bool relu) {
  kernels::OutputStage stage{};
  stage.input_offset = -random_between(random, -128, 127);
  stage.output_offset = relu ? -128 : random_between(random, -20, 20);
  stage.activation_min = -128;
  stage.activation_max = random() % 4 == 0 ? 80 : 127;
  return stage;
}

inline std::vector<kernels::ChannelScale> random_channels(Random& random, uint32_t count, uint32_t products) {
  std::vector<kernels::ChannelScale> channels(count);
  int32_t bits = 0;  // a sum of random products needs about 13 + log2(products) / 2 bits
  while ((products >> bits) > 1) ++bits;
  for (kernels::ChannelScale& channel : channels) {
    channel.bias = random_between(random, -4000, 4000);
    channel.multiplier = random_between(random, 1 << 30, INT32_MAX);
    channel.shift = -random_between(random, 5, 7) - bits / 2;
  }
  return channels;
}

template <typename Params>
std::vector<uint8_t> make_block(const Params& params, const std::vector<kernels::ChannelScale>& channels,
                                const std::vector<int8_t>& weights, uint32_t weights_offset) {
  std::vector<uint8_t> block(weights_offset + weights.size());
  std::memcpy(block.data(), &params, sizeof(params));
  std::memcpy(block.data() + sizeof(params), channels.data(), channels.size() * sizeof(channels[0]));
  std::copy(weights.begin(), weights.end(), reinterpret_cast<int8_t*>(block.data()) + weights_offset);
  return block;
}

inline std::vector<uint8_t> random_conv_2d_s8(Random& random, const kernels::Window& window, uint32_t inputs,
                                              uint32_t outputs, uint32_t groups = 1, bool relu = false) {
  kernels::Conv2dS8Params params{};
  params.window = window;
  params.stage = random_stage(random, relu);
  params.groups = static_cast<uint16_t>(groups);
  const auto count = static_cast<uint32_t>(kernels::conv_2d_weights(window, outputs, inputs / groups));
  return make_block(params, random_channels(random, outputs, count / outputs),
                    random_bytes(random, count, -127),
                    kernels::conv_2d_s8_layout(window, outputs, inputs / groups).weights);
}

inline std::vector<uint8_t> random_depthwise_conv_2d_s8(Random& random, const kernels::Window& window,
                                                        uint32_t inputs, uint32_t multiplier,
                                                        bool relu = false) {
  kernels::DepthwiseConv2dS8Params params{};
  params.window = window;
  params.stage = random_stage(random, relu);
  params.depth_multiplier = static_cast<uint16_t>(multiplier);
  const uint32_t outputs = inputs * multiplier;
  const auto count = static_cast<uint32_t>(kernels::depthwise_conv_2d_weights(window, outputs));
  return make_block(params, random_channels(random, outputs, count / outputs),
                    random_bytes(random, count, -127),
                    kernels::depthwise_conv_2d_s8_layout(window, outputs).weights);
}

inline std::vector<uint8_t> random_fully_connected_s8(Random& random, uint32_t depth, uint32_t units,
                                                      bool relu = false) {
  kernels::FullyConnectedS8Params params{};
  params.stage = random_stage(random, relu);
  params.units = units;
  params.depth = depth;
  return make_block(params, random_channels(random, units, depth),
                    random_bytes(random, size_t{units} * depth, -127),
                    kernels::fully_connected_s8_layout(units, depth).weights);
}

}  // namespace rune::test
