// RunicOS on an emulated board: what the boards' main() share.
//
//   int main() {
//     board::start();
//     static MirroredFlash flash(...);
//     run_firmware({.flash = flash, .slot_count = 4, .architecture = "cortex-m4", ...});
//   }
#pragma once

#include "ports/common/semihosted_device.h"

namespace rune::ports {

struct Firmware {
  hal::Flash& flash;
  uint32_t slot_count;
  const char* architecture;
  uint32_t max_fuel;
  const semihosting::CommandLine& arguments;
  kernels::KernelTable kernels;
  MutableBytes log;
  MutableBytes message;
  MutableBytes answer;
};

// Serves for ever. The pool for runes is all RAM that the image leaves.
[[noreturn]] void run_firmware(const Firmware& firmware);

}  // namespace rune::ports
