// requantize_s8: int8 to int8 of another scale; relu_s8: the same with a narrower range. Block:
// device/kernels/elementwise_params.h.
#include "device/kernels/elementwise_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(RequantizeS8Params)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(RequantizeS8Params)) return Status::kInvalid;
  const auto& params = params_of<RequantizeS8Params>(plan);
  RUNE_TRY(check_stage(params.stage));
  return check_multiplier(params.multiplier, params.shift);
}

void run(const Call& call) {
  const auto& params = params_of<RequantizeS8Params>(call);
  const OutputStage& stage = params.stage;
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* x = reinterpret_cast<const int8_t*>(call.inputs[0].row(row));
    auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row));
    for (uint32_t i = 0; i < call.outputs[0].row_bytes; ++i) {
      const int32_t value =
          requantise(x[i] + stage.input_offset, params.multiplier, params.shift, stage.rounding);
      out[i] = static_cast<int8_t>(
          clamp(wrapping_add(value, stage.output_offset), stage.activation_min, stage.activation_max));
    }
  }
}

}  // namespace

const Kernel kRequantizeS8 = {"requantize_s8", verify, run, true, same_input_rows};
const Kernel kReluS8 = {"relu_s8", verify, run, true, same_input_rows};

}  // namespace rune::kernels
