// softmax_f32: exp(beta * (x - max)) over its sum; log_softmax_f32: x - max - log(sum of exp(x - max)).
// Block: device/kernels/softmax_params.h.
#include "device/kernels/float_math.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/softmax_params.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kF32};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kF32, sizeof(SoftmaxF32Params)));
  RUNE_TRY(check_same_shape(plan.inputs[0], plan.outputs[0]));
  if (plan.params.size() != sizeof(SoftmaxF32Params)) return Status::kInvalid;
  return plan.outputs[0].shape.rank != 0 ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const float beta = params_of<SoftmaxF32Params>(call).beta;
  const Shape& shape = call.outputs[0].shape;
  const uint32_t depth = shape.dims[shape.rank - 1];
  const auto* x = call.inputs[0].as<const float>();
  auto* out = call.outputs[0].as<float>();
  for (uint32_t row = shape.elements() / depth; row != 0; --row, x += depth, out += depth) {
    float largest = x[0];
    for (uint32_t i = 1; i < depth; ++i) largest = x[i] > largest ? x[i] : largest;
    float sum = 0;
    for (uint32_t i = 0; i < depth; ++i) {
      out[i] = exp_f32((x[i] - largest) * beta);
      sum += out[i];
    }
    for (uint32_t i = 0; i < depth; ++i) out[i] /= sum;
  }
}

void run_log(const Call& call) {
  const Shape& shape = call.outputs[0].shape;
  const uint32_t depth = shape.dims[shape.rank - 1];
  const auto* x = call.inputs[0].as<const float>();
  auto* out = call.outputs[0].as<float>();
  for (uint32_t row = shape.elements() / depth; row != 0; --row, x += depth, out += depth) {
    float largest = x[0];
    for (uint32_t i = 1; i < depth; ++i) largest = x[i] > largest ? x[i] : largest;
    float sum = 0;
    for (uint32_t i = 0; i < depth; ++i) sum += exp_f32(x[i] - largest);
    const float log_sum = log_f32(sum);
    for (uint32_t i = 0; i < depth; ++i) out[i] = x[i] - largest - log_sum;
  }
}

}  // namespace

const Kernel kLogSoftmaxF32 = {"log_softmax_f32", verify, run_log, false, nullptr};
const Kernel kSoftmaxF32 = {"softmax_f32", verify, run, false, nullptr};

}  // namespace rune::kernels
