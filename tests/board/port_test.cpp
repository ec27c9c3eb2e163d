// The ground that every image stands on: initialised memory, clock, arguments, UART, faults.
//
//   port_test-<board>.elf "name=a b"          checks, echoes one UART line, exits with the failures
//   port_test-<board>.elf fault=1             runs an undefined instruction: exits with 120
//   port_test-<board>.elf fault=2             overflows the stack: the same
//   port_test-<board>.elf fault=3             writes outside the protected memory: the same
#include <cstring>
#include <iterator>

#include "ports/common/board.h"
#include "ports/common/semihosting.h"

namespace {

using namespace rune;

volatile uint32_t initialised = 0x12345678;
volatile uint32_t zeroed;
int failures = 0;

void check(bool holds, const char* what) {
  if (holds) return;
  semihosting::print("failed: ");
  semihosting::print(what);
  semihosting::print("\n");
  ++failures;
}

// Deeper than any stack: each call keeps its own bytes.
uint32_t overflow(uint32_t depth) {
  volatile uint32_t bytes[64];
  bytes[depth % 64] = depth;
  return depth == initialised ? 0 : overflow(depth + 1) + bytes[depth % 64];
}

void write_outside() {
  static constexpr ports::ProtectedRegion kRegions[] = {
      {0x00000000, 1u << 22, false, true},
      {0x20000000, 1u << 16, true, false},
      {0x21000000, 1u << 24, true, false},
      {0x40000000, 1u << 20, true, false},
  };
  ports::protect_memory(kRegions, std::size(kRegions));
  ports::device_register(0x20010000) = 1;
}

void check_clock() {
  ports::SysTickClock& clock = ports::board::clock();
  uint64_t last = clock.ticks();
  // Long enough for the 24 bits of SysTick to wrap under the instruction counts that tests use.
  for (uint32_t i = 0; i < 300000; ++i) {
    const uint64_t now = clock.ticks();
    check(now >= last, "the clock never goes back");
    if (now < last) return;
    last = now;
  }
  check(last > 0, "the clock runs");
}

void echo_line() {
  hal::BytePipe& uart = ports::board::uart();
  uint8_t byte = 0;
  do {
    while (uart.read(MutableBytes(&byte, 1)) == 0) ports::board::idle();
    check(uart.write(Bytes(&byte, 1)) == Status::kOk, "uart write");
  } while (byte != '\n');
}

}  // namespace

int main() {
  ports::board::start();
  char text[128];
  char value[32];
  const semihosting::CommandLine arguments(text);
  const uint32_t fault = arguments.number("fault", 0);
  if (fault == 1) asm volatile("udf #0");
  if (fault == 2) failures += static_cast<int>(overflow(0));
  if (fault == 3) write_outside();
  check(initialised == 0x12345678 && zeroed == 0, "memory is initialised");
  const char* name = arguments.value("name", value);
  check(name != nullptr && strcmp(name, "a b") == 0, "arguments are decoded");
  check(arguments.value("absent", value) == nullptr, "an absent argument is null");
  check_clock();
  if (arguments.number("echo", 0) == 1) echo_line();
  return failures;
}
