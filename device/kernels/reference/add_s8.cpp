// add_s8: sum of two int8 tensors of different scales. Block: device/kernels/add_params.h.
#include "device/format/model_image.h"
#include "device/kernels/add_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

int8_t add(const AddS8Params& params, int8_t first, int8_t second) {
  const int32_t a = (first + params.first_offset) * (1 << params.left_shift);
  const int32_t b = (second + params.second_offset) * (1 << params.left_shift);
  const int32_t sum =
      wrapping_add(requantise(a, params.first_multiplier, params.first_shift, params.rounding),
                   requantise(b, params.second_multiplier, params.second_shift, params.rounding));
  const int32_t value = requantise(sum, params.output_multiplier, params.output_shift, params.rounding);
  return static_cast<int8_t>(
      clamp(wrapping_add(value, params.output_offset), params.activation_min, params.activation_max));
}

Status check_offset(int32_t offset) {
  return offset >= -127 && offset <= 128 ? Status::kOk : Status::kInvalid;
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8, ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(AddS8Params)));
  if (plan.params.size() != sizeof(AddS8Params)) return Status::kInvalid;
  const auto& params = params_of<AddS8Params>(plan);
  RUNE_TRY(check_offset(params.first_offset));
  RUNE_TRY(check_offset(params.second_offset));
  RUNE_TRY(check_multiplier(params.first_multiplier, params.first_shift));
  RUNE_TRY(check_multiplier(params.second_multiplier, params.second_shift));
  RUNE_TRY(check_multiplier(params.output_multiplier, params.output_shift));
  RUNE_TRY(check_range(params.activation_min, params.activation_max));
  // 256 << 22 is below 2^31.
  if (params.left_shift < 0 || params.left_shift > 22 || params.rounding > 1) return Status::kInvalid;
  for (const Tensor& input : plan.inputs) {
    if (input.shape.elements() != 1) RUNE_TRY(check_same_shape(input, plan.outputs[0]));
  }
  return Status::kOk;
}

void run(const Call& call) {
  const auto& params = params_of<AddS8Params>(call);
  const Tensor& output = call.outputs[0];
  const uint32_t first_step = call.inputs[0].shape.elements() == 1 ? 0 : 1;
  const uint32_t second_step = call.inputs[1].shape.elements() == 1 ? 0 : 1;
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* a = reinterpret_cast<const int8_t*>(call.inputs[0].row(first_step * row));
    const auto* b = reinterpret_cast<const int8_t*>(call.inputs[1].row(second_step * row));
    auto* out = reinterpret_cast<int8_t*>(output.row(row));
    for (uint32_t i = 0; i < output.row_bytes; ++i)
      out[i] = add(params, a[first_step * i], b[second_step * i]);
  }
}

}  // namespace

const Kernel kAddS8 = {"add_s8", verify, run, true, same_input_rows};

}  // namespace rune::kernels
