// The microphone of this machine, by ALSA's recorder: no library is linked, and a machine
// without sound needs nothing installed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>

#include "host/support/result.h"
#include "ports/common/recorded_sensors.h"

namespace rune::ports {

// 16-bit samples of one channel, as they are heard; nothing is heard again.
class Microphone final : public Recording {
 public:
  // Starts to listen and waits for the first sample. Fails without `arecord` (alsa-utils) and
  // without a microphone.
  static Result<std::unique_ptr<Microphone>, Diagnostic> open(int32_t rate_hz);
  Microphone(const Microphone&) = delete;
  ~Microphone();

  void rewind() override {}
  size_t read(MutableBytes into) override;

 private:
  explicit Microphone(std::FILE* pipe) : pipe_(pipe) {}

  std::FILE* pipe_;
};

}  // namespace rune::ports
