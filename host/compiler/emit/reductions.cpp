// Packs pools, means and softmaxes: device/kernels/pool_2d_params.h, mean_params.h, softmax_params.h.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "device/kernels/mean_params.h"
#include "device/kernels/pool_2d_params.h"
#include "device/kernels/softmax_params.h"
#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {
namespace {

// TFLite's int8 softmax takes differences as fixed point with five integer bits.
constexpr int kDifferenceIntegerBits = 5;

Multiplier softmax_multiplier(double beta, double input_scale) {
  constexpr double kLargest = 2147483647.0;
  return quantize_multiplier(std::min(beta * input_scale * (1 << (31 - kDifferenceIntegerBits)), kLargest));
}

// The smallest difference whose exponential is not zero, negated.
int32_t difference_radius(int32_t left_shift) {
  const double largest = ((1 << kDifferenceIntegerBits) - 1) *
                         static_cast<double>(1ll << (31 - kDifferenceIntegerBits)) /
                         static_cast<double>(1ll << left_shift);
  return static_cast<int32_t>(std::floor(largest));
}

// A mean seen as [outer][reduced][inner].
struct MeanShape {
  uint32_t outer = 1;
  uint32_t reduced = 1;
  uint32_t inner = 1;
};

std::optional<MeanShape> mean_shape(const Source& source) {
  const std::vector<uint32_t>& axes = source.node.axes;
  if (axes.empty() || axes.back() - axes.front() + 1 != axes.size()) return {};
  MeanShape shape;
  for (uint32_t axis = 0; axis < source.input(0).shape.rank; ++axis) {
    uint32_t& part = axis < axes.front() ? shape.outer : axis > axes.back() ? shape.inner : shape.reduced;
    part *= source.input(0).shape.dims[axis];
  }
  return shape;
}

kernels::MeanS8Params mean_params(const Source& source, const MeanShape& shape) {
  const ir::Quantization& in = source.input(0).quantization;
  const ir::Quantization& out = source.output().quantization;
  Multiplier scale =
      quantize_multiplier(static_cast<double>(in.scale(0)) / static_cast<double>(out.scale(0)));
  // TFLite puts 1 / reduced into the multiplier, with as many bits as fit.
  const int bits = std::min<int>({static_cast<int>(std::bit_width(shape.reduced)) - 1, 32, 31 + scale.shift});
  scale.multiplier = static_cast<int32_t>((int64_t{scale.multiplier} << bits) / shape.reduced);
  scale.shift -= bits;
  return {.outer = shape.outer,
          .reduced = shape.reduced,
          .inner = shape.inner,
          .sum_offset = static_cast<int32_t>(-int64_t{in.zero_point(0)} * shape.reduced),
          .output_offset = out.zero_point(0),
          .multiplier = scale.multiplier,
          .shift = scale.shift,
          .rounding = static_cast<uint8_t>(source.rounding),
          .reserved = {}};
}

}  // namespace

Packed pack_pool(const Source& source) {
  if (source.input(0).shape.dims[0] != 1) {
    return source.refuse(fmt::format("a batch of {}, supported is 1", source.input(0).shape.dims[0]),
                         "exporting with batch size 1");
  }
  Result<kernels::Window, Diagnostic> window = device_window(source);
  if (!window.ok()) return window.error();
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  if (source.is_float()) {
    lowered.params = block_of(kernels::Pool2dF32Params{window.value(), float_stage(source), {}});
  } else {
    const ActivationRange range = quantized_range(source.node.activation, source.output());
    lowered.params = block_of(kernels::Pool2dS8Params{window.value(), range.minimum, range.maximum, {}});
  }
  return lowered;
}

Packed pack_mean(const Source& source) {
  const std::optional<MeanShape> shape = mean_shape(source);
  if (!shape)
    return source.refuse("a mean over axes that are not neighbours", "a mean over height and width");
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  lowered.params = source.is_float()
                       ? block_of(kernels::MeanF32Params{shape->outer, shape->reduced, shape->inner, 0})
                       : block_of(mean_params(source, *shape));
  return lowered;
}

Packed pack_softmax(const Source& source) {
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  if (source.is_float()) {
    lowered.params = block_of(kernels::SoftmaxF32Params{source.node.beta, {}});
    return lowered;
  }
  const Multiplier scale = softmax_multiplier(static_cast<double>(source.node.beta),
                                              static_cast<double>(source.input(0).quantization.scale(0)));
  if (scale.shift < 0)
    return source.refuse("the input's scale is too small", "quantising the input more coarsely");
  lowered.params =
      block_of(kernels::SoftmaxS8Params{scale.multiplier, scale.shift, -difference_radius(scale.shift), 0});
  return lowered;
}

}  // namespace rune::compiler::emit
