// The asking side of SMP on a serial line: one request at a time, sent again when no answer
// comes, matched by group, command and sequence number. Text that the device prints between
// frames, garbage and answers to earlier requests are told apart and never fail a request.
//
//   SmpClient client(std::move(line));
//   auto answer = client.request({link::Operation::kRead, link::kGroupOs, 6}, [](CborWriter&) {});
//   if (answer.ok()) use(answer.value().map());
#pragma once

#include <functional>

#include "device/link/console_framing.h"
#include "device/link/smp.h"
#include "host/hammer/serial_line.h"
#include "host/support/files.h"

namespace rune::hammer {

struct Command {
  link::Operation operation = link::Operation::kRead;
  uint16_t group = 0;
  uint8_t command = 0;
};

// How long to wait for one answer, and how often to send a request.
struct Patience {
  double answer_s = 2;
  int attempts = 4;
};

// Why there is no answer.
struct LinkFailure {
  enum class Kind { kSilent, kGone, kRefused, kMalformed };
  Kind kind = Kind::kSilent;
  uint16_t group = 0;
  uint16_t code = 0;        // kRefused: the device's number
  bool group_code = false;  // it is of `group`, else SMP's own
  double waited_s = 0;      // kSilent

  // "the device does not answer (8 s)", "the device refuses: checksum", ...
  std::string text() const;
  // The device's Status when it is known: numbers of the rune group. Else kUnsupported for a
  // command that the device has not, and kIo.
  Status status() const;
  Diagnostic diagnostic(const std::string& line, const std::string& hint = {}) const;
};

// Owns the bytes that map() looks into.
class Answer {
 public:
  Answer() = default;
  explicit Answer(ByteVector message) : message_(std::move(message)) {}

  // A cursor over the pairs. Requires an answer that request() gave.
  CborReader map() const;
  // The value of a key, when it is there and of that kind.
  Result<int64_t> integer(std::string_view key) const;
  Result<std::string_view> text(std::string_view key) const;
  Result<Bytes> bytes(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;

 private:
  ByteVector message_;
};

class SmpClient {
 public:
  using Fill = std::function<void(CborWriter& pairs)>;  // writes the pairs of the request's map
  using TextSink = std::function<void(char)>;           // console text, byte by byte

  explicit SmpClient(SerialLine line, Patience patience = {});

  void set_text_sink(TextSink sink) { sink_ = std::move(sink); }
  const Patience& patience() const { return patience_; }
  const std::string& path() const { return line_.path(); }

  Result<Answer, LinkFailure> request(const Command& command, const Fill& fill) {
    return request(command, fill, patience_);
  }
  Result<Answer, LinkFailure> request(const Command& command, const Fill& fill, const Patience& patience);

 private:
  // The answer to `sequence`, or an empty message when the time is up.
  ByteVector await(const Command& command, uint8_t sequence, double until);

  SerialLine line_;
  Patience patience_;
  TextSink sink_;
  ByteVector frame_;
  link::ConsoleDecoder decoder_;
  uint8_t sequence_;
};

// Bytes of a request with these pairs, header included.
size_t request_bytes(const SmpClient::Fill& fill);

}  // namespace rune::hammer
