#include "device/kernels/kernel.h"

namespace rune::kernels {

const Kernel* find_kernel(KernelTable table, std::string_view name) {
  for (const Kernel* kernel : table) {
    if (name == kernel->name) return kernel;
  }
  return nullptr;
}

}  // namespace rune::kernels
