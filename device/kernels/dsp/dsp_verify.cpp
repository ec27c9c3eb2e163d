#include "device/kernels/dsp/dsp_verify.h"

namespace rune::kernels::dsp {

Status verify_stage(const DspStage& stage, uint32_t run_elements) {
  if (stage.input_offset < -127 || stage.input_offset > 128) return Status::kInvalid;
  if (stage.form > static_cast<uint8_t>(RoundingForm::kSigned) || stage.narrow > 1) return Status::kInvalid;
  if (stage.ordered > 1 || stage.reserved != 0) return Status::kInvalid;
  if (stage.ordered == 0 && run_elements % 4 != 0) return Status::kInvalid;
  const bool in_range = stage.activation_min >= -128 && stage.activation_min <= stage.activation_max &&
                        stage.activation_max <= 127;
  return in_range ? Status::kOk : Status::kInvalid;
}

Status verify_scale(const DspScale& scale) {
  return scale.shift >= 0 && scale.shift <= 31 ? Status::kOk : Status::kInvalid;
}

Status verify_quads(Bytes quads, uint32_t depth, uint32_t outputs) {
  if (quads.size() != gemm_bytes(depth, outputs)) return Status::kInvalid;
  const uint32_t quad_bytes = gemm_quad_bytes(depth);
  for (uint32_t channel = 0; channel < outputs; channel += 4) {
    const uint8_t* end = quads.data() + (channel / 4 + 1) * quad_bytes;
    const auto* scales = reinterpret_cast<const DspScale*>(end) - 4;
    for (int i = 0; i < 4; ++i) RUNE_TRY(verify_scale(scales[i]));
  }
  return Status::kOk;
}

}  // namespace rune::kernels::dsp
