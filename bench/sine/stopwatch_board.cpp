// Semihosting arguments `rune=FILE calls=N`; run with -icount shift=6, where an instruction
// takes 64 ns and the core's clock has a tick every 40 ns.
#include <cstdio>

#include "bench/sine/stopwatch.h"
#include "ports/common/board.h"
#include "ports/common/semihosting.h"

namespace rune {

int run_sine_bench(const char* path, uint32_t calls);

namespace bench {

uint64_t now() { return ports::board::clock().ticks() * 40 / 64; }
uint64_t PortClock::now_us() { return ports::board::clock().now_us(); }

}  // namespace bench
}  // namespace rune

int main() {
  rune::ports::board::start();
  static char text[512], path[256];
  const rune::semihosting::CommandLine arguments(text);
  if (arguments.value("rune", path) == nullptr) return 2;
  return rune::run_sine_bench(path, arguments.number("calls", 1000));
}
