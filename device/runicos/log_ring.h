// The last text of the device, for `hmr logs`: a ring over the port's buffer.
//
// Positions count bytes since start; the ring holds the last ones. Tested by log_ring_test.cpp.
#pragma once

#include "device/base/bytes.h"

namespace rune::os {

class LogRing {
 public:
  LogRing() = default;
  explicit LogRing(MutableBytes buffer) : buffer_(buffer) {}

  void append(std::string_view text);
  uint64_t end() const { return end_; }

  // Copies text from position `from` on, or from the oldest byte held if that is later, in
  // whole UTF-8 characters. Sets `copied` and returns the position behind it.
  uint64_t read(uint64_t from, MutableBytes into, size_t& copied) const;

 private:
  // Requires a position from the oldest byte held to before end_.
  uint8_t at(uint64_t position) const {
    const size_t back = static_cast<size_t>(end_ - position);
    return buffer_[next_ >= back ? next_ - back : next_ + buffer_.size() - back];
  }

  MutableBytes buffer_;
  uint64_t end_ = 0;
  size_t next_ = 0;  // where the next byte goes
};

}  // namespace rune::os
