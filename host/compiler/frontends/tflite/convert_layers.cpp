// Convolutions, dense layers and pools of a .tflite file: options, weights, windows.
#include <fmt/format.h>

#include <algorithm>

#include "host/compiler/frontends/tflite/importer_internal.h"

namespace rune::compiler::tflite {
namespace {

constexpr char kDamaged[] = "copying or exporting it again: the file is damaged";
// Strides, filters and dilations beyond this mean a damaged file.
constexpr int32_t kMaxWindow = 1 << 15;

Refusal set_window_value(Context& context, const char* what, int32_t value, uint32_t& out) {
  if (value < 1 || value > kMaxWindow) return context.refuse(fmt::format("{} of {}", what, value), kDamaged);
  out = static_cast<uint32_t>(value);
  return {};
}

// Options that both convolutions have under the same names.
template <typename Options>
Refusal set_convolution_options(Context& context, const Options& options) {
  ir::Window& window = context.node.window;
  const ir::Tensor& weights = context.input(1);
  window.filter_height = weights.shape.dims[1];
  window.filter_width = weights.shape.dims[2];
  if (Refusal refusal = set_window_value(context, "stride", options.stride_h(), window.stride_height))
    return refusal;
  if (Refusal refusal = set_window_value(context, "stride", options.stride_w(), window.stride_width))
    return refusal;
  if (Refusal refusal =
          set_window_value(context, "dilation", options.dilation_h_factor(), window.dilation_height)) {
    return refusal;
  }
  if (Refusal refusal =
          set_window_value(context, "dilation", options.dilation_w_factor(), window.dilation_width)) {
    return refusal;
  }
  if (Refusal refusal = set_padding(context, options.padding())) return refusal;
  return set_activation(context, options.fused_activation_function());
}

// One axis of SAME or VALID: the leading padding and the output's size; size 0 when nothing fits.
struct Axis {
  uint32_t pad = 0;
  uint32_t size = 0;
};
Axis place_window(uint32_t input, uint32_t filter, uint32_t stride, uint32_t dilation, Padding padding) {
  const uint64_t reach = uint64_t{filter - 1} * dilation + 1;
  if (padding == Padding::VALID) {
    return {0, reach > input ? 0 : static_cast<uint32_t>((input - reach) / stride + 1)};
  }
  const uint32_t size = (input + stride - 1) / stride;
  const uint64_t needed = uint64_t{size - 1} * stride + reach;
  return {needed > input ? static_cast<uint32_t>((needed - input) / 2) : 0, size};
}

Refusal check_bias(const Context& context, uint32_t channels, const ir::Tensor& input) {
  if (!context.has_input(2)) return {};
  const ir::Tensor& bias = context.input(2);
  const ElementType expected = input.element == ElementType::kF32 ? ElementType::kF32 : ElementType::kI32;
  if (!bias.constant || bias.element != expected || bias.shape.elements() != channels) {
    return context.refuse(
        fmt::format("the bias is {}, it must be a constant {}[{}]", ir::to_text(bias.element, bias.shape),
                    element_name(expected), channels),
        "exporting it again");
  }
  return {};
}

Refusal check_images(const Context& context) {
  const ir::Tensor& input = context.input(0);
  const ir::Tensor& output = context.output();
  if (input.shape.rank != 4 || output.shape.rank != 4 || input.shape.dims[0] != output.shape.dims[0]) {
    return context.refuse(
        fmt::format("{} becomes {}, both must be [batch, height, width, channels]",
                    ir::to_text(input.element, input.shape), ir::to_text(output.element, output.shape)),
        "exporting it again");
  }
  if (Refusal refusal = check_activation_type(context, input)) return refusal;
  if (Refusal refusal = check_activation_type(context, output)) return refusal;
  if (input.element != output.element)
    return context.refuse("mixes int8 and float32", "one element type on both sides");
  return {};
}

Refusal check_weighted_arity(const Context& context) {
  if (context.inputs() < 2 || context.inputs() > 3 || context.node.outputs.size() != 1 ||
      !context.has_input(0) || !context.has_input(1)) {
    return context.refuse("needs an input, weights and perhaps a bias", kDamaged);
  }
  return {};
}

Refusal convert_convolution(Context& context) {
  const auto* options = context.source.builtin_options_as_Conv2DOptions();
  if (options == nullptr) return context.refuse("has no options", kDamaged);
  if (Refusal refusal = check_weighted_arity(context)) return refusal;
  if (Refusal refusal = check_images(context)) return refusal;
  const ir::Tensor& weights = context.input(1);
  if (weights.shape.rank != 4 || weights.shape.dims[0] != context.output().shape.dims[3]) {
    return context.refuse("the weights do not fit the output", kDamaged);
  }
  const uint32_t group_channels = weights.shape.dims[3];
  const uint32_t channels = context.input(0).shape.dims[3];
  if (channels % group_channels != 0 || weights.shape.dims[0] % (channels / group_channels) != 0) {
    return context.refuse(fmt::format("weights for {} channels on an input of {}", group_channels, channels),
                          kDamaged);
  }
  if (Refusal refusal = check_weights(context, 0)) return refusal;
  context.node.op = ir::Op::kConv2d;
  return set_convolution_options(context, *options);
}

Refusal convert_depthwise_convolution(Context& context) {
  const auto* options = context.source.builtin_options_as_DepthwiseConv2DOptions();
  if (options == nullptr) return context.refuse("has no options", kDamaged);
  if (Refusal refusal = check_weighted_arity(context)) return refusal;
  if (Refusal refusal = check_images(context)) return refusal;
  const ir::Tensor& weights = context.input(1);
  const uint32_t in = context.input(0).shape.dims[3];
  const uint32_t out = context.output().shape.dims[3];
  if (weights.shape.rank != 4 || weights.shape.dims[0] != 1 || weights.shape.dims[3] != out ||
      out % in != 0) {
    return context.refuse("the weights do not fit input and output", kDamaged);
  }
  if (Refusal refusal = check_weights(context, 3)) return refusal;
  context.node.op = ir::Op::kDepthwiseConv2d;
  context.node.depth_multiplier = out / in;
  return set_convolution_options(context, *options);
}

Refusal convert_fully_connected(Context& context) {
  const auto* options = context.source.builtin_options_as_FullyConnectedOptions();
  if (options == nullptr) return context.refuse("has no options", kDamaged);
  if (options->weights_format() != 0)
    return context.refuse("shuffled weights are not supported", "the default format");
  if (Refusal refusal = check_weighted_arity(context)) return refusal;
  const ir::Tensor& input = context.input(0);
  const ir::Tensor& weights = context.input(1);
  const ir::Tensor& output = context.output();
  if (Refusal refusal = check_activation_type(context, input)) return refusal;
  if (Refusal refusal = check_activation_type(context, output)) return refusal;
  if (input.element != output.element)
    return context.refuse("mixes int8 and float32", "one element type on both sides");
  if (weights.shape.rank != 2 || input.shape.elements() % weights.shape.dims[1] != 0 ||
      uint64_t{input.shape.elements() / weights.shape.dims[1]} * weights.shape.dims[0] !=
          output.shape.elements()) {
    return context.refuse(
        fmt::format("{} by {} does not make {}", ir::to_text(input.element, input.shape),
                    ir::to_text(weights.element, weights.shape), ir::to_text(output.element, output.shape)),
        kDamaged);
  }
  if (Refusal refusal = check_weights(context, 0)) return refusal;
  context.node.op = ir::Op::kFullyConnected;
  return set_activation(context, options->fused_activation_function());
}

Refusal convert_pool(Context& context, ir::Op op) {
  const auto* options = context.source.builtin_options_as_Pool2DOptions();
  if (options == nullptr) return context.refuse("has no options", kDamaged);
  if (context.inputs() != 1 || !context.has_input(0) || context.node.outputs.size() != 1) {
    return context.refuse("needs one input and one output", kDamaged);
  }
  if (Refusal refusal = check_images(context)) return refusal;
  const ir::Tensor& input = context.input(0);
  const ir::Tensor& output = context.output();
  if (input.shape.dims[3] != output.shape.dims[3])
    return context.refuse("changes the number of channels", kDamaged);
  if (input.element == ElementType::kI8 &&
      (input.quantization.scale(0) != output.quantization.scale(0) ||
       input.quantization.zero_point(0) != output.quantization.zero_point(0))) {
    return context.refuse("input and output have different scales", "a converter that keeps them equal");
  }
  ir::Window& window = context.node.window;
  if (Refusal refusal = set_window_value(context, "filter", options->filter_height(), window.filter_height))
    return refusal;
  if (Refusal refusal = set_window_value(context, "filter", options->filter_width(), window.filter_width))
    return refusal;
  if (Refusal refusal = set_window_value(context, "stride", options->stride_h(), window.stride_height))
    return refusal;
  if (Refusal refusal = set_window_value(context, "stride", options->stride_w(), window.stride_width))
    return refusal;
  if (Refusal refusal = set_padding(context, options->padding())) return refusal;
  context.node.op = op;
  return set_activation(context, options->fused_activation_function());
}

}  // namespace

Refusal check_weights(const Context& context, uint32_t channel_axis) {
  const ir::Tensor& input = context.input(0);
  const ir::Tensor& weights = context.input(1);
  const uint32_t channels = weights.shape.dims[channel_axis];
  if (!weights.constant) return context.refuse("the weights are computed at run time", "constant weights");
  const bool hybrid = input.element == ElementType::kF32 && weights.element == ElementType::kI8;
  if (weights.element != input.element && !hybrid) {
    return context.refuse(fmt::format("{} weights on {} activations", element_name(weights.element),
                                      element_name(input.element)),
                          "int8 on int8, or float32 or int8 on float32");
  }
  if (weights.element == ElementType::kI8) {
    const ir::Quantization& quantization = weights.quantization;
    const size_t scales = quantization.scales.size();
    if (scales != 1 && (scales != channels || quantization.axis != channel_axis)) {
      return context.refuse(fmt::format("{} scales on axis {} of the weights, needed are 1 or {} on axis {}",
                                        scales, quantization.axis, channels, channel_axis),
                            "quantising per tensor or per output channel");
    }
    for (int32_t zero_point : quantization.zero_points) {
      if (zero_point != 0)
        return context.refuse("the weights' zero point is not 0", "symmetric int8 weights");
    }
  }
  return check_bias(context, channels, input);
}

Refusal set_padding(Context& context, Padding padding) {
  if (padding != Padding::SAME && padding != Padding::VALID)
    return context.refuse("unknown padding", kDamaged);
  ir::Window& window = context.node.window;
  const Shape& in = context.input(0).shape;
  const Shape& out = context.output().shape;
  const Axis vertical =
      place_window(in.dims[1], window.filter_height, window.stride_height, window.dilation_height, padding);
  const Axis horizontal =
      place_window(in.dims[2], window.filter_width, window.stride_width, window.dilation_width, padding);
  if (vertical.size != out.dims[1] || horizontal.size != out.dims[2]) {
    return context.refuse(fmt::format("the window makes {}x{}, the output has {}x{}", vertical.size,
                                      horizontal.size, out.dims[1], out.dims[2]),
                          kDamaged);
  }
  window.pad_top = vertical.pad;
  window.pad_left = horizontal.pad;
  return {};
}

Refusal convert_layer(BuiltinOperator code, Context& context) {
  switch (code) {
    case BuiltinOperator::CONV_2D: return convert_convolution(context);
    case BuiltinOperator::DEPTHWISE_CONV_2D: return convert_depthwise_convolution(context);
    case BuiltinOperator::FULLY_CONNECTED: return convert_fully_connected(context);
    case BuiltinOperator::MAX_POOL_2D: return convert_pool(context, ir::Op::kMaxPool2d);
    default: return convert_pool(context, ir::Op::kAveragePool2d);
  }
}

}  // namespace rune::compiler::tflite
