// Console framing: any bytes in any frame buffer. The first byte sizes the buffer. A message
// that comes out is written again and must come back the same.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "device/link/console_framing.h"

namespace {

struct Loop final : rune::hal::BytePipe {
  size_t read(rune::MutableBytes) override { return 0; }
  rune::Status write(rune::Bytes bytes) override {
    for (const uint8_t each : bytes)
      heard += decoder.feed(each) == rune::link::ConsoleDecoder::Event::kMessage;
    return rune::Status::kOk;
  }
  std::vector<uint8_t> frame = std::vector<uint8_t>(512);
  rune::link::ConsoleDecoder decoder{frame};
  int heard = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::vector<uint8_t> frame(data[0]);
  rune::link::ConsoleDecoder decoder(frame);
  for (const uint8_t each : rune::Bytes(data, size).subspan(1)) {
    if (decoder.feed(each) != rune::link::ConsoleDecoder::Event::kMessage) continue;
    Loop loop;
    if (rune::link::write_console_frame(decoder.message(), loop) != rune::Status::kOk || loop.heard != 1 ||
        !std::ranges::equal(loop.decoder.message(), decoder.message())) {
      std::abort();
    }
  }
  return 0;
}
