// A line that carries bytes both ways: UART, PTY, socket.
#pragma once

#include "device/base/bytes.h"
#include "device/base/status.h"

namespace rune::hal {

class BytePipe {
 public:
  // Takes up to `into.size()` bytes that have arrived; 0 when there are none. Never waits.
  virtual size_t read(MutableBytes into) = 0;
  // Sends all of `bytes`, waiting as long as the line needs; kIo when it is gone.
  virtual Status write(Bytes bytes) = 0;

 protected:
  ~BytePipe() = default;
};

}  // namespace rune::hal
