// fully_connected_s8: the judge of int8 dense layers. Block: device/kernels/fully_connected_params.h.
#include "device/kernels/fixed_point.h"
#include "device/kernels/fully_connected_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

int32_t dot(const int8_t* x, const int8_t* w, uint32_t count, int16_t offset) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const auto a = static_cast<int16_t>(x[i] + offset);
    const int16_t b = w[i];
    sum += static_cast<uint32_t>(a * b);
  }
  return static_cast<int32_t>(sum);
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(FullyConnectedS8Params)));
  const auto& params = params_of<FullyConnectedS8Params>(plan);
  RUNE_TRY(check_stage(params.stage));
  if (params.units == 0 || params.depth == 0) return Status::kInvalid;
  if (uint64_t{params.units} * params.depth >= 1U << 28) return Status::kTooLarge;
  const uint64_t inputs = plan.inputs[0].shape.elements();
  const uint64_t outputs = plan.outputs[0].shape.elements();
  if (inputs % params.depth != 0 || inputs / params.depth * params.units != outputs) return Status::kInvalid;
  const FullyConnectedLayout layout = fully_connected_s8_layout(params.units, params.depth);
  if (plan.params.size() != layout.bytes) return Status::kInvalid;
  return check_channels({array_at<ChannelScale>(plan.params.data(), layout.channels), params.units});
}

void run(const Call& call) {
  const auto& params = params_of<FullyConnectedS8Params>(call);
  const FullyConnectedLayout layout = fully_connected_s8_layout(params.units, params.depth);
  const auto* channels = array_at<ChannelScale>(call.params, layout.channels);
  const auto offset = static_cast<int16_t>(params.stage.input_offset);
  const uint32_t batches = call.inputs[0].shape.elements() / params.depth;
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  for (uint32_t batch = 0; batch < batches; ++batch, x += params.depth) {
    const auto* weights = array_at<int8_t>(call.params, layout.weights);
    for (uint32_t unit = 0; unit < params.units; ++unit, weights += params.depth) {
      const ChannelScale& channel = channels[unit];
      const int32_t sum = wrapping_add(dot(x, weights, params.depth, offset), channel.bias);
      const int32_t value = requantise(sum, channel.multiplier, channel.shift, params.stage.rounding);
      *out++ = static_cast<int8_t>(clamp(wrapping_add(value, params.stage.output_offset),
                                         params.stage.activation_min, params.stage.activation_max));
    }
  }
}

}  // namespace

const Kernel kFullyConnectedS8 = {"fully_connected_s8", verify, run, false, nullptr};

}  // namespace rune::kernels
