// Rearranges weights and folds scales for the DSP kernels, and proves for each output channel that the forms
// of gemm_s8.h are exact over every input: sums below 2^23 and shifts in range, or else multiplier, bias and
// rounding found by search and compared with the reference at every step of its value. What cannot be proven
// is kUnsupported.
#include "device/kernels/dsp/dsp_packing.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "device/format/model_image.h"
#include "device/kernels/conv_2d_params.h"
#include "device/kernels/depthwise_conv_2d_params.h"
#include "device/kernels/dsp/dsp_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/fully_connected_params.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

using namespace dsp;  // NOLINT: packs for that vocabulary

// Above this an input's planes are made for fewer rows at a time.
constexpr uint64_t kPlanesBytes = 6144;
constexpr int64_t kSumLimit = int64_t{1} << 23;

// Weight k of output channel c is data[c * channel_step + k * input_step].
struct Weights {
  const int8_t* data;
  uint32_t channel_step;
  uint32_t input_step;
  uint32_t depth;
  uint32_t outputs;

  int32_t at(uint32_t channel, uint32_t k) const {
    return channel < outputs && k < depth ? data[channel * channel_step + k * input_step] : 0;
  }
};

RoundingForm form_of(const OutputStage& stage) {
  const bool single = stage.rounding == static_cast<uint8_t>(format::Rounding::kSingle);
  // Values below the zero point are clamped away: their ties do not matter.
  return single || stage.activation_min >= stage.output_offset ? RoundingForm::kFloor : RoundingForm::kSigned;
}

DspStage stage_of(const OutputStage& stage, uint32_t run_elements) {
  DspStage result{};
  result.input_offset = stage.input_offset;
  result.activation_min = stage.activation_min;
  result.activation_max = stage.activation_max;
  result.form = static_cast<uint8_t>(form_of(stage));
  result.narrow = stage.activation_min > -128 || stage.activation_max < 127 ? 1 : 0;
  result.ordered = run_elements % 4 != 0 ? 1 : 0;
  return result;
}

struct SumRange {
  int64_t least;
  int64_t greatest;
};

// Every sum of the channel, bias included, over all inputs.
SumRange sum_range(const Weights& weights, uint32_t channel, const OutputStage& stage, int32_t bias) {
  const int64_t low = -128 + stage.input_offset;
  const int64_t high = 127 + stage.input_offset;
  SumRange range{bias, bias};
  for (uint32_t k = 0; k < weights.depth; ++k) {
    const int32_t w = weights.at(channel, k);
    range.least += w * (w < 0 ? high : low);
    range.greatest += w * (w < 0 ? low : high);
  }
  return range;
}

int32_t output_of(int64_t sum, const ChannelScale& channel, const OutputStage& stage) {
  const int32_t value =
      requantise(static_cast<int32_t>(sum), channel.multiplier, channel.shift, stage.rounding);
  return clamp(wrapping_add(value, stage.output_offset), stage.activation_min, stage.activation_max);
}

// A channel as the kernels see it.
struct PackedChannel {
  int32_t bias;
  DspScale scale;
};

// A channel that has one value whatever the input: requantisation is monotone, so its ends say so. With
// multiplier 0 the rounding constant alone is the value.
bool is_constant(const SumRange& range, const ChannelScale& channel, const OutputStage& stage) {
  return output_of(range.least, channel, stage) == output_of(range.greatest, channel, stage);
}

// What a kernel with RoundingForm::kFloor makes of a sum that starts at `packed.bias` instead of the
// channel's.
int32_t packed_output(int64_t sum, const ChannelScale& channel, const PackedChannel& packed,
                      const OutputStage& stage) {
  const int64_t scaled = (sum - channel.bias + packed.bias) * 256 * packed.scale.multiplier;
  const int64_t value = ((scaled >> 32) + packed.scale.rounding) >> packed.scale.shift;
  return static_cast<int32_t>(std::clamp<int64_t>(value, stage.activation_min, stage.activation_max));
}

// Whether both give the same for every sum in the range. Both are monotone: it is enough to look at each sum
// where the true value steps up, and at the one before.
bool equals_everywhere(const SumRange& range, const ChannelScale& channel, const PackedChannel& packed,
                       const OutputStage& stage) {
  const int32_t last = output_of(range.greatest, channel, stage);
  int32_t level = output_of(range.least, channel, stage);
  if (packed_output(range.least, channel, packed, stage) != level) return false;
  if (packed_output(range.greatest, channel, packed, stage) != last) return false;
  int64_t low = range.least;
  while (level < last) {
    int64_t high = range.greatest;  // the first sum above `level` lies in (low, high]
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (output_of(middle, channel, stage) > level ? high : low) = middle;
    }
    if (packed_output(high - 1, channel, packed, stage) != level) return false;
    level = output_of(high, channel, stage);
    if (packed_output(high, channel, packed, stage) != level) return false;
    low = high;
  }
  return true;
}

// One try: the sum moved by `moved` towards zero, and the multiplier's low bits dropped.
PackedChannel moved_channel(const ChannelScale& channel, const OutputStage& stage, int64_t moved,
                            int64_t nudge, int64_t step) {
  // More bits would not leave room for the zero point in the rounding constant.
  const int32_t shift = std::min<int32_t>(-channel.shift, 14);
  const int32_t dropped = -channel.shift - shift;
  const bool single = stage.rounding == static_cast<uint8_t>(format::Rounding::kSingle);
  const int64_t multiplier = ((channel.multiplier + ((int64_t{1} << dropped) >> 1)) >> dropped) + nudge;
  const int64_t half = (shift > 0 || single ? int64_t{1} << (shift + 6) : 0) + (single ? 0 : 64 >> dropped);
  const int64_t rounding = ((moved * channel.multiplier) >> (24 + dropped)) + half + step +
                           stage.output_offset * (int64_t{1} << (shift + 7));
  // The kernel adds it to the high word of a product, itself below 2^30.
  const bool fits = std::abs(rounding) < 1 << 30 && multiplier >= 0 && multiplier <= INT32_MAX;
  return fits ? PackedChannel{static_cast<int32_t>(channel.bias - moved),
                              {static_cast<int32_t>(multiplier), static_cast<int32_t>(rounding), shift + 7}}
              : PackedChannel{};
}

// For factors or biases outside the exact form: tries neighbours until one is proven equal.
Result<PackedChannel> search_channel(const SumRange& range, const ChannelScale& channel,
                                     const OutputStage& stage) {
  const int64_t middle = (range.least + range.greatest) / 2;
  if (channel.shift > 0 || form_of(stage) != RoundingForm::kFloor) return Status::kUnsupported;
  if (range.greatest - range.least >= 2 * kSumLimit - 16) return Status::kUnsupported;
  if (std::abs(channel.bias - middle) >= kSumLimit) return Status::kUnsupported;
  for (int64_t moved = middle; moved < middle + 8; ++moved) {
    for (const int32_t nudge : {0, 1, -1}) {
      for (const int32_t step : {0, 1, -1, 2, -2, 3, -3}) {
        const PackedChannel packed = moved_channel(channel, stage, moved, nudge, step);
        if (packed.scale.multiplier != 0 && equals_everywhere(range, channel, packed, stage)) return packed;
      }
    }
  }
  return Status::kUnsupported;
}

Result<PackedChannel> pack_channel(const SumRange& range, const ChannelScale& channel,
                                   const OutputStage& stage) {
  // Beyond 32 bits the reference wraps: no form follows it there.
  if (range.least < INT32_MIN || range.greatest > INT32_MAX) return Status::kUnsupported;
  const int32_t shift = -channel.shift;
  if (shift >= 0 && is_constant(range, channel, stage)) {
    return PackedChannel{0, {0, output_of(range.least, channel, stage) * 256, 8}};
  }
  const RoundingForm form = form_of(stage);
  const bool exact = range.least > -kSumLimit && range.greatest < kSumLimit && shift >= 0 && shift <= 15 &&
                     (shift > 0 || form == RoundingForm::kFloor);
  if (!exact) return search_channel(range, channel, stage);
  const bool single = stage.rounding == static_cast<uint8_t>(format::Rounding::kSingle);
  // Half of the last step; with double rounding half of the first one too, which kSigned adds itself.
  int32_t rounding = single || shift > 0 ? 1 << (shift + 6) : 0;
  if (!single && form == RoundingForm::kFloor) rounding += 64;
  rounding += stage.output_offset * (1 << (shift + 7));
  return PackedChannel{channel.bias, {channel.multiplier, rounding, shift + 7}};
}

Result<PackedChannel> packed_channel(const Weights& weights, uint32_t channel, const ChannelScale* channels,
                                     const OutputStage& stage) {
  const SumRange range = sum_range(weights, channel, stage, channels[channel].bias);
  return pack_channel(range, channels[channel], stage);
}

void put(uint8_t*& out, const void* from, size_t bytes) {
  std::memcpy(out, from, bytes);
  out += bytes;
}

int32_t lane_pair(int32_t low, int32_t high) {
  return static_cast<int32_t>((static_cast<uint32_t>(low) & 0xFFFF) | static_cast<uint32_t>(high) << 16);
}

Status check_quad(const Weights& weights, const ChannelScale* channels, const OutputStage& stage,
                  uint32_t first) {
  for (uint32_t i = 0; i < 4 && first + i < weights.outputs; ++i) {
    RUNE_TRY(packed_channel(weights, first + i, channels, stage).status());
  }
  for (uint32_t k = 0; k < weights.depth; ++k) {
    for (uint32_t i = 0; i < 2; ++i) {
      // The lane of the pair must be a 16-bit number: only -128 with a negative partner is none.
      if (256 * weights.at(first + i, k) + weights.at(first + i + 2, k) < INT16_MIN)
        return Status::kUnsupported;
    }
  }
  return Status::kOk;
}

void write_quad(const Weights& weights, const ChannelScale* channels, const OutputStage& stage, bool ordered,
                uint32_t first, uint8_t*& out) {
  PackedChannel quad[4] = {};
  for (uint32_t i = 0; i < 4 && first + i < weights.outputs; ++i) {
    quad[i] = packed_channel(weights, first + i, channels, stage).value();
  }
  // Modulo 2^32, like the sums that start there.
  const auto both = [&](uint32_t i) {
    return static_cast<int32_t>(256U * static_cast<uint32_t>(quad[i].bias) +
                                static_cast<uint32_t>(quad[i + 2].bias));
  };
  const GemmSums sums = {both(0), quad[2].bias, both(1), quad[3].bias};
  put(out, &sums, sizeof(sums));
  const uint32_t depth = gemm_depth(weights.depth);
  for (uint32_t k = 0; k < depth; k += 2) {
    // 0 2 1 3 in each four: the first step of a four takes inputs 0 and 2, the second 1 and 3.
    const uint32_t low = ordered ? k : k / 4 * 4 + k % 4 / 2;
    const uint32_t high = ordered ? k + 1 : low + 2;
    for (uint32_t i = 0; i < 2; ++i) {
      const int32_t word = lane_pair(256 * weights.at(first + i, low) + weights.at(first + i + 2, low),
                                     256 * weights.at(first + i, high) + weights.at(first + i + 2, high));
      put(out, &word, sizeof(word));
    }
  }
  for (const PackedChannel& channel : quad) put(out, &channel.scale, sizeof(channel.scale));
}

// Header, then quads. Sizes only when `out` is empty.
Result<DspPacked> pack_quads(const void* header, uint32_t header_bytes, const Weights& weights,
                             const ChannelScale* channels, const OutputStage& stage, bool ordered,
                             uint32_t scratch_bytes, MutableBytes out) {
  if (uint64_t{weights.depth} * weights.outputs >= 1U << 26) return Status::kUnsupported;
  for (uint32_t first = 0; first < weights.outputs; first += 4) {
    RUNE_TRY(check_quad(weights, channels, stage, first));
  }
  const DspPacked packed = {header_bytes + static_cast<uint32_t>(gemm_bytes(weights.depth, weights.outputs)),
                            scratch_bytes};
  if (out.empty()) return packed;
  if (out.size() < packed.params_bytes) return Status::kNoMemory;
  uint8_t* at = out.data();
  put(at, header, header_bytes);
  for (uint32_t first = 0; first < weights.outputs; first += 4) {
    write_quad(weights, channels, stage, ordered, first, at);
  }
  return packed;
}

Result<DspPacked> pack_conv_2d(const Plan& plan, MutableBytes out) {
  const auto& params = params_of<Conv2dS8Params>(plan);
  if (params.groups != 1) return Status::kUnsupported;
  const uint32_t inputs = plan.inputs[0].shape.dims[3];
  const uint32_t outputs = plan.outputs[0].shape.dims[3];
  const Conv2dLayout layout = conv_2d_s8_layout(params.window, outputs, inputs);
  const uint32_t depth = uint32_t{params.window.kernel_height} * params.window.kernel_width * inputs;
  const Weights weights = {array_at<int8_t>(plan.params.data(), layout.weights), depth, 1, depth, outputs};
  Conv2dS8DspParams header{};
  header.window = params.window;
  header.stage = stage_of(params.stage, inputs);
  return pack_quads(&header, sizeof(header), weights,
                    array_at<ChannelScale>(plan.params.data(), layout.channels), params.stage,
                    header.stage.ordered != 0, conv_2d_scratch_bytes(depth), out);
}

// One input channel spread over several outputs is an ordinary convolution.
Result<DspPacked> pack_depthwise_as_conv_2d(const Plan& plan, MutableBytes out) {
  const auto& params = params_of<DepthwiseConv2dS8Params>(plan);
  if (plan.inputs[0].shape.dims[3] != 1) return Status::kUnsupported;
  const uint32_t outputs = plan.outputs[0].shape.dims[3];
  const DepthwiseConv2dLayout layout = depthwise_conv_2d_s8_layout(params.window, outputs);
  const uint32_t depth = uint32_t{params.window.kernel_height} * params.window.kernel_width;
  const Weights weights = {array_at<int8_t>(plan.params.data(), layout.weights), 1, outputs, depth, outputs};
  Conv2dS8DspParams header{};
  header.window = params.window;
  header.stage = stage_of(params.stage, 1);
  return pack_quads(&header, sizeof(header), weights,
                    array_at<ChannelScale>(plan.params.data(), layout.channels), params.stage, true,
                    conv_2d_scratch_bytes(depth), out);
}

Result<DspPacked> pack_fully_connected(const Plan& plan, MutableBytes out) {
  const auto& params = params_of<FullyConnectedS8Params>(plan);
  const FullyConnectedLayout layout = fully_connected_s8_layout(params.units, params.depth);
  const Weights weights = {array_at<int8_t>(plan.params.data(), layout.weights), params.depth, 1,
                           params.depth, params.units};
  FullyConnectedS8DspParams header{};
  header.stage = stage_of(params.stage, params.depth);
  header.units = params.units;
  header.depth = params.depth;
  return pack_quads(&header, sizeof(header), weights,
                    array_at<ChannelScale>(plan.params.data(), layout.channels), params.stage,
                    header.stage.ordered != 0, fully_connected_scratch_bytes(params.depth), out);
}

bool has_plane_form(const DepthwiseConv2dS8Params& params, uint32_t channels) {
  const Window& window = params.window;
  return params.depth_multiplier == 1 && channels >= 4 && window.kernel_height == 3 &&
         window.kernel_width == 3 && window.dilation_height == 1 && window.dilation_width == 1 &&
         window.stride_width <= 2 && window.stride_height <= 4096;
}

Result<DspPacked> pack_depthwise(const Plan& plan, MutableBytes out) {
  const auto& params = params_of<DepthwiseConv2dS8Params>(plan);
  const uint32_t channels = plan.outputs[0].shape.dims[3];
  const uint32_t width = plan.outputs[0].shape.dims[2];
  if (!has_plane_form(params, channels) || width >= 1U << 16) return Status::kUnsupported;
  const DepthwiseConv2dLayout layout = depthwise_conv_2d_s8_layout(params.window, channels);
  const auto* scales = array_at<ChannelScale>(plan.params.data(), layout.channels);
  const Weights weights = {array_at<int8_t>(plan.params.data(), layout.weights), 1, channels, 9, channels};
  for (uint32_t channel = 0; channel < channels; ++channel) {
    RUNE_TRY(packed_channel(weights, channel, scales, params.stage).status());
  }
  DepthwiseConv2dS8DspParams header{};
  header.window = params.window;
  header.stage = stage_of(params.stage, 4);
  header.band_rows = std::min<uint32_t>(plan.outputs[0].shape.dims[1], 4096);
  while (header.band_rows > 1 &&
         depthwise_scratch_bytes(params.window, width, header.band_rows) > kPlanesBytes) {
    --header.band_rows;
  }
  const uint64_t scratch = depthwise_scratch_bytes(params.window, width, header.band_rows);
  const DspPacked packed = {static_cast<uint32_t>(sizeof(header) + channels * sizeof(DepthwiseChannel)),
                            static_cast<uint32_t>(scratch)};
  if (out.empty()) return packed;
  if (out.size() < packed.params_bytes) return Status::kNoMemory;
  uint8_t* at = out.data();
  put(at, &header, sizeof(header));
  for (uint32_t channel = 0; channel < channels; ++channel) {
    DepthwiseChannel block{};
    for (uint32_t row = 0; row < 3; ++row) {
      const auto w = [&](uint32_t column) { return 256 * weights.at(channel, row * 3 + column); };
      block.first[row] = lane_pair(w(0), w(1));
      block.second[row] = lane_pair(w(1), w(2));
    }
    const PackedChannel form = packed_channel(weights, channel, scales, params.stage).value();
    block.bias = wrapping_shift_left(form.bias, 8);
    block.scale = form.scale;
    put(at, &block, sizeof(block));
  }
  return packed;
}

}  // namespace

std::span<const DspPacker> dsp_packers() {
  static constexpr DspPacker kPackers[] = {
      {"conv_2d_s8", "conv_2d_s8_dsp", pack_conv_2d},
      {"depthwise_conv_2d_s8", "conv_2d_s8_dsp", pack_depthwise_as_conv_2d},
      {"depthwise_conv_2d_s8", "depthwise_conv_2d_s8_dsp", pack_depthwise},
      {"fully_connected_s8", "fully_connected_s8_dsp", pack_fully_connected},
  };
  return kPackers;
}

}  // namespace rune::kernels
