// SMP over a serial console: lines of base64, mixed with ordinary text.
//
//   u16 BE (length + 2) | message | CRC-16/XMODEM(message)
//   -> base64 -> lines of at most 127 bytes, the first led by 06 09, the rest by 04 14
//
// ConsoleDecoder takes bytes as they come and tells frames from text, so that a
// rune's serial output and SMP share one UART. Text may stand between the lines of a
// frame. It is total: garbage, a lost line or a wrong checksum drops the frame and
// nothing else. Tested by console_framing_test.cpp and the smp_console fuzzer.
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
  // part of a frame (ordinary console text). A message stays valid until the next byte.
  Event feed(uint8_t byte);
  Bytes message() const { return Bytes(frame_.data(), message_bytes_); }

 private:
  // kStart and kContinue: the first byte of a line's marker has come. kBody: base64 until LF.
  enum class State : uint8_t { kText, kStart, kContinue, kBody };
  Event begin_line(uint8_t byte);
  Event finish_line();
  bool decode(uint8_t character);
  bool take(uint8_t byte);

  MutableBytes frame_;
  State state_ = State::kText;
  bool open_ = false;    // a first line has come and nothing went wrong since
  bool padded_ = false;  // '=' has come: nothing may follow but '='
  uint8_t line_characters_ = 0;
  uint8_t group_characters_ = 0;  // of four base64 characters
  uint32_t group_bits_ = 0;
  uint8_t head_[2] = {};
  size_t decoded_ = 0;  // bytes decoded in this frame, length field included
  uint16_t crc_ = 0;    // over message and its CRC: 0 when right
  size_t message_bytes_ = 0;
};

inline constexpr size_t kConsoleLineBytes = 127;

// Sends one message as console lines, each in one write. kTooLarge above 65533 bytes.
Status write_console_frame(Bytes message, hal::BytePipe& pipe);

}  // namespace rune::link
