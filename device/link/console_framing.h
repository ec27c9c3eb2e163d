// SMP over a serial console: lines of base64, mixed with ordinary text.
//
//   u16 BE (length + 2) | message | CRC-16/XMODEM(message)
//   -> base64 -> lines of at most 127 bytes, the first led by 06 09, the rest by 04 14
//
// ConsoleDecoder takes bytes as they come and tells frames from text, so that a
// rune's serial output and SMP share one UART. It is total: garbage resets it.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/hal/byte_pipe.h"

namespace rune::link {

class ConsoleDecoder {
 public:
  // `frame` holds the message being assembled; longer messages are dropped.
  explicit ConsoleDecoder(MutableBytes frame) : frame_(frame) {}

  enum class Event : uint8_t { kNone, kMessage, kText };

  // Feeds one byte. kMessage: message() is whole and its CRC right. kText: `byte` is not
  // part of a frame (ordinary console text).
  Event feed(uint8_t byte);
  Bytes message() const { return Bytes(frame_.data(), message_bytes_); }

 private:
  enum class State : uint8_t { kText, kStart, kContinue, kBody };
  void finish_line();
  bool decode_group(const uint8_t* four);

  MutableBytes frame_;
  State state_ = State::kText;
  bool ready_ = false;
  bool open_ = false;             // a first line has been seen
  uint8_t group_[4] = {};
  uint8_t group_size_ = 0;
  uint8_t head_[2] = {};
  size_t decoded_ = 0;            // bytes decoded in this frame, length field included
  size_t message_bytes_ = 0;
};

// Sends one message as console lines.
Status write_console_frame(Bytes message, hal::BytePipe& pipe);

}  // namespace rune::link
