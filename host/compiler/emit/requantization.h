// Real multipliers as fixed point, exactly as TensorFlow Lite computes them.
//
// A requantised accumulator is real_multiplier * accumulator, real_multiplier = input scale * weight scale /
// output scale in double precision. It is stored as a 31-bit multiplier in [2^30, 2^31) and a power of two:
// real = multiplier * 2^(shift - 31). Bit-exactness with TFLite starts here, so nothing may be reassociated.
#pragma once

#include <cstdint>
#include <utility>

#include "host/compiler/ir/ir.h"

namespace rune::compiler::emit {

struct Multiplier {
  int32_t multiplier = 0;
  int32_t shift = 0;  // positive: to the left
};

Multiplier quantize_multiplier(double real);

// The stored values that an activation allows, between the element type's limits.
struct ActivationRange {
  int32_t minimum = -128;
  int32_t maximum = 127;
};
// Requires an int8 tensor with one scale.
ActivationRange quantized_range(ir::Activation activation, const ir::Tensor& output);

// The same in real numbers; infinite where there is no bound.
std::pair<float, float> float_range(ir::Activation activation);

}  // namespace rune::compiler::emit
