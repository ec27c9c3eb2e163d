#include "device/link/console_framing.h"

#include "device/base/crc.h"

namespace rune::link {
namespace {

constexpr uint8_t kStartMarker[2] = {0x06, 0x09};
constexpr uint8_t kContinueMarker[2] = {0x04, 0x14};
constexpr size_t kLengthBytes = 2;
constexpr size_t kCrcBytes = 2;
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The value of a base64 character; -1 for any other.
int base64_value(uint8_t character) {
  if (character >= 'A' && character <= 'Z') return character - 'A';
  if (character >= 'a' && character <= 'z') return character - 'a' + 26;
  if (character >= '0' && character <= '9') return character - '0' + 52;
  if (character == '+') return 62;
  return character == '/' ? 63 : -1;
}

}  // namespace

// One decoded byte. False when it is more than the frame's length says or than there is room for.
bool ConsoleDecoder::take(uint8_t byte) {
  if (decoded_ < kLengthBytes) {
    head_[decoded_++] = byte;
    if (decoded_ < kLengthBytes) return true;
    const size_t length = load_be16(head_);
    if (length < kCrcBytes || length - kCrcBytes > frame_.size()) return false;
    message_bytes_ = length - kCrcBytes;
    return true;
  }
  const size_t at = decoded_ - kLengthBytes;
  if (at >= message_bytes_ + kCrcBytes) return false;
  if (at < message_bytes_) frame_[at] = byte;
  crc_ = crc16_xmodem(Bytes(&byte, 1), crc_);
  ++decoded_;
  return true;
}

// One character of a line's body. Groups of four may be split over lines.
bool ConsoleDecoder::decode(uint8_t character) {
  const int value = base64_value(character);
  if (value < 0 && character != '=') return false;
  if (value >= 0 && padded_) return false;
  if (value < 0 && group_characters_ < 2) return false;
  padded_ = padded_ || value < 0;
  group_bits_ = group_bits_ << 6 | (value < 0 ? 0 : static_cast<uint32_t>(value));
  ++group_characters_;
  // The last characters complete a byte each but the first of a group; padding completes none.
  if (value >= 0 && group_characters_ > 1) {
    const int spare_bits = 6 * group_characters_ - 8 * (group_characters_ - 1);
    if (!take(static_cast<uint8_t>(group_bits_ >> spare_bits))) return false;
  }
  if (group_characters_ == 4) group_characters_ = 0, group_bits_ = 0;
  return true;
}

ConsoleDecoder::Event ConsoleDecoder::begin_line(uint8_t byte) {
  const bool first = state_ == State::kStart;
  if (byte == (first ? kStartMarker[1] : kContinueMarker[1])) {
    state_ = State::kBody;
    line_characters_ = 0;
    if (first) {
      open_ = true;
      padded_ = false;
      group_characters_ = 0, group_bits_ = 0;
      decoded_ = 0, message_bytes_ = 0, crc_ = 0;
    }
    return Event::kNone;
  }
  state_ = byte == kStartMarker[0]      ? State::kStart
           : byte == kContinueMarker[0] ? State::kContinue
                                        : State::kText;
  return state_ == State::kText ? Event::kText : Event::kNone;
}

ConsoleDecoder::Event ConsoleDecoder::finish_line() {
  state_ = State::kText;
  if (!open_ || decoded_ < kLengthBytes + message_bytes_ + kCrcBytes) return Event::kNone;
  open_ = false;
  return crc_ == 0 && group_characters_ == 0 ? Event::kMessage : Event::kNone;
}

ConsoleDecoder::Event ConsoleDecoder::feed(uint8_t byte) {
  if (state_ == State::kStart || state_ == State::kContinue) return begin_line(byte);
  if (byte == kStartMarker[0] || byte == kContinueMarker[0]) {
    // In the middle of a body: that line was cut off. A lost start loses its frame only.
    if (state_ == State::kBody) open_ = false;
    state_ = byte == kStartMarker[0] ? State::kStart : State::kContinue;
    return Event::kNone;
  }
  if (state_ == State::kText) return Event::kText;
  if (byte == '\n') return finish_line();
  if (byte == '\r') return Event::kNone;
  // A frame that went wrong is swallowed to the end of its line; what cannot be base64, or
  // more than a line holds, is text again.
  ++line_characters_;
  if ((base64_value(byte) < 0 && byte != '=') || line_characters_ > kConsoleLineBytes - 3) {
    open_ = false;
    state_ = State::kText;
    return Event::kText;
  }
  if (open_ && !decode(byte)) open_ = false;
  return Event::kNone;
}

namespace {

// Cuts a stream of bytes into base64 lines.
class LineWriter {
 public:
  explicit LineWriter(hal::BytePipe& pipe) : pipe_(pipe) { begin(kStartMarker); }

  Status put(uint8_t byte) {
    bits_ = bits_ << 8 | byte;
    return ++count_ == 3 ? put_group() : Status::kOk;
  }

  Status finish() {
    if (count_ > 0) {
      const int missing = 3 - count_;
      bits_ <<= 8 * missing;
      RUNE_TRY(put_group());
      for (int i = 0; i < missing; ++i) line_[size_ - 1 - i] = '=';
    }
    return flush();
  }

 private:
  void begin(const uint8_t* marker) {
    line_[0] = marker[0];
    line_[1] = marker[1];
    size_ = 2;
  }
  Status put_group() {
    if (size_ + 4 + 1 > kConsoleLineBytes) {
      RUNE_TRY(flush());
      begin(kContinueMarker);
    }
    for (int shift = 18; shift >= 0; shift -= 6)
      line_[size_++] = static_cast<uint8_t>(kAlphabet[bits_ >> shift & 63]);
    bits_ = 0;
    count_ = 0;
    return Status::kOk;
  }
  Status flush() {
    line_[size_++] = '\n';
    return pipe_.write(Bytes(line_, size_));
  }

  hal::BytePipe& pipe_;
  uint8_t line_[kConsoleLineBytes];
  size_t size_ = 0;
  uint32_t bits_ = 0;
  int count_ = 0;
};

}  // namespace

Status write_console_frame(Bytes message, hal::BytePipe& pipe) {
  if (message.size() + kCrcBytes > 0xFFFF) return Status::kTooLarge;
  uint8_t head[kLengthBytes];
  store_be16(head, static_cast<uint16_t>(message.size() + kCrcBytes));
  uint8_t tail[kCrcBytes];
  store_be16(tail, crc16_xmodem(message));
  LineWriter writer(pipe);
  for (const uint8_t each : head) RUNE_TRY(writer.put(each));
  for (const uint8_t each : message) RUNE_TRY(writer.put(each));
  for (const uint8_t each : tail) RUNE_TRY(writer.put(each));
  return writer.finish();
}

}  // namespace rune::link
