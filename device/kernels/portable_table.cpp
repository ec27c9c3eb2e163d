// best_kernels() where there is no faster set than the reference.
#include "device/kernels/kernel_table.h"

namespace rune::kernels {

KernelTable best_kernels() { return reference_kernels(); }

}  // namespace rune::kernels
