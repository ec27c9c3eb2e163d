// Time of the machine the benchmark runs on: the build adds one of stopwatch_host.cpp
// (nanoseconds) and stopwatch_board.cpp (executed instructions).
#pragma once

#include <cstdint>

#include "device/hal/clock.h"

namespace rune::bench {

uint64_t now();

class Stopwatch {
 public:
  Stopwatch() : begin_(now()) {}
  uint64_t elapsed() const { return now() - begin_; }

 private:
  uint64_t begin_;
};

// The clock that RunicOS has on this machine.
class PortClock final : public hal::Clock {
 public:
  uint64_t now_us() override;
};

}  // namespace rune::bench
