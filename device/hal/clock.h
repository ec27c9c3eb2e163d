// Time since start. A port implements it; never goes back.
#pragma once

#include <cstdint>

namespace rune::hal {

class Clock {
 public:
  virtual uint64_t now_us() = 0;

 protected:
  ~Clock() = default;
};

}  // namespace rune::hal
