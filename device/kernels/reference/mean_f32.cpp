// mean_f32: mean over adjacent axes, summed in the order of the input. Block: device/kernels/mean_params.h.
#include "device/kernels/mean_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(MeanF32Params)));
  if (plan.params.size() != sizeof(MeanF32Params)) return Status::kInvalid;
  const auto& params = params_of<MeanF32Params>(plan);
  const uint64_t kept = uint64_t{params.outer} * params.inner;
  if (params.reduced == 0 || kept != plan.outputs[0].shape.elements() || kept >= 1U << 31)
    return Status::kInvalid;
  return kept * params.reduced == plan.inputs[0].shape.elements() ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const auto& params = params_of<MeanF32Params>(call);
  const auto* x = call.inputs[0].as<const float>();
  auto* out = call.outputs[0].as<float>();
  for (uint32_t outer = 0; outer < params.outer; ++outer, x += params.reduced * params.inner) {
    for (uint32_t inner = 0; inner < params.inner; ++inner) {
      float sum = 0;
      const float* cell = x + inner;
      for (uint32_t i = 0; i < params.reduced; ++i, cell += params.inner) sum += *cell;
      *out++ = sum / static_cast<float>(params.reduced);
    }
  }
}

}  // namespace

const Kernel kMeanF32 = {"mean_f32", verify, run, false, nullptr};

}  // namespace rune::kernels
