// The kernels that a build offers to the executor.
//
// Each port links one file that defines best_kernels(): portable_table.cpp (the reference set) or
// dsp_table.cpp (Cortex-M4, M7, M33: the DSP kernels beside the reference set). A model image names kernels;
// one packed for a target with a faster set is refused at load where that set is not linked.
#pragma once

#include "device/kernels/kernel.h"

namespace rune::kernels {

// Plain C++, one for each operator and element type: what the portable image uses and what judges the rest.
KernelTable reference_kernels();

// reference_kernels() and the kernels for this machine's instructions.
KernelTable best_kernels();

}  // namespace rune::kernels
