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
  uint8_t at(uint64_t position) const { return buffer_[static_cast<size_t>(position % buffer_.size())]; }

  MutableBytes buffer_;
  uint64_t end_ = 0;
};

}  // namespace rune::os
