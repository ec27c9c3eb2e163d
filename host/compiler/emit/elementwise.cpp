// Packs additions, stand-alone activations, changes of number format, transposes:
// device/kernels/add_params.h, elementwise_params.h.
#include <algorithm>
#include <cmath>

#include "device/kernels/add_params.h"
#include "device/kernels/elementwise_params.h"
#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {
namespace {

// Bits that TFLite shifts int8 operands up by before bringing them to a common scale.
constexpr int kAddLeftShift = 20;

kernels::AddS8Params add_params(const Source& source) {
  const ir::Quantization& first = source.input(0).quantization;
  const ir::Quantization& second = source.input(1).quantization;
  const ir::Quantization& out = source.output().quantization;
  const double twice_larger = 2 * static_cast<double>(std::max(first.scale(0), second.scale(0)));
  const Multiplier a = quantize_multiplier(static_cast<double>(first.scale(0)) / twice_larger);
  const Multiplier b = quantize_multiplier(static_cast<double>(second.scale(0)) / twice_larger);
  const Multiplier c =
      quantize_multiplier(twice_larger / ((1 << kAddLeftShift) * static_cast<double>(out.scale(0))));
  const ActivationRange range = quantized_range(source.node.activation, source.output());
  return {.first_offset = -first.zero_point(0),
          .first_multiplier = a.multiplier,
          .first_shift = a.shift,
          .second_offset = -second.zero_point(0),
          .second_multiplier = b.multiplier,
          .second_shift = b.shift,
          .output_offset = out.zero_point(0),
          .output_multiplier = c.multiplier,
          .output_shift = c.shift,
          .left_shift = kAddLeftShift,
          .activation_min = range.minimum,
          .activation_max = range.maximum,
          .rounding = static_cast<uint8_t>(source.rounding),
          .reserved = {}};
}

// From one int8 scale to another, clamped by the node's activation.
ByteVector requantize_params(const Source& source) {
  const double ratio = static_cast<double>(source.input(0).quantization.scale(0)) /
                       static_cast<double>(source.output().quantization.scale(0));
  const Multiplier scale = quantize_multiplier(ratio);
  return block_of(kernels::RequantizeS8Params{output_stage(source), scale.multiplier, scale.shift, 0});
}

kernels::QuantizeParams quantize_params(const ir::Quantization& quantization) {
  return {.scale = quantization.scale(0), .zero_point = quantization.zero_point(0), .reserved = {}};
}

}  // namespace

Packed pack_add(const Source& source) {
  LoweredNode lowered = source.lowered(typed_name(source), 2);
  lowered.params = source.is_float() ? block_of(kernels::AddF32Params{float_stage(source), {}})
                                     : block_of(add_params(source));
  lowered.needs.in_place_inputs = 0b11;
  return lowered;
}

Packed pack_relu(const Source& source) {
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  lowered.params = source.is_float() ? block_of(kernels::ClampF32Params{float_stage(source), {}})
                                     : requantize_params(source);
  lowered.needs.in_place_inputs = 0b1;
  return lowered;
}

Packed pack_quantize(const Source& source) {
  if (source.is_float()) {
    LoweredNode lowered = source.lowered("quantize_f32_s8", 1);
    lowered.params = block_of(quantize_params(source.output().quantization));
    return lowered;
  }
  LoweredNode lowered = source.lowered("requantize_s8", 1);
  lowered.params = requantize_params(source);
  lowered.needs.in_place_inputs = 0b1;
  return lowered;
}

Packed pack_dequantize(const Source& source) {
  LoweredNode lowered = source.lowered("dequantize_s8_f32", 1);
  lowered.params = block_of(quantize_params(source.input(0).quantization));
  return lowered;
}

Packed pack_transpose(const Source& source) {
  kernels::TransposeParams params{};
  for (size_t i = 0; i < source.node.axes.size(); ++i)
    params.permutation[i] = static_cast<uint8_t>(source.node.axes[i]);
  LoweredNode lowered = source.lowered("transpose", 1);
  lowered.params = block_of(params);
  return lowered;
}

}  // namespace rune::compiler::emit
