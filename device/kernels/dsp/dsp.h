// The kernels for the Cortex-M DSP extension (M4, M7, M33): bit for bit the reference's, from packed blocks.
//
// Sources compile on every machine (dsp_intrinsics.h); tests compare them with the reference on the host and
// on an emulated Cortex-M4.
#pragma once

#include "device/kernels/kernel.h"

namespace rune::kernels {

extern const Kernel kConv2dS8Dsp;
extern const Kernel kDepthwiseConv2dS8Dsp;
extern const Kernel kFullyConnectedS8Dsp;

}  // namespace rune::kernels
