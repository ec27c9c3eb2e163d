// RunicOS for MPS2 AN386: Cortex-M4 with DSP kernels, RAM fenced to 256 KB.
#include "device/kernels/kernel_table.h"
#include "ports/common/board.h"
#include "ports/common/firmware.h"
#include "ports/mps2/flash_mirror.h"

extern "C" uint8_t rune_store_begin[], rune_store_end[];

namespace {

using namespace rune;

// Four slots of 768 KB: three installed runes and room for an update of any of them.
constexpr uint32_t kSlots = 4;
// Work of one call: about a minute of this core.
constexpr uint32_t kMaxFuel = 500000000;

// Everything else faults: also the 3.75 MB of SSRAM behind the fence.
void fence_memory() {
  static constexpr ports::ProtectedRegion kRegions[] = {
      {0x00000000, 1u << 20, false, true},  // firmware
      {0x00100000, 1u << 20, true, false},  // store, in powers of two
      {0x00200000, 1u << 21, true, false}, {0x20000000, 256u << 10, true, false},
      {0x40000000, 1u << 20, true, false},  // UARTs and timers
  };
  ports::protect_memory(kRegions, std::size(kRegions));
}

alignas(8) uint8_t log_buffer[4096];
alignas(8) uint8_t message_buffer[4096];
alignas(8) uint8_t answer_buffer[1536];

}  // namespace

int main() {
  ports::board::start();
  fence_memory();
  static char words[1024], path[256];
  const semihosting::CommandLine arguments(words);
  static ports::MirroredFlash flash(
      {rune_store_begin, static_cast<size_t>(rune_store_end - rune_store_begin)});
  if (!flash.load(arguments.value("flash", path))) {
    semihosting::print("the flash file cannot be used: not 3145728 bytes, or not writable\n");
    semihosting::exit(1);
  }
  ports::run_firmware({flash, kSlots, "cortex-m4", kMaxFuel, arguments, kernels::best_kernels(), log_buffer,
                       message_buffer, answer_buffer});
}
