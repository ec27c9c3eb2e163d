// log_softmax_s8: the int8 logarithm of softmax of TFLite, bit for bit. Block:
// device/kernels/softmax_params.h.
#include <algorithm>

#include "device/kernels/fixed_point.h"
#include "device/kernels/fixed_point_functions.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/softmax_params.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

constexpr int32_t kSumIntegerBits = 12;
constexpr int32_t kOutputShift = 22;  // from Q5.26 to sixteenths
constexpr uint32_t kMaxDepth = 4095;  // terms of the sum are up to 2^19

void run_row(const LogSoftmaxS8Params& params, const int8_t* x, int8_t* out, uint32_t depth) {
  const int32_t largest = *std::max_element(x, x + depth);
  const auto scaled = [&](int32_t difference) {
    return rounding_doubling_high_mul(wrapping_shift_left(difference, params.left_shift), params.multiplier);
  };
  int32_t sum = 0;
  for (uint32_t i = 0; i < depth; ++i) {
    const int32_t difference = x[i] - largest;
    if (difference < params.diff_min) continue;
    sum += rounding_divide_by_pot(exp_on_negative_q5_26(scaled(difference)), kSumIntegerBits);
  }
  const int32_t log_sum = log_of_q12_19(sum);
  // Differences for which the result would leave Q5.26.
  const int32_t reach =
      requantise_double(log_sum + INT32_MIN, params.reverse_multiplier, -params.reverse_right_shift);
  const int32_t least = std::max(params.diff_min - 1, reach);
  for (uint32_t i = 0; i < depth; ++i) {
    const int32_t difference = x[i] - largest;
    int32_t value = -128;
    if (difference > least) {
      // At the edge of Q5.26 the comparison above is rounded: saturate.
      const int64_t logarithm = std::max<int64_t>(int64_t{scaled(difference)} - log_sum, INT32_MIN);
      value = clamp(rounding_divide_by_pot(static_cast<int32_t>(logarithm), kOutputShift) + 127, -128, 127);
    }
    out[i] = static_cast<int8_t>(value);
  }
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(LogSoftmaxS8Params)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(LogSoftmaxS8Params)) return Status::kInvalid;
  const auto& params = params_of<LogSoftmaxS8Params>(plan);
  const Shape& shape = plan.outputs[0].shape;
  if (shape.rank == 0 || shape.dims[shape.rank - 1] > kMaxDepth) return Status::kInvalid;
  if (params.multiplier < 0 || params.left_shift < 0 || params.left_shift > 30) return Status::kInvalid;
  if (params.reverse_right_shift < -30 || params.reverse_right_shift > 31) return Status::kInvalid;
  RUNE_TRY(check_multiplier(params.reverse_multiplier, -params.reverse_right_shift));
  // Differences go down to -255; those that count must not leave Q5.26.
  if (params.diff_min > 0 || params.diff_min < -65536) return Status::kInvalid;
  const int64_t lowest = std::max<int64_t>(params.diff_min, -255);
  return lowest * (int64_t{1} << params.left_shift) >= INT32_MIN ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const Shape& shape = call.outputs[0].shape;
  const uint32_t depth = shape.dims[shape.rank - 1];
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  for (uint32_t row = shape.elements() / depth; row != 0; --row, x += depth, out += depth) {
    run_row(params_of<LogSoftmaxS8Params>(call), x, out, depth);
  }
}

}  // namespace

const Kernel kLogSoftmaxS8 = {"log_softmax_s8", verify, run, false, nullptr};

}  // namespace rune::kernels
