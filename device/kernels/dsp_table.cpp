// best_kernels() of the Cortex-M4, M7 and M33: the DSP kernels beside the reference set.
#include <algorithm>
#include <array>

#include "device/kernels/dsp/dsp.h"
#include "device/kernels/kernel_table.h"
#include "device/kernels/reference/reference_table.h"

namespace rune::kernels {
namespace {

constexpr const Kernel* kDsp[] = {&kConv2dS8Dsp, &kDepthwiseConv2dS8Dsp, &kFullyConnectedS8Dsp};

constexpr auto join() {
  std::array<const Kernel*, std::size(kDsp) + std::size(kReferenceTable)> table{};
  std::copy(std::begin(kReferenceTable), std::end(kReferenceTable),
            std::copy(std::begin(kDsp), std::end(kDsp), table.begin()));
  return table;
}

constexpr auto kTable = join();

}  // namespace

KernelTable best_kernels() { return kTable; }

}  // namespace rune::kernels
