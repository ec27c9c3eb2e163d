// fully_connected_s8_dsp: the input as 16-bit values once, then gemm_s8.h over all units.
#include "device/kernels/dsp/dsp.h"
#include "device/kernels/dsp/dsp_verify.h"
#include "device/kernels/dsp/gemm_s8.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

using namespace dsp;  // NOLINT: the kernel is written in its vocabulary

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(FullyConnectedS8DspParams)));
  const auto& params = params_of<FullyConnectedS8DspParams>(plan);
  if (params.units == 0 || params.depth == 0 || params.units >= 1U << 24) return Status::kInvalid;
  if (uint64_t{params.units} * params.depth >= 1U << 26 || params.depth >= 1U << 24) return Status::kTooLarge;
  RUNE_TRY(verify_stage(params.stage, params.depth));
  const uint64_t inputs = plan.inputs[0].shape.elements();
  const uint64_t outputs = plan.outputs[0].shape.elements();
  if (inputs % params.depth != 0 || inputs / params.depth * params.units != outputs) return Status::kInvalid;
  if (plan.scratch_bytes < fully_connected_scratch_bytes(params.depth)) return Status::kInvalid;
  return verify_quads(plan.params.subspan(sizeof(params)), params.depth, params.units);
}

void run(const Call& call) {
  const auto& params = params_of<FullyConnectedS8DspParams>(call);
  const uint32_t depth = gemm_depth(params.depth);
  const uint32_t batches = call.inputs[0].shape.elements() / params.depth;
  const uint8_t* quads = call.params + sizeof(FullyConnectedS8DspParams);
  const auto* column = reinterpret_cast<const Pair*>(call.scratch);
  const auto* x = call.inputs[0].as<const int8_t>();
  auto* out = call.outputs[0].as<int8_t>();
  for (uint32_t batch = 0; batch < batches; ++batch, x += params.depth, out += params.units) {
    ColumnWriter<1> writer(call.scratch);
    writer.values(x, params.depth, both_lanes(params.stage.input_offset), params.stage.ordered != 0);
    writer.zeros(depth - params.depth);
    if (params.stage.form == static_cast<uint8_t>(RoundingForm::kSigned)) {
      multiply_one<RoundingForm::kSigned>(params.stage, quads, depth, params.units, column, 1, out);
    } else {
      multiply_one<RoundingForm::kFloor>(params.stage, quads, depth, params.units, column, 1, out);
    }
  }
}

}  // namespace

const Kernel kFullyConnectedS8Dsp = {"fully_connected_s8_dsp", verify, run, false, nullptr};

}  // namespace rune::kernels
