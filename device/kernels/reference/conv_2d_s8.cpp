// conv_2d_s8: the judge of int8 convolutions. Block: device/kernels/conv_2d_params.h.
//
// Cells outside the input are left out of the sum: they count as the zero point, which the input offset turns
// into 0. With dilation 1 the taps of a kernel row that lie inside are one run of bytes, in the input and in
// the weights, so the inner loop is a plain dot product.
#include "device/kernels/conv_2d_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

struct Geometry {
  Window window;
  int32_t height, width, channels, outputs;
  int32_t group_channels, group_outputs;
  int16_t input_offset;
};

int32_t dot(const int8_t* x, const int8_t* w, int32_t count, int16_t offset) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    const auto a = static_cast<int16_t>(x[i] + offset);
    const int16_t b = w[i];
    sum += static_cast<uint32_t>(a * b);
  }
  return static_cast<int32_t>(sum);
}

// The sum of one output value; `weights` are the output channel's.
int32_t accumulate(const Geometry& g, const Tensor& input, Taps ky, Taps kx, int32_t y, int32_t x,
                   int32_t group, const int8_t* weights) {
  int32_t sum = 0;
  for (int32_t j = ky.begin; j < ky.end; ++j) {
    const auto* row =
        reinterpret_cast<const int8_t*>(input.row(static_cast<uint32_t>(y + j * g.window.dilation_height)));
    const int8_t* w = weights + (j * g.window.kernel_width + kx.begin) * g.group_channels;
    const int8_t* cell =
        row + (x + kx.begin * g.window.dilation_width) * g.channels + group * g.group_channels;
    if (g.window.dilation_width == 1 && g.group_channels == g.channels) {
      sum = wrapping_add(sum, dot(cell, w, (kx.end - kx.begin) * g.channels, g.input_offset));
      continue;
    }
    for (int32_t i = kx.begin; i < kx.end; ++i) {
      sum = wrapping_add(sum, dot(cell, w, g.group_channels, g.input_offset));
      cell += g.window.dilation_width * g.channels;
      w += g.group_channels;
    }
  }
  return sum;
}

void run_row(const Geometry& g, const Call& call, uint32_t row) {
  const auto& params = params_of<Conv2dS8Params>(call);
  const Conv2dLayout layout =
      conv_2d_s8_layout(g.window, static_cast<uint32_t>(g.outputs), static_cast<uint32_t>(g.group_channels));
  const auto* channels = array_at<ChannelScale>(call.params, layout.channels);
  const auto* weights = array_at<int8_t>(call.params, layout.weights);
  const int32_t channel_weights = g.window.kernel_height * g.window.kernel_width * g.group_channels;
  const OutputStage& stage = params.stage;
  const int32_t y = static_cast<int32_t>(row) * g.window.stride_height - g.window.pad_top;
  const Taps ky = taps_inside(y, g.window.kernel_height, g.window.dilation_height, g.height);
  auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row));
  const auto out_width = static_cast<int32_t>(call.outputs[0].shape.dims[2]);
  for (int32_t column = 0; column < out_width; ++column) {
    const int32_t x = column * g.window.stride_width - g.window.pad_left;
    const Taps kx = taps_inside(x, g.window.kernel_width, g.window.dilation_width, g.width);
    for (int32_t c = 0; c < g.outputs; ++c) {
      const int32_t group = params.groups == 1 ? 0 : c / g.group_outputs;
      const int32_t sum = accumulate(g, call.inputs[0], ky, kx, y, x, group, weights + c * channel_weights);
      const int32_t value = requantise(wrapping_add(sum, channels[c].bias), channels[c].multiplier,
                                       channels[c].shift, stage.rounding);
      *out++ = static_cast<int8_t>(
          clamp(wrapping_add(value, stage.output_offset), stage.activation_min, stage.activation_max));
    }
  }
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(Conv2dS8Params)));
  const Tensor& input = plan.inputs[0];
  const Tensor& output = plan.outputs[0];
  const auto& params = params_of<Conv2dS8Params>(plan);
  RUNE_TRY(check_images(input, output));
  RUNE_TRY(check_window(params.window, input, output));
  RUNE_TRY(check_stage(params.stage));
  const uint32_t channels = input.shape.dims[3];
  const uint32_t outputs = output.shape.dims[3];
  if (params.groups == 0 || channels % params.groups != 0 || outputs % params.groups != 0)
    return Status::kInvalid;
  const uint32_t group_channels = channels / params.groups;
  if (conv_2d_weights(params.window, outputs, group_channels) >= 1U << 28 || outputs >= 1U << 24)
    return Status::kTooLarge;
  const Conv2dLayout layout = conv_2d_s8_layout(params.window, outputs, group_channels);
  if (plan.params.size() != layout.bytes) return Status::kInvalid;
  return check_channels({array_at<ChannelScale>(plan.params.data(), layout.channels), outputs});
}

void run(const Call& call) {
  const auto& params = params_of<Conv2dS8Params>(call);
  const auto& in = call.inputs[0].shape.dims;
  const auto outputs = static_cast<int32_t>(call.outputs[0].shape.dims[3]);
  const auto channels = static_cast<int32_t>(in[3]);
  const Geometry geometry = {params.window,
                             static_cast<int32_t>(in[1]),
                             static_cast<int32_t>(in[2]),
                             channels,
                             outputs,
                             channels / params.groups,
                             outputs / params.groups,
                             static_cast<int16_t>(params.stage.input_offset)};
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) run_row(geometry, call, row);
}

}  // namespace

const Kernel kConv2dS8 = {"conv_2d_s8", verify, run, true, window_input_rows};

}  // namespace rune::kernels
