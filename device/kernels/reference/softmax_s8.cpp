// softmax_s8: the int8 softmax of TFLite, bit for bit. Block: device/kernels/softmax_params.h.
//
// exp() of the difference to the row's largest element in Q5.26, each below 1 and kept as Q0.31; their sum in
// Q12.19; its reciprocal by three Newton steps; products shifted to 1/256. quantisation.md, section 6.
#include <algorithm>
#include <bit>

#include "device/kernels/fixed_point.h"
#include "device/kernels/fixed_point_functions.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/softmax_params.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

constexpr int32_t kSumIntegerBits = 12;

// A row longer than this could overflow the sum, of terms up to 2^19.
constexpr uint32_t kMaxDepth = 4095;

int32_t scaled_exp(const SoftmaxS8Params& params, int32_t difference) {
  const int32_t shifted = wrapping_shift_left(difference, params.left_shift);
  return exp_on_negative_q5_26(rounding_doubling_high_mul(shifted, params.multiplier));
}

void run_row(const SoftmaxS8Params& params, const int8_t* x, int8_t* out, uint32_t depth) {
  const int32_t largest = *std::max_element(x, x + depth);
  int32_t sum = 0;
  for (uint32_t i = 0; i < depth; ++i) {
    const int32_t difference = x[i] - largest;
    if (difference >= params.diff_min)
      sum += rounding_divide_by_pot(scaled_exp(params, difference), kSumIntegerBits);
  }
  // The term of the largest element is 2^19, so the sum is positive and below 2^31.
  const int32_t headroom = std::countl_zero(static_cast<uint32_t>(sum));
  const auto fraction = static_cast<int32_t>((static_cast<uint32_t>(sum) << headroom) - (uint32_t{1} << 31));
  const int32_t reciprocal = one_over_one_plus_x(fraction);
  const int32_t exponent = kSumIntegerBits - headroom + 31 - 8;
  for (uint32_t i = 0; i < depth; ++i) {
    const int32_t difference = x[i] - largest;
    int32_t value = 0;
    // Above exponent 31 every product rounds to 0.
    if (difference >= params.diff_min && exponent <= 31) {
      value = rounding_divide_by_pot(rounding_doubling_high_mul(reciprocal, scaled_exp(params, difference)),
                                     exponent);
    }
    out[i] = static_cast<int8_t>(clamp(value - 128, -128, 127));
  }
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(SoftmaxS8Params)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(SoftmaxS8Params)) return Status::kInvalid;
  const auto& params = params_of<SoftmaxS8Params>(plan);
  const Shape& shape = plan.outputs[0].shape;
  if (shape.rank == 0 || shape.dims[shape.rank - 1] > kMaxDepth) return Status::kInvalid;
  if (params.multiplier < 0 || params.left_shift < 0 || params.left_shift > 30) return Status::kInvalid;
  // Differences go down to -255; those that count must not leave Q5.26.
  if (params.diff_min > 0) return Status::kInvalid;
  const int64_t lowest = std::max<int64_t>(params.diff_min, -255);
  return lowest * (int64_t{1} << params.left_shift) >= INT32_MIN ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const Shape& shape = call.outputs[0].shape;
  const uint32_t depth = shape.dims[shape.rank - 1];
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  for (uint32_t row = shape.elements() / depth; row != 0; --row, x += depth, out += depth) {
    run_row(params_of<SoftmaxS8Params>(call), x, out, depth);
  }
}

}  // namespace

const Kernel kSoftmaxS8 = {"softmax_s8", verify, run, false, nullptr};

}  // namespace rune::kernels
