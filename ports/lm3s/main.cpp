// RunicOS for LM3S6965EVB: Cortex-M3 with 64 KB of RAM, reference kernels.
#include "device/kernels/kernel_table.h"
#include "ports/common/board.h"
#include "ports/common/firmware.h"
#include "ports/lm3s/flash_file.h"

extern "C" uint8_t rune_store_begin[], rune_store_end[];

namespace {

using namespace rune;

// Three slots of 42 KB: two installed runes and room for an update of either.
constexpr uint32_t kSlots = 3;
// Work of one call: about a minute of this core.
constexpr uint32_t kMaxFuel = 200000000;

alignas(8) uint8_t log_buffer[1024];
alignas(8) uint8_t message_buffer[1024];
alignas(8) uint8_t answer_buffer[1024];

}  // namespace

int main() {
  ports::board::start();
  static char words[512], path[200];
  const semihosting::CommandLine arguments(words);
  static ports::FileFlash flash({rune_store_begin, static_cast<size_t>(rune_store_end - rune_store_begin)});
  if (!flash.open(arguments.value("flash", path))) {
    semihosting::print("the flash file cannot be used: not 131072 bytes, or not writable\n");
    semihosting::exit(1);
  }
  ports::run_firmware({flash, kSlots, "cortex-m3", kMaxFuel, arguments, kernels::best_kernels(), log_buffer,
                       message_buffer, answer_buffer});
}
