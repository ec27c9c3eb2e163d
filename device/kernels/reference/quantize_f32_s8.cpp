// quantize_f32_s8: real numbers to int8. Block: device/kernels/elementwise_params.h.
//
// Rounds half away from zero, as TFLite does. Not-a-number becomes the zero point; values too large saturate.
#include "device/kernels/elementwise_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

int8_t quantize(float x, const QuantizeParams& params) {
  // Outside +-512 every zero point saturates; inside, the conversion to an integer is exact but for the
  // rounding.
  float scaled = x / params.scale;
  scaled = scaled > 512.0F ? 512.0F : scaled < -512.0F ? -512.0F : scaled;
  if (!(scaled == scaled)) scaled = 0.0F;
  const auto whole = static_cast<int32_t>(scaled);
  const float rest = scaled - static_cast<float>(whole);  // exact
  const int32_t rounded = whole + (rest >= 0.5F ? 1 : rest <= -0.5F ? -1 : 0);
  return static_cast<int8_t>(clamp(rounded + params.zero_point, -128, 127));
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(QuantizeParams)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(QuantizeParams)) return Status::kInvalid;
  const auto& params = params_of<QuantizeParams>(plan);
  const bool in_range = params.scale > 1e-30F && params.scale < 1e30F;
  return in_range && params.zero_point >= -128 && params.zero_point <= 127 ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const auto& params = params_of<QuantizeParams>(call);
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const auto* x = reinterpret_cast<const float*>(call.inputs[0].row(row));
    auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row));
    for (uint32_t i = 0; i < call.outputs[0].row_bytes; ++i) out[i] = quantize(x[i], params);
  }
}

}  // namespace

const Kernel kQuantizeF32S8 = {"quantize_f32_s8", verify, run, true, same_input_rows};

}  // namespace rune::kernels
