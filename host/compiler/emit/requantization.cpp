#include "host/compiler/emit/requantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rune::compiler::emit {

Multiplier quantize_multiplier(double real) {
  if (real == 0) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  auto fixed = static_cast<int64_t>(std::round(fraction * static_cast<double>(int64_t{1} << 31)));
  if (fixed == int64_t{1} << 31) {  // the fraction rounded up to one
    fixed /= 2;
    ++shift;
  }
  // Below 2^-31 every int32 rounds to zero; above 2^30 the device's shift would overflow.
  if (shift < -31) return {};
  if (shift > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(fixed), shift};
}

ActivationRange quantized_range(ir::Activation activation, const ir::Tensor& output) {
  const float scale = output.quantization.scale(0);
  const int32_t zero_point = output.quantization.zero_point(0);
  // Far beyond int8, but inside int32: a tiny scale must not overflow the conversion.
  auto quantize = [&](float real) {
    const float stored = std::clamp(std::round(real / scale), -65536.0f, 65536.0f);
    return zero_point + static_cast<int32_t>(stored);
  };
  ActivationRange range;
  switch (activation) {
    case ir::Activation::kNone: break;
    case ir::Activation::kRelu: range.minimum = std::max(range.minimum, quantize(0)); break;
    case ir::Activation::kRelu6:
      range.minimum = std::max(range.minimum, quantize(0));
      range.maximum = std::min(range.maximum, quantize(6));
      break;
    case ir::Activation::kReluN1To1:
      range.minimum = std::max(range.minimum, quantize(-1));
      range.maximum = std::min(range.maximum, quantize(1));
      break;
  }
  return range;
}

std::pair<float, float> float_range(ir::Activation activation) {
  constexpr float kHighest = std::numeric_limits<float>::infinity();
  switch (activation) {
    case ir::Activation::kRelu: return {0.0f, kHighest};
    case ir::Activation::kRelu6: return {0.0f, 6.0f};
    case ir::Activation::kReluN1To1: return {-1.0f, 1.0f};
    case ir::Activation::kNone: break;
  }
  return {-kHighest, kHighest};
}

}  // namespace rune::compiler::emit
