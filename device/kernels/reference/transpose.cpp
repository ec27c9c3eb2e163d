// transpose: axes in another order, for elements of any size. Block: device/kernels/elementwise_params.h.
#include <array>
#include <cstring>

#include "device/kernels/elementwise_params.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  if (plan.inputs.size() != 1 || plan.outputs.size() != 1) return Status::kInvalid;
  if (plan.params.size() != sizeof(TransposeParams)) return Status::kInvalid;
  const Shape& input = plan.inputs[0].shape;
  const Shape& output = plan.outputs[0].shape;
  if (plan.inputs[0].element != plan.outputs[0].element || input.rank != output.rank) return Status::kInvalid;
  const auto& params = params_of<TransposeParams>(plan);
  uint32_t seen = 0;
  for (uint32_t axis = 0; axis < output.rank; ++axis) {
    const uint32_t from = params.permutation[axis];
    if (from >= input.rank || (seen >> from & 1) != 0) return Status::kInvalid;
    if (output.dims[axis] != input.dims[from]) return Status::kInvalid;
    seen |= 1U << from;
  }
  return Status::kOk;
}

void run(const Call& call) {
  const auto& params = params_of<TransposeParams>(call);
  const Shape& input = call.inputs[0].shape;
  const Shape& output = call.outputs[0].shape;
  const uint32_t element = element_bytes(call.outputs[0].element);
  // Bytes of one step along each axis of the input, then taken in the output's order.
  std::array<uint32_t, Shape::kMaxRank> input_step{};
  uint32_t bytes = element;
  for (uint32_t axis = input.rank; axis-- > 0; bytes *= input.dims[axis]) input_step[axis] = bytes;
  std::array<uint32_t, Shape::kMaxRank> index{};
  const uint8_t* from = call.inputs[0].data;
  uint8_t* to = call.outputs[0].data;
  for (uint32_t left = output.elements(); left != 0; --left, to += element) {
    std::memcpy(to, from, element);
    // Count like an odometer, from the last axis.
    for (uint32_t axis = output.rank; axis-- > 0;) {
      const uint32_t step = input_step[params.permutation[axis]];
      from += step;
      if (++index[axis] < output.dims[axis]) break;
      from -= step * output.dims[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace

const Kernel kTranspose = {"transpose", verify, run, false, nullptr};

}  // namespace rune::kernels
