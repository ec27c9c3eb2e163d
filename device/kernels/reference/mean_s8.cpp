// mean_s8: mean over adjacent axes with a change of scale. Block: device/kernels/mean_params.h.
#include "device/kernels/fixed_point.h"
#include "device/kernels/mean_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(MeanS8Params)));
  if (plan.params.size() != sizeof(MeanS8Params)) return Status::kInvalid;
  const auto& params = params_of<MeanS8Params>(plan);
  RUNE_TRY(check_multiplier(params.multiplier, params.shift));
  if (params.rounding > 1 || params.reduced == 0 || params.reduced >= 1U << 23) return Status::kInvalid;
  const uint64_t kept = uint64_t{params.outer} * params.inner;
  if (kept != plan.outputs[0].shape.elements() || kept >= 1U << 31) return Status::kInvalid;
  return kept * params.reduced == plan.inputs[0].shape.elements() ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const auto& params = params_of<MeanS8Params>(call);
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  for (uint32_t outer = 0; outer < params.outer; ++outer, x += params.reduced * params.inner) {
    for (uint32_t inner = 0; inner < params.inner; ++inner) {
      int32_t sum = 0;
      const int8_t* cell = x + inner;
      for (uint32_t i = 0; i < params.reduced; ++i, cell += params.inner) sum += *cell;
      const int32_t value =
          requantise(wrapping_add(sum, params.sum_offset), params.multiplier, params.shift, params.rounding);
      *out++ = static_cast<int8_t>(clamp(wrapping_add(value, params.output_offset), -128, 127));
    }
  }
}

}  // namespace

const Kernel kMeanS8 = {"mean_s8", verify, run, false, nullptr};

}  // namespace rune::kernels
