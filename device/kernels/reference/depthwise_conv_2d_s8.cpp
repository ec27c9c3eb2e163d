// depthwise_conv_2d_s8: the judge of int8 depthwise convolutions. Block: depthwise_conv_2d_params.h.
//
// Channels lie side by side in memory, so the inner loop goes over kChunk of them with the taps outside: one
// sum each in an array small enough for the stack, no address arithmetic and no bounds checks per product.
#include <algorithm>

#include "device/kernels/depthwise_conv_2d_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

constexpr int32_t kChunk = 32;

// Where the window of one output pixel meets the input.
struct Position {
  int32_t y, x;
  Taps ky, kx;
};

struct Run {
  const Call& call;
  const DepthwiseConv2dS8Params& params;
  const ChannelScale* channels;
  const int8_t* weights;
  int32_t inputs, outputs;
};

// Adds the taps of `count` channels from `first` on, each reading its own input channel.
void accumulate_channels(const Run& run, const Position& at, int32_t first, int32_t count, int32_t* sums) {
  const Window& window = run.params.window;
  const auto offset = static_cast<int16_t>(run.params.stage.input_offset);
  for (int32_t j = at.ky.begin; j < at.ky.end; ++j) {
    const auto* row = reinterpret_cast<const int8_t*>(
        run.call.inputs[0].row(static_cast<uint32_t>(at.y + j * window.dilation_height)));
    for (int32_t i = at.kx.begin; i < at.kx.end; ++i) {
      const int8_t* x = row + (at.x + i * window.dilation_width) * run.inputs + first;
      const int8_t* w = run.weights + (j * window.kernel_width + i) * run.outputs + first;
      for (int32_t c = 0; c < count; ++c) {
        const auto a = static_cast<int16_t>(x[c] + offset);
        const int16_t b = w[c];
        sums[c] = wrapping_add(sums[c], a * b);
      }
    }
  }
}

// The same for output channels that all read input channel `input`.
void accumulate_multiplied(const Run& run, const Position& at, int32_t input, int32_t first, int32_t count,
                           int32_t* sums) {
  const Window& window = run.params.window;
  for (int32_t j = at.ky.begin; j < at.ky.end; ++j) {
    const auto* row = reinterpret_cast<const int8_t*>(
        run.call.inputs[0].row(static_cast<uint32_t>(at.y + j * window.dilation_height)));
    for (int32_t i = at.kx.begin; i < at.kx.end; ++i) {
      const int32_t x =
          row[(at.x + i * window.dilation_width) * run.inputs + input] + run.params.stage.input_offset;
      const int8_t* w = run.weights + (j * window.kernel_width + i) * run.outputs + first;
      for (int32_t c = 0; c < count; ++c) sums[c] = wrapping_add(sums[c], x * w[c]);
    }
  }
}

void finish(const Run& run, const int32_t* sums, int32_t first, int32_t count, int8_t* out) {
  const OutputStage& stage = run.params.stage;
  for (int32_t c = 0; c < count; ++c) {
    const ChannelScale& channel = run.channels[first + c];
    const int32_t value =
        requantise(wrapping_add(sums[c], channel.bias), channel.multiplier, channel.shift, stage.rounding);
    out[first + c] = static_cast<int8_t>(
        clamp(wrapping_add(value, stage.output_offset), stage.activation_min, stage.activation_max));
  }
}

void run_pixel(const Run& run, const Position& at, int8_t* out) {
  int32_t sums[kChunk];
  const int32_t multiplier = run.params.depth_multiplier;
  // With multiplier 1 the outputs are one span; else one span for each input channel.
  const int32_t span = multiplier == 1 ? run.outputs : multiplier;
  for (int32_t begin = 0, input = 0; begin < run.outputs; begin += span, ++input) {
    for (int32_t first = begin; first < begin + span; first += kChunk) {
      const int32_t count = std::min(kChunk, begin + span - first);
      std::fill_n(sums, count, 0);
      if (multiplier == 1) {
        accumulate_channels(run, at, first, count, sums);
      } else {
        accumulate_multiplied(run, at, input, first, count, sums);
      }
      finish(run, sums, first, count, out);
    }
  }
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(DepthwiseConv2dS8Params)));
  const Tensor& input = plan.inputs[0];
  const Tensor& output = plan.outputs[0];
  const auto& params = params_of<DepthwiseConv2dS8Params>(plan);
  RUNE_TRY(check_images(input, output));
  RUNE_TRY(check_window(params.window, input, output));
  RUNE_TRY(check_stage(params.stage));
  const uint32_t outputs = output.shape.dims[3];
  if (uint64_t{input.shape.dims[3]} * params.depth_multiplier != outputs) return Status::kInvalid;
  if (depthwise_conv_2d_weights(params.window, outputs) >= 1U << 28 || outputs >= 1U << 24)
    return Status::kTooLarge;
  const DepthwiseConv2dLayout layout = depthwise_conv_2d_s8_layout(params.window, outputs);
  if (plan.params.size() != layout.bytes) return Status::kInvalid;
  return check_channels({array_at<ChannelScale>(plan.params.data(), layout.channels), outputs});
}

void run(const Call& call) {
  const auto& params = params_of<DepthwiseConv2dS8Params>(call);
  const Window& window = params.window;
  const Shape& input = call.inputs[0].shape;
  const Shape& output = call.outputs[0].shape;
  const DepthwiseConv2dLayout layout = depthwise_conv_2d_s8_layout(window, output.dims[3]);
  const Run state = {call,
                     params,
                     array_at<ChannelScale>(call.params, layout.channels),
                     array_at<int8_t>(call.params, layout.weights),
                     static_cast<int32_t>(input.dims[3]),
                     static_cast<int32_t>(output.dims[3])};
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    Position at{};
    at.y = static_cast<int32_t>(row) * window.stride_height - window.pad_top;
    at.ky =
        taps_inside(at.y, window.kernel_height, window.dilation_height, static_cast<int32_t>(input.dims[1]));
    auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row));
    for (uint32_t column = 0; column < output.dims[2]; ++column) {
      at.x = static_cast<int32_t>(column) * window.stride_width - window.pad_left;
      at.kx =
          taps_inside(at.x, window.kernel_width, window.dilation_width, static_cast<int32_t>(input.dims[2]));
      run_pixel(state, at, out);
      out += state.outputs;
    }
  }
}

}  // namespace

const Kernel kDepthwiseConv2dS8 = {"depthwise_conv_2d_s8", verify, run, true, window_input_rows};

}  // namespace rune::kernels
