// A serial line as the host sees it: a real port or the PTY of an emulated device,
// 115200 baud 8N1, raw. One program at a time: the line is locked while it is open.
#pragma once

#include <string>

#include "device/hal/byte_pipe.h"
#include "host/hammer/process.h"

namespace rune::hammer {

class SerialLine final : public hal::BytePipe {
 public:
  // Waits up to lock_timeout_s for another program of ours to let go. What lies unread on the
  // line is discarded.
  static Result<SerialLine, Diagnostic> open(const std::string& path, double lock_timeout_s = 10);

  size_t read(MutableBytes into) override;
  // Gives up with kIo when the line takes nothing for two seconds or is gone.
  Status write(Bytes bytes) override;

  // Whether there is something to read, within timeout_s.
  bool wait(double timeout_s);
  // The other end hung up or the port was unplugged.
  bool gone() const { return gone_; }
  const std::string& path() const { return path_; }

 private:
  Descriptor descriptor_;
  std::string path_;
  bool gone_ = false;
};

}  // namespace rune::hammer
