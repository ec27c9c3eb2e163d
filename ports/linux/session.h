// Runs a rune on this machine, as a device would: what `rune run` calls.
//
//   auto session = Session::open("sine.rune", bytes, {.capabilities = {"random:42"},
//                                                     .on_line = [](std::string_view line) { ... }});
//   if (!session.ok()) report(session.error());
//   while (session.value()->call().value()) {}          // until a source ends
//
// The session is a RunicOS with its store in memory: the rune is checked, translated and
// linked in the same way, by the same sources, as on a board.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/runicos/runicos.h"
#include "host/support/files.h"

namespace rune::ports {

struct SessionOptions {
  // "sound:F.wav", "accelerometer:F.csv", "image:F.png", "raw:F", "random:SEED". Several of a kind
  // are the sources 0, 1, ... of that kind. Random numbers are there unasked, with seed 42.
  std::vector<std::string> capabilities = {};
  // Each line of serial output, without its newline.
  std::function<void(std::string_view)> on_line = {};
  // Each line of the device's log.
  std::function<void(std::string_view)> on_log = {};
  // The tensors of one write to the output `tensor`.
  std::function<void(std::span<const hal::OutputTensor>)> on_tensors = {};
  bool reference_kernels = false;  // else the best that this machine has
};

class Session {
 public:
  // Reads the recordings, then installs and links the rune. A diagnostic for each that fails:
  // a file that cannot be read, a source that is missing, a rune that is refused.
  static Result<std::unique_ptr<Session>, Diagnostic> open(const std::string& path, Bytes rune,
                                                           const SessionOptions& options);
  ~Session();

  // One inference. False when a source has ended; a diagnostic when the rune failed.
  Result<bool, Diagnostic> call();

  // Timings, memory, manifest.
  const os::RunicOs& device() const;

 private:
  Session();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rune::ports
