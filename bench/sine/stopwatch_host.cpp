#include <chrono>
#include <cstdlib>

#include "bench/sine/stopwatch.h"

namespace rune {

int run_sine_bench(const char* path, uint32_t calls);

namespace bench {

uint64_t now() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}
uint64_t PortClock::now_us() { return now() / 1000; }

}  // namespace bench
}  // namespace rune

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return rune::run_sine_bench(argv[1], static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)));
}
