// dequantize_s8_f32: int8 to real numbers. Block: device/kernels/elementwise_params.h.
#include "device/kernels/elementwise_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(QuantizeParams)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(QuantizeParams)) return Status::kInvalid;
  const int32_t zero_point = params_of<QuantizeParams>(plan).zero_point;
  return zero_point >= -128 && zero_point <= 127 ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const auto& params = params_of<QuantizeParams>(call);
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* x = reinterpret_cast<const int8_t*>(call.inputs[0].row(row));
    auto* out = reinterpret_cast<float*>(call.outputs[0].row(row));
    for (uint32_t i = 0; i < call.inputs[0].row_bytes; ++i) {
      out[i] = params.scale * static_cast<float>(x[i] - params.zero_point);
    }
  }
}

}  // namespace

const Kernel kDequantizeS8F32 = {"dequantize_s8_f32", verify, run, true, same_input_rows};

}  // namespace rune::kernels
