// Packing for the Cortex-M DSP kernels: from a reference kernel's parameter block to theirs.
//
//   for (const DspPacker& packer : dsp_packers()) {
//     if (name != packer.reference) continue;
//     Result<DspPacked> size = packer.pack(plan, {});            // how many bytes; no writing
//     if (!size.ok()) continue;                                  // the next one, or keep the reference
//     kernel packer.pack(plan, block);                                  // 16-byte aligned, size.params_bytes
//     use packer.name
//   }
//
// The first packer that accepts an operator is the best. Runs where models are compiled: on the host, and in
// tests on a board. Firmware does not link it. The order of the weights is described beside each kernel in
// this folder.
#pragma once

#include "device/kernels/kernel.h"

namespace rune::kernels {

struct DspPacked {
  uint32_t params_bytes = 0;
  uint32_t scratch_bytes = 0;
};

struct DspPacker {
  const char* reference;  // "conv_2d_s8"
  const char* name;       // "conv_2d_s8_dsp"
  // `plan` is one that the reference kernel's verify accepts; its params are the reference block.
  // kUnsupported: this operator has no form for the fast kernel. kNoMemory: `out` is not empty and too small.
  Result<DspPacked> (*pack)(const Plan& plan, MutableBytes out);
};

std::span<const DspPacker> dsp_packers();

}  // namespace rune::kernels
