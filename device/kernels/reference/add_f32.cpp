// add_f32: sum of two float tensors; relu_f32: a float tensor clamped. Blocks: add_params.h,
// elementwise_params.h.
#include "device/kernels/add_params.h"
#include "device/kernels/elementwise_params.h"
#include "device/kernels/float_math.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify_add(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32, ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(AddF32Params)));
  if (plan.params.size() != sizeof(AddF32Params)) return Status::kInvalid;
  for (const Tensor& input : plan.inputs) {
    if (input.shape.elements() != 1) RUNE_TRY(check_same_shape(input, plan.outputs[0]));
  }
  return Status::kOk;
}

void run_add(const Call& call) {
  const FloatRange range = params_of<AddF32Params>(call).range;
  const Tensor& output = call.outputs[0];
  const uint32_t first_step = call.inputs[0].shape.elements() == 1 ? 0 : 1;
  const uint32_t second_step = call.inputs[1].shape.elements() == 1 ? 0 : 1;
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* a = reinterpret_cast<const float*>(call.inputs[0].row(first_step * row));
    const auto* b = reinterpret_cast<const float*>(call.inputs[1].row(second_step * row));
    auto* out = reinterpret_cast<float*>(output.row(row));
    for (uint32_t i = 0; i < output.row_bytes / sizeof(float); ++i) {
      out[i] = clamp_f32(a[first_step * i] + b[second_step * i], range.activation_min, range.activation_max);
    }
  }
}

Status verify_relu(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(ClampF32Params)));
  if (plan.params.size() != sizeof(ClampF32Params)) return Status::kInvalid;
  return check_same_shape(plan.inputs[0], plan.outputs[0]);
}

void run_relu(const Call& call) {
  const FloatRange range = params_of<ClampF32Params>(call).range;
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* x = reinterpret_cast<const float*>(call.inputs[0].row(row));
    auto* out = reinterpret_cast<float*>(call.outputs[0].row(row));
    for (uint32_t i = 0; i < call.outputs[0].row_bytes / sizeof(float); ++i) {
      out[i] = clamp_f32(x[i], range.activation_min, range.activation_max);
    }
  }
}

}  // namespace

const Kernel kAddF32 = {"add_f32", verify_add, run_add, true, same_input_rows};
const Kernel kReluF32 = {"relu_f32", verify_relu, run_relu, true, same_input_rows};

}  // namespace rune::kernels
