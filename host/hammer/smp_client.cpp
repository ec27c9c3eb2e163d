#include "host/hammer/smp_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

namespace rune::hammer {
namespace {

constexpr size_t kMaxMessageBytes = 1 << 16;

// Where the pairs of an answer begin, or an empty reader.
CborReader pairs_of(Bytes message) {
  CborReader payload(message.subspan(link::kHeaderBytes));
  Result<CborReader> map = payload.enter_map();
  return map.ok() ? map.value() : CborReader();
}

// The request's bytes with the map closed. Requires pairs of less than 64 KB.
ByteVector build(const link::Header& head, const SmpClient::Fill& fill) {
  ByteVector message(kMaxMessageBytes);
  CborWriter out(MutableBytes(message).subspan(link::kHeaderBytes));
  out.begin_map();
  fill(out);
  out.end();
  link::Header header = head;
  header.payload_bytes = static_cast<uint16_t>(out.needed());
  message.resize(link::kHeaderBytes + header.payload_bytes);
  link::write_header(header, message);
  return message;
}

const char* smp_error_name(uint16_t code) {
  constexpr const char* kNames[] = {"ok",
                                    "unknown error",
                                    "no memory",
                                    "invalid request",
                                    "timeout",
                                    "not found",
                                    "not in this state",
                                    "too large",
                                    "no such command",
                                    "corrupt",
                                    "busy",
                                    "denied",
                                    "version too old",
                                    "version too new"};
  return code < std::size(kNames) ? kNames[code] : "unknown error";
}

const char* fs_error_name(uint16_t code) {
  switch (code) {
    case 2: return "the file name is not valid";
    case 3: return "there is no such file";
    case 10: return "writing to flash failed";
    case 11: return "the offset is not valid";
    case 12: return "the file is larger than its slot";
    case 13: return "there is no such checksum";
    case 15: return "the file is read-only";
    case 16: return "the file is empty";
    default: return "file error";
  }
}

// The failure that an answer reports; none when it reports success.
std::optional<LinkFailure> failure_in(const Answer& answer) {
  LinkFailure failure{.kind = LinkFailure::Kind::kRefused};
  CborReader map = answer.map();
  if (Result<CborReader> error = map.find("err"); error.ok()) {
    Result<CborReader> inner = error.value().enter_map();
    if (!inner.ok()) return LinkFailure{.kind = LinkFailure::Kind::kMalformed};
    Result<CborReader> group = inner.value().find("group"), code = inner.value().find("rc");
    if (!group.ok() || !code.ok()) return LinkFailure{.kind = LinkFailure::Kind::kMalformed};
    failure.group = static_cast<uint16_t>(group.value().integer().value());
    failure.code = static_cast<uint16_t>(code.value().integer().value());
    failure.group_code = true;
    return failure.code == 0 ? std::nullopt : std::optional(failure);
  }
  const Result<int64_t> code = answer.integer("rc");
  if (!code.ok() || code.value() == 0) return std::nullopt;
  failure.code = static_cast<uint16_t>(code.value());
  return failure;
}

}  // namespace

Status LinkFailure::status() const {
  if (kind == Kind::kSilent) return Status::kTimeout;
  if (kind == Kind::kMalformed) return Status::kMalformed;
  if (kind == Kind::kRefused && group_code && group == link::kGroupRune) return static_cast<Status>(code);
  if (kind == Kind::kRefused && !group_code && code == 8) return Status::kUnsupported;
  return Status::kIo;
}

std::string LinkFailure::text() const {
  switch (kind) {
    case Kind::kSilent: return fmt::format("the device does not answer ({:.0f} s)", waited_s);
    case Kind::kGone: return "the device is gone from the line";
    case Kind::kMalformed: return "the device's answer cannot be read";
    case Kind::kRefused: break;
  }
  if (!group_code) return std::string("the device refuses: ") + smp_error_name(code);
  if (group == link::kGroupRune) return std::string("the device refuses: ") + status_name(status());
  if (group == link::kGroupFs) return std::string("the device refuses: ") + fs_error_name(code);
  return fmt::format("the device refuses: error {} of group {}", code, group);
}

Diagnostic LinkFailure::diagnostic(const std::string& line, const std::string& hint) const {
  return {.where = {.file = line}, .what = text(), .hint = hint};
}

CborReader Answer::map() const { return pairs_of(message_); }

Result<int64_t> Answer::integer(std::string_view key) const {
  Result<CborReader> value = map().find(key);
  return value.ok() ? value.value().integer() : Result<int64_t>(value.status());
}
Result<std::string_view> Answer::text(std::string_view key) const {
  Result<CborReader> value = map().find(key);
  return value.ok() ? value.value().text() : Result<std::string_view>(value.status());
}
Result<Bytes> Answer::bytes(std::string_view key) const {
  Result<CborReader> value = map().find(key);
  return value.ok() ? value.value().bytes() : Result<Bytes>(value.status());
}
Result<bool> Answer::boolean(std::string_view key) const {
  Result<CborReader> value = map().find(key);
  return value.ok() ? value.value().boolean() : Result<bool>(value.status());
}

SmpClient::SmpClient(SerialLine line, Patience patience)
    : line_(std::move(line)),
      patience_(patience),
      frame_(kMaxMessageBytes),
      decoder_(frame_),
      // Not the number with which the last program on this line began.
      sequence_(static_cast<uint8_t>(std::random_device{}())) {}

ByteVector SmpClient::await(const Command& command, uint8_t sequence, double until) {
  std::array<uint8_t, 4096> chunk;
  while (!line_.gone()) {
    const size_t count = line_.read(chunk);
    ByteVector found;
    for (size_t i = 0; i < count; ++i) {
      const auto event = decoder_.feed(chunk[i]);
      if (event == link::ConsoleDecoder::Event::kText && sink_) sink_(static_cast<char>(chunk[i]));
      if (event != link::ConsoleDecoder::Event::kMessage) continue;
      const Bytes message = decoder_.message();
      const auto header = link::parse_header(message);
      if (!header.ok() || header.value().group != command.group ||
          header.value().command != command.command || header.value().sequence != sequence ||
          static_cast<int>(header.value().operation) != static_cast<int>(command.operation) + 1) {
        continue;
      }
      found.assign(message.begin(), message.end());
    }
    if (!found.empty()) return found;
    const double left_s = until - now_seconds();
    if (left_s <= 0) return {};
    if (count == 0) line_.wait(left_s);
  }
  return {};
}

Result<Answer, LinkFailure> SmpClient::request(const Command& command, const Fill& fill,
                                               const Patience& patience) {
  const uint8_t sequence = ++sequence_;
  const ByteVector message = build({.operation = command.operation,
                                    .version = 1,
                                    .payload_bytes = 0,
                                    .group = command.group,
                                    .sequence = sequence,
                                    .command = command.command},
                                   fill);
  const double begin = now_seconds();
  for (int attempt = 0; attempt < patience.attempts && !line_.gone(); ++attempt) {
    // Not sent counts as not answered: the other end may be starting.
    (void)link::write_console_frame(message, line_);
    ByteVector found = await(command, sequence, now_seconds() + patience.answer_s);
    if (found.empty()) continue;
    Answer answer(std::move(found));
    if (auto failure = failure_in(answer)) return *failure;
    return answer;
  }
  LinkFailure failure{.kind = line_.gone() ? LinkFailure::Kind::kGone : LinkFailure::Kind::kSilent};
  failure.waited_s = now_seconds() - begin;
  return failure;
}

size_t request_bytes(const SmpClient::Fill& fill) { return build({}, fill).size(); }

}  // namespace rune::hammer
