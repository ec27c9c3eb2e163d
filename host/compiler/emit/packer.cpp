// Pieces of parameter blocks that several operators have.
#include <fmt/format.h>

#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {

Diagnostic Source::refuse(std::string what, std::string hint) const {
  return Diagnostic{.where = {.file = graph.source,
                              .node = fmt::format("node {} ({}, {})", node.source_index,
                                                  node.name.substr(0, 60), ir::op_name(node.op))},
                    .what = std::move(what),
                    .hint = std::move(hint)};
}

LoweredNode Source::lowered(const std::string& kernel, size_t inputs) const {
  LoweredNode lowered;
  lowered.kernel = kernel;
  lowered.inputs.assign(node.inputs.begin(), node.inputs.begin() + static_cast<ptrdiff_t>(inputs));
  lowered.outputs = node.outputs;
  return lowered;
}

std::string typed_name(const Source& source) {
  const std::string name = ir::op_name(source.node.op);
  if (!source.is_float()) return name + "_s8";
  const bool weighted = source.node.op == ir::Op::kConv2d || source.node.op == ir::Op::kDepthwiseConv2d ||
                        source.node.op == ir::Op::kFullyConnected;
  return name + (weighted && source.is_hybrid() ? "_f32_s8" : "_f32");
}

kernels::OutputStage output_stage(const Source& source) {
  const ActivationRange range = quantized_range(source.node.activation, source.output());
  return {.input_offset = -source.input(0).quantization.zero_point(0),
          .output_offset = source.output().quantization.zero_point(0),
          .activation_min = range.minimum,
          .activation_max = range.maximum,
          .rounding = static_cast<uint8_t>(source.rounding),
          .reserved = {}};
}

kernels::FloatRange float_stage(const Source& source) {
  const auto [minimum, maximum] = float_range(source.node.activation);
  return {.activation_min = minimum, .activation_max = maximum};
}

Result<kernels::Window, Diagnostic> device_window(const Source& source) {
  const ir::Window& window = source.node.window;
  for (uint32_t value : {window.filter_height, window.filter_width, window.stride_height, window.stride_width,
                         window.dilation_height, window.dilation_width, window.pad_top, window.pad_left}) {
    if (value > UINT16_MAX) {
      return source.refuse(fmt::format("a window of {}, limit {}", value, UINT16_MAX), "a smaller window");
    }
  }
  auto narrow = [](uint32_t value) { return static_cast<uint16_t>(value); };
  return kernels::Window{
      .kernel_height = narrow(window.filter_height),
      .kernel_width = narrow(window.filter_width),
      .stride_height = narrow(window.stride_height),
      .stride_width = narrow(window.stride_width),
      .dilation_height = narrow(window.dilation_height),
      .dilation_width = narrow(window.dilation_width),
      .pad_top = narrow(window.pad_top),
      .pad_left = narrow(window.pad_left),
  };
}

std::vector<kernels::ChannelScale> channel_scales(const Source& source, uint32_t channels) {
  const ir::Quantization& weights = source.input(1).quantization;
  const float input_scale = source.input(0).quantization.scale(0);
  const double output_scale = source.output().quantization.scale(0);
  std::vector<kernels::ChannelScale> scales(channels);
  for (uint32_t channel = 0; channel < channels; ++channel) {
    // TFLite multiplies in double for convolutions and for scales per channel, but in float for a dense layer
    // with one scale; the last bit of the multiplier depends on it.
    const double product =
        source.node.op == ir::Op::kFullyConnected && weights.scales.size() == 1
            ? static_cast<double>(input_scale * weights.scale(0))
            : static_cast<double>(input_scale) * static_cast<double>(weights.scale(channel));
    const Multiplier multiplier = quantize_multiplier(product / output_scale);
    scales[channel] = {.bias = source.has_input(2) ? source.input(2).as<int32_t>()[channel] : 0,
                       .multiplier = multiplier.multiplier,
                       .shift = multiplier.shift};
  }
  return scales;
}

std::vector<float> float_bias(const Source& source, uint32_t channels) {
  std::vector<float> bias(channels, 0.0f);
  if (source.has_input(2)) bias.assign(source.input(2).as<float>(), source.input(2).as<float>() + channels);
  return bias;
}

std::vector<float> weight_scales(const Source& source, uint32_t channels) {
  std::vector<float> scales(channels);
  for (uint32_t channel = 0; channel < channels; ++channel)
    scales[channel] = source.input(1).quantization.scale(channel);
  return scales;
}

}  // namespace rune::compiler::emit
