#include "host/hammer/device_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace rune::hammer {
namespace {

using link::Operation;

constexpr Command kEcho{Operation::kWrite, link::kGroupOs, 0};
constexpr Command kParameters{Operation::kRead, link::kGroupOs, 6};
constexpr Command kInformation{Operation::kRead, link::kGroupOs, 7};
constexpr Command kUpload{Operation::kWrite, link::kGroupFs, 0};
constexpr Command kChecksum{Operation::kRead, link::kGroupFs, 2};
constexpr Command kProfile{Operation::kRead, link::kGroupRune, 0};
constexpr Command kList{Operation::kRead, link::kGroupRune, 1};
constexpr Command kControl{Operation::kWrite, link::kGroupRune, 2};
constexpr Command kMetrics{Operation::kRead, link::kGroupRune, 3};
constexpr Command kLog{Operation::kRead, link::kGroupRune, 4};

// The buffer of a stock device that does not tell (Zephyr's default), and what framing takes of it.
constexpr uint32_t kDefaultBufferBytes = 384;
constexpr uint32_t kFramingBytes = 4;
// Stages of the device's own work (verify, translate, write flash) that one answer may wait for.
constexpr double kControlAnswer_s = 60;
constexpr int kMaxSteps = 3;  // answers in a row that do not move an upload on

Diagnostic unreadable(const std::string& line) {
  return LinkFailure{.kind = LinkFailure::Kind::kMalformed}.diagnostic(line, "a firmware of this version");
}

SmpClient::Fill nothing() {
  return [](CborWriter&) {};
}

// One chunk of a file; the name goes along each time, as the file group wants it.
SmpClient::Fill chunk(const std::string& name, uint64_t offset, Bytes data, uint64_t total_bytes) {
  return [=](CborWriter& out) {
    out.pair("name", name);
    out.pair("off", static_cast<int64_t>(offset));
    out.text("data");
    out.bytes(data);
    if (offset == 0) out.pair("len", static_cast<int64_t>(total_bytes));
  };
}

}  // namespace

std::string slot_path(const std::string& name) { return "/runes/" + name + ".rune"; }

Result<void, Diagnostic> DeviceClient::connect(double timeout_s) {
  // One request, sent again and again: an answer that comes late, behind much text, counts too.
  constexpr double kAgain_s = 0.5;
  const int attempts = std::max(1, static_cast<int>(timeout_s / kAgain_s));
  auto answer = smp_.request(kEcho, [](CborWriter& out) { out.pair("d", "hmr"); },
                             {.answer_s = std::min(kAgain_s, timeout_s), .attempts = attempts});
  // A refusal is an answer as well.
  if (answer.ok() || answer.error().kind == LinkFailure::Kind::kRefused) return {};
  return answer.error().diagnostic(smp_.path(), "to see whether it runs and speaks SMP at 115200 baud");
}

Result<std::string, Diagnostic> DeviceClient::information() {
  auto answer = smp_.request(kInformation, [](CborWriter& out) { out.pair("format", "a"); });
  if (!answer.ok()) return answer.error().diagnostic(smp_.path());
  const auto text = answer.value().text("output");
  if (!text.ok()) return unreadable(smp_.path());
  return std::string(text.value());
}

Result<DeviceProfile, Diagnostic> DeviceClient::profile() {
  auto answer = smp_.request(kProfile, nothing());
  if (!answer.ok()) {
    const bool stranger = answer.error().status() == Status::kUnsupported;
    return answer.error().diagnostic(smp_.path(),
                                     stranger ? "a device with RunicOS: this one has no rune group" : "");
  }
  const auto bytes = answer.value().bytes("profile");
  if (!bytes.ok()) return unreadable(smp_.path());
  DeviceProfile device;
  device.bytes.assign(bytes.value().begin(), bytes.value().end());
  auto profile = format::parse_profile(device.bytes);
  if (!profile.ok()) return unreadable(smp_.path());
  device.profile = profile.value();
  return device;
}

Result<uint32_t, LinkFailure> DeviceClient::max_message_bytes() {
  auto answer = smp_.request(kParameters, nothing());
  uint32_t buffer_bytes = kDefaultBufferBytes;
  if (answer.ok()) {
    const auto told = answer.value().integer("buf_size");
    if (told.ok()) buffer_bytes = static_cast<uint32_t>(std::clamp<int64_t>(told.value(), 128, 1 << 15));
  } else if (answer.error().kind != LinkFailure::Kind::kRefused) {
    return answer.error();
  }
  return buffer_bytes - kFramingBytes;
}

Result<void, Diagnostic> DeviceClient::upload(const std::string& name, Bytes file, const Progress& progress) {
  uint64_t offset = 0;
  const auto stopped = [&](const LinkFailure& failure) {
    Diagnostic found =
        failure.diagnostic(smp_.path(), "the same command again: what was installed is untouched");
    found.what = fmt::format("upload stopped at byte {} of {}: {}", offset, file.size(), found.what);
    return found;
  };
  const auto limit = max_message_bytes();
  if (!limit.ok()) return stopped(limit.error());
  const size_t room =
      limit.value() - request_bytes(chunk(name, 0, {}, file.size())) - 2;  // 2: a longer size of data
  for (int idle = 0; offset < file.size() || file.empty();) {
    const size_t size = std::min<size_t>(room, file.size() - offset);
    auto answer = smp_.request(kUpload, chunk(name, offset, file.subspan(offset, size), file.size()));
    if (!answer.ok()) return stopped(answer.error());
    const auto next = answer.value().integer("off");
    if (!next.ok() || next.value() < 0 || static_cast<uint64_t>(next.value()) > file.size()) {
      return stopped({.kind = LinkFailure::Kind::kMalformed});
    }
    idle = static_cast<uint64_t>(next.value()) > offset ? 0 : idle + 1;
    if (idle > kMaxSteps) return stopped({.kind = LinkFailure::Kind::kMalformed});
    offset = static_cast<uint64_t>(next.value());
    progress(offset, file.size());
    if (file.empty()) break;
  }
  return {};
}

Result<uint32_t, Diagnostic> DeviceClient::checksum(const std::string& name) {
  auto answer = smp_.request(kChecksum, [&](CborWriter& out) {
    out.pair("name", name);
    out.pair("type", "crc32");
  });
  if (!answer.ok()) return answer.error().diagnostic(smp_.path());
  const auto output = answer.value().integer("output");
  if (!output.ok()) return unreadable(smp_.path());
  return static_cast<uint32_t>(output.value());
}

Result<std::vector<RuneState>, Diagnostic> DeviceClient::list() {
  auto answer = smp_.request(kList, nothing());
  if (!answer.ok()) return answer.error().diagnostic(smp_.path());
  Result<CborReader> value = answer.value().map().find("runes");
  Result<CborReader> items = value.ok() ? value.value().enter_array() : Result<CborReader>(value.status());
  if (!items.ok()) return unreadable(smp_.path());
  std::vector<RuneState> runes;
  while (!items.value().at_end()) {
    Result<CborReader> map = items.value().enter_map();
    if (!map.ok()) return unreadable(smp_.path());
    const auto text = [&](std::string_view key) {
      Result<CborReader> found = map.value().find(key);
      const auto read = found.ok() ? found.value().text() : Result<std::string_view>(found.status());
      return read.ok() ? std::string(read.value()) : std::string();
    };
    RuneState rune{.name = text("name"), .state = text("state"), .error = text("error")};
    if (Result<CborReader> bytes = map.value().find("bytes"); bytes.ok()) {
      const auto count = bytes.value().unsigned_integer();
      if (count.ok()) rune.bytes = count.value();
    }
    runes.push_back(std::move(rune));
  }
  return runes;
}

Result<ControlResult, Diagnostic> DeviceClient::control(const std::string& name, const std::string& op) {
  // Sent once: an operation that was carried out must not be asked for again blindly.
  auto answer = smp_.request(kControl,
                             [&](CborWriter& out) {
                               out.pair("name", name);
                               out.pair("op", op);
                             },
                             {.answer_s = kControlAnswer_s, .attempts = 1});
  if (!answer.ok()) {
    Diagnostic found = answer.error().diagnostic(smp_.path());
    found.where.node = op + " " + name;
    if (answer.error().status() == Status::kNotFound) found.hint = "hmr ps, which lists the runes";
    return found;
  }
  const auto state = answer.value().text("state");
  const auto reset = answer.value().boolean("reset");
  if (!state.ok()) return unreadable(smp_.path());
  return ControlResult{std::string(state.value()), reset.ok() && reset.value()};
}

Result<LogPart, Diagnostic> DeviceClient::log(uint64_t offset) {
  auto answer = smp_.request(kLog, [&](CborWriter& out) { out.pair("off", static_cast<int64_t>(offset)); });
  if (!answer.ok()) return answer.error().diagnostic(smp_.path());
  const auto next = answer.value().integer("off");
  const auto text = answer.value().text("data");
  if (!next.ok() || !text.ok()) return unreadable(smp_.path());
  return LogPart{static_cast<uint64_t>(next.value()), std::string(text.value())};
}

Result<ByteVector, Diagnostic> DeviceClient::metrics() {
  ByteVector whole;
  for (;;) {
    auto answer =
        smp_.request(kMetrics, [&](CborWriter& out) { out.pair("off", static_cast<int64_t>(whole.size())); });
    if (!answer.ok()) return answer.error().diagnostic(smp_.path());
    const auto data = answer.value().bytes("data");
    const auto length = answer.value().integer("len");
    if (!data.ok() || !length.ok()) return unreadable(smp_.path());
    whole.insert(whole.end(), data.value().begin(), data.value().end());
    if (static_cast<int64_t>(whole.size()) >= length.value()) return whole;
    if (data.value().empty()) return unreadable(smp_.path());
  }
}

}  // namespace rune::hammer
