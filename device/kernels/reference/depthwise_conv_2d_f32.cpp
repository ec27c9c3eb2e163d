// depthwise_conv_2d_f32, and depthwise_conv_2d_f32_s8 with int8 weights and a scale for each output channel.
// Block: device/kernels/depthwise_conv_2d_params.h. Products are added in the order kernel row, kernel
// column.
#include "device/kernels/depthwise_conv_2d_params.h"
#include "device/kernels/float_math.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

template <typename Weight>
constexpr DepthwiseConv2dLayout layout_of(const Window& window, uint32_t outputs) {
  if constexpr (sizeof(Weight) == 1) return depthwise_conv_2d_f32_s8_layout(window, outputs);
  return depthwise_conv_2d_f32_layout(window, outputs);
}

template <typename Weight>
Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(DepthwiseConv2dF32Params)));
  const Tensor& input = plan.inputs[0];
  const Tensor& output = plan.outputs[0];
  const auto& params = params_of<DepthwiseConv2dF32Params>(plan);
  RUNE_TRY(check_images(input, output));
  RUNE_TRY(check_window(params.window, input, output));
  const uint32_t outputs = output.shape.dims[3];
  if (uint64_t{input.shape.dims[3]} * params.depth_multiplier != outputs) return Status::kInvalid;
  if (depthwise_conv_2d_weights(params.window, outputs) >= 1U << 28 || outputs >= 1U << 24)
    return Status::kTooLarge;
  return plan.params.size() == layout_of<Weight>(params.window, outputs).bytes ? Status::kOk
                                                                               : Status::kInvalid;
}

template <typename Weight>
void run(const Call& call) {
  const auto& params = params_of<DepthwiseConv2dF32Params>(call);
  const Window& window = params.window;
  const Tensor& input = call.inputs[0];
  const auto& in = input.shape.dims;
  const auto channels = static_cast<int32_t>(in[3]);
  const auto outputs = static_cast<int32_t>(call.outputs[0].shape.dims[3]);
  const DepthwiseConv2dLayout layout = layout_of<Weight>(window, static_cast<uint32_t>(outputs));
  const auto* bias = array_at<float>(call.params, layout.channels);
  const auto* scales = array_at<float>(call.params, layout.scales);
  const auto* weights = array_at<Weight>(call.params, layout.weights);
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const int32_t y = static_cast<int32_t>(row) * window.stride_height - window.pad_top;
    const Taps ky = taps_inside(y, window.kernel_height, window.dilation_height, static_cast<int32_t>(in[1]));
    auto* out = reinterpret_cast<float*>(call.outputs[0].row(row));
    for (uint32_t column = 0; column < call.outputs[0].shape.dims[2]; ++column) {
      const int32_t x = static_cast<int32_t>(column) * window.stride_width - window.pad_left;
      const Taps kx = taps_inside(x, window.kernel_width, window.dilation_width, static_cast<int32_t>(in[2]));
      for (int32_t c = 0; c < outputs; ++c) {
        float sum = 0;
        for (int32_t j = ky.begin; j < ky.end; ++j) {
          const auto* cells = reinterpret_cast<const float*>(
              input.row(static_cast<uint32_t>(y + j * window.dilation_height)));
          for (int32_t i = kx.begin; i < kx.end; ++i) {
            sum += cells[(x + i * window.dilation_width) * channels + c / params.depth_multiplier] *
                   static_cast<float>(weights[(j * window.kernel_width + i) * outputs + c]);
          }
        }
        if constexpr (sizeof(Weight) == 1) sum *= scales[c];
        *out++ = clamp_f32(sum + bias[c], params.range.activation_min, params.range.activation_max);
      }
    }
  }
}

}  // namespace

const Kernel kDepthwiseConv2dF32 = {"depthwise_conv_2d_f32", verify<float>, run<float>, true,
                                    window_input_rows};
const Kernel kDepthwiseConv2dF32S8 = {"depthwise_conv_2d_f32_s8", verify<int8_t>, run<int8_t>, true,
                                      window_input_rows};

}  // namespace rune::kernels
