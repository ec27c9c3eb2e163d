// pad_s8: a border of one value around a tensor of rank 4 or less. Block: elementwise_params.h.
#include <array>

#include "device/kernels/elementwise_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(PadParams)));
  if (plan.params.size() != sizeof(PadParams)) return Status::kInvalid;
  const auto& params = params_of<PadParams>(plan);
  const Shape& input = plan.inputs[0].shape;
  const Shape& output = plan.outputs[0].shape;
  if (input.rank != output.rank || input.rank > 4) return Status::kInvalid;
  for (uint32_t axis = 0; axis < input.rank; ++axis) {
    if (uint64_t{params.before[axis]} + input.dims[axis] > output.dims[axis]) return Status::kInvalid;
  }
  return params.value >= -128 && params.value <= 127 ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const auto& params = params_of<PadParams>(call);
  const Shape& input = call.inputs[0].shape;
  const Shape& output = call.outputs[0].shape;
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  std::array<uint32_t, 4> index{};
  for (uint32_t left = output.elements(); left != 0; --left) {
    uint32_t from = 0;
    bool inside = true;
    for (uint32_t axis = 0; axis < output.rank; ++axis) {
      const uint32_t at = index[axis] - params.before[axis];  // wraps to a large value before the input
      inside = inside && at < input.dims[axis];
      from = from * input.dims[axis] + at;
    }
    *out++ = static_cast<int8_t>(inside ? x[from] : params.value);
    for (uint32_t axis = output.rank; axis-- > 0;) {
      if (++index[axis] < output.dims[axis]) break;
      index[axis] = 0;
    }
  }
}

}  // namespace

const Kernel kPadS8 = {"pad_s8", verify, run, false, nullptr};

}  // namespace rune::kernels
