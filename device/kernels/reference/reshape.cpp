// reshape: the same bytes under another shape. No block; nothing to do when both tensors share their place.
#include <cstring>

#include "device/kernels/reference/reference.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

Status verify(const Plan& plan) {
  if (plan.inputs.size() != 1 || plan.outputs.size() != 1 || !plan.params.empty()) return Status::kInvalid;
  if (plan.inputs[0].element != plan.outputs[0].element) return Status::kInvalid;
  return plan.inputs[0].shape.elements() == plan.outputs[0].shape.elements() ? Status::kOk : Status::kInvalid;
}

void run(const Call& call) {
  const Tensor& output = call.outputs[0];
  const size_t bytes = size_t{output.shape.elements()} * element_bytes(output.element);
  if (output.data != call.inputs[0].data) std::memmove(output.data, call.inputs[0].data, bytes);
}

}  // namespace

const Kernel kReshape = {"reshape", verify, run, false, nullptr};

}  // namespace rune::kernels
