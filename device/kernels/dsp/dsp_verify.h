// Checks that the DSP kernels share.
#pragma once

#include "device/base/bytes.h"
#include "device/base/status.h"
#include "device/kernels/dsp/dsp_params.h"

namespace rune::kernels::dsp {

// `run_elements`: bytes of one contiguous run that expand() is given.
Status verify_stage(const DspStage& stage, uint32_t run_elements);
Status verify_scale(const DspScale& scale);
Status verify_quads(Bytes quads, uint32_t depth, uint32_t outputs);

}  // namespace rune::kernels::dsp
