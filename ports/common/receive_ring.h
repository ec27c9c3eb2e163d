// Bytes between a UART's receive interrupt (one producer) and the main loop (one consumer).
#pragma once

#include "device/base/bytes.h"

namespace rune::ports {

class ReceiveRing {
 public:
  bool full() const { return write_ - read_ == sizeof(bytes_); }
  bool empty() const { return write_ == read_; }
  // Requires !full().
  void push(uint8_t byte) {
    bytes_[write_ % sizeof(bytes_)] = byte;
    write_ = write_ + 1;
  }
  size_t pop(MutableBytes into) {
    size_t count = 0;
    while (count < into.size() && read_ != write_) {
      into[count++] = bytes_[read_ % sizeof(bytes_)];
      read_ = read_ + 1;
    }
    return count;
  }

 private:
  uint8_t bytes_[512];
  volatile uint32_t read_ = 0;
  volatile uint32_t write_ = 0;
};

}  // namespace rune::ports
