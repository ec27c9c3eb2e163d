// fully_connected_f32, and fully_connected_f32_s8 with int8 weights and a scale for each unit. Block:
// device/kernels/fully_connected_params.h. Products are added in the order of the input.
#include "device/kernels/float_math.h"
#include "device/kernels/fully_connected_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

template <typename Weight>
constexpr FullyConnectedLayout layout_of(uint32_t units, uint32_t depth) {
  if constexpr (sizeof(Weight) == 1) return fully_connected_f32_s8_layout(units, depth);
  return fully_connected_f32_layout(units, depth);
}

template <typename Weight>
Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(FullyConnectedF32Params)));
  const auto& params = params_of<FullyConnectedF32Params>(plan);
  if (params.units == 0 || params.depth == 0) return Status::kInvalid;
  if (uint64_t{params.units} * params.depth >= 1U << 28) return Status::kTooLarge;
  const uint64_t inputs = plan.inputs[0].shape.elements();
  const uint64_t outputs = plan.outputs[0].shape.elements();
  if (inputs % params.depth != 0 || inputs / params.depth * params.units != outputs) return Status::kInvalid;
  return plan.params.size() == layout_of<Weight>(params.units, params.depth).bytes ? Status::kOk
                                                                                   : Status::kInvalid;
}

template <typename Weight>
void run(const Call& call) {
  const auto& params = params_of<FullyConnectedF32Params>(call);
  const FullyConnectedLayout layout = layout_of<Weight>(params.units, params.depth);
  const auto* bias = array_at<float>(call.params, layout.channels);
  const auto* scales = array_at<float>(call.params, layout.scales);
  const uint32_t batches = call.inputs[0].shape.elements() / params.depth;
  const auto* x = call.inputs[0].as<const float>();
  auto* out = call.outputs[0].as<float>();
  for (uint32_t batch = 0; batch < batches; ++batch, x += params.depth) {
    const auto* weights = array_at<Weight>(call.params, layout.weights);
    for (uint32_t unit = 0; unit < params.units; ++unit, weights += params.depth) {
      float sum = 0;
      for (uint32_t i = 0; i < params.depth; ++i) sum += x[i] * static_cast<float>(weights[i]);
      if constexpr (sizeof(Weight) == 1) sum *= scales[unit];
      *out++ = clamp_f32(sum + bias[unit], params.range.activation_min, params.range.activation_max);
    }
  }
}

}  // namespace

const Kernel kFullyConnectedF32 = {"fully_connected_f32", verify<float>, run<float>, false, nullptr};
const Kernel kFullyConnectedF32S8 = {"fully_connected_f32_s8", verify<int8_t>, run<int8_t>, false, nullptr};

}  // namespace rune::kernels
