// The fault handler of images that define none: a line on the emulator's console.
#include "ports/common/cortex_m.h"
#include "ports/common/semihosting.h"

namespace rune::ports {
namespace {

void print_hex(const char* label, uint32_t value) {
  char text[12] = " 0x";
  for (int i = 0; i < 8; ++i) text[3 + i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
  text[11] = 0;
  semihosting::print(label);
  semihosting::print(text);
}

}  // namespace

extern "C" [[noreturn]] __attribute__((weak)) void rune_board_fault(const Fault& fault) {
  print_hex("fault: exception", fault.exception);
  print_hex(", status", fault.status);
  print_hex(", address", fault.address);
  print_hex(", pc", fault.pc);
  print_hex(", lr", fault.lr);
  semihosting::print("\n");
  semihosting::exit(120);
}

}  // namespace rune::ports
