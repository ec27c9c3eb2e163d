// Packs conv_2d_* and depthwise_conv_2d_*: see device/kernels/conv_2d_params.h, depthwise_conv_2d_params.h.
#include <fmt/format.h>

#include "device/kernels/conv_2d_params.h"
#include "device/kernels/depthwise_conv_2d_params.h"
#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {
namespace {

constexpr uint64_t kMaxWeights = uint64_t{1} << 28;

std::optional<Diagnostic> check_layer(const Source& source) {
  if (source.input(0).shape.dims[0] != 1) {
    return source.refuse(fmt::format("a batch of {}, supported is 1", source.input(0).shape.dims[0]),
                         "exporting with batch size 1");
  }
  if (source.input(1).shape.elements() >= kMaxWeights)
    return source.refuse("too many weights", "a smaller layer");
  return {};
}

// Everything after the fixed struct: the same for both operators but for the layout.
template <typename Layout>
void put_arrays(Block& block, const Source& source, const Layout& layout) {
  const uint32_t channels = source.output().shape.dims[3];
  if (source.is_float()) {
    block.put_all(layout.channels, float_bias(source, channels));
    if (source.is_hybrid()) block.put_all(layout.scales, weight_scales(source, channels));
  } else {
    block.put_all(layout.channels, channel_scales(source, channels));
  }
  block.put_all(layout.weights, source.input(1).data);
}

}  // namespace

Packed pack_convolution(const Source& source) {
  if (std::optional<Diagnostic> refusal = check_layer(source)) return *refusal;
  Result<kernels::Window, Diagnostic> window = device_window(source);
  if (!window.ok()) return window.error();
  const uint32_t outputs = source.output().shape.dims[3];
  const uint32_t group_channels = source.input(1).shape.dims[3];
  const uint32_t groups = source.input(0).shape.dims[3] / group_channels;
  if (groups > UINT16_MAX) return source.refuse(fmt::format("{} groups", groups), "fewer groups");
  const auto narrow_groups = static_cast<uint16_t>(groups);
  const kernels::Conv2dLayout layout =
      !source.is_float()   ? kernels::conv_2d_s8_layout(window.value(), outputs, group_channels)
      : source.is_hybrid() ? kernels::conv_2d_f32_s8_layout(window.value(), outputs, group_channels)
                           : kernels::conv_2d_f32_layout(window.value(), outputs, group_channels);
  Block block(layout.bytes);
  if (source.is_float()) {
    block.put(0, kernels::Conv2dF32Params{window.value(), float_stage(source), narrow_groups, 0, 0});
  } else {
    block.put(0, kernels::Conv2dS8Params{window.value(), output_stage(source), narrow_groups, 0, {}});
  }
  put_arrays(block, source, layout);
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  lowered.params = block.take();
  return lowered;
}

Packed pack_depthwise_convolution(const Source& source) {
  if (std::optional<Diagnostic> refusal = check_layer(source)) return *refusal;
  Result<kernels::Window, Diagnostic> window = device_window(source);
  if (!window.ok()) return window.error();
  const uint32_t outputs = source.output().shape.dims[3];
  if (source.node.depth_multiplier > UINT16_MAX)
    return source.refuse("a depth multiplier above 65535", "a smaller one");
  const auto multiplier = static_cast<uint16_t>(source.node.depth_multiplier);
  const kernels::DepthwiseConv2dLayout layout =
      !source.is_float()   ? kernels::depthwise_conv_2d_s8_layout(window.value(), outputs)
      : source.is_hybrid() ? kernels::depthwise_conv_2d_f32_s8_layout(window.value(), outputs)
                           : kernels::depthwise_conv_2d_f32_layout(window.value(), outputs);
  Block block(layout.bytes);
  if (source.is_float()) {
    block.put(0, kernels::DepthwiseConv2dF32Params{window.value(), float_stage(source), multiplier, 0, 0});
  } else {
    block.put(0, kernels::DepthwiseConv2dS8Params{window.value(), output_stage(source), multiplier, 0, {}});
  }
  put_arrays(block, source, layout);
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  lowered.params = block.take();
  return lowered;
}

}  // namespace rune::compiler::emit
