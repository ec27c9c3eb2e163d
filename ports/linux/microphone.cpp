#include "ports/linux/microphone.h"

#include <fmt/format.h>

namespace rune::ports {

Result<std::unique_ptr<Microphone>, Diagnostic> Microphone::open(int32_t rate_hz) {
  const std::string command = fmt::format("exec arecord -q -t raw -f S16_LE -c 1 -r {} 2>/dev/null", rate_hz);
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  const int first = pipe == nullptr ? EOF : std::fgetc(pipe);
  if (first == EOF) {
    if (pipe != nullptr) ::pclose(pipe);
    return Diagnostic{
        .where = {.node = "--capability sound:mic"},
        .what = fmt::format("arecord gives no sound at {} Hz", rate_hz),
        .hint = "installing alsa-utils and connecting a microphone, or sound:F.wav with a recording"};
  }
  std::ungetc(first, pipe);
  return std::unique_ptr<Microphone>(new Microphone(pipe));
}

// The recorder ends at its next write to the closed pipe.
Microphone::~Microphone() { ::pclose(pipe_); }

size_t Microphone::read(MutableBytes into) { return std::fread(into.data(), 1, into.size(), pipe_); }

}  // namespace rune::ports
