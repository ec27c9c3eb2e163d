#include "device/kernels/reference/reference_table.h"

#include "device/kernels/kernel_table.h"

namespace rune::kernels {

KernelTable reference_kernels() { return kReferenceTable; }

}  // namespace rune::kernels
