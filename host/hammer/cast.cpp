#include "host/hammer/cast.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "device/base/crc.h"
#include "device/format/rune.h"
#include "device/runicos/config.h"

namespace rune::hammer {
namespace {

// A device may verify, translate and write flash over several resets.
constexpr double kInstall_s = 120;
constexpr double kReconnect_s = 20;

class Stopwatch {
 public:
  explicit Stopwatch(CastReport& report) : report_(report) {}
  void lap(const std::string& name) {
    const double now = now_seconds();
    report_.stages.push_back({name, now - begin_});
    begin_ = now;
  }

 private:
  CastReport& report_;
  double begin_ = now_seconds();
};

struct Package {
  ByteVector bytes;
  format::Manifest manifest;
};

Result<Package, Diagnostic> load_package(const std::string& path) {
  auto file = read_file(path);
  if (!file.ok()) return file.error();
  Package package{.bytes = std::move(file.value()), .manifest = {}};
  const auto opened = format::RuneFile::open(package.bytes);
  if (!opened.ok()) return from_status({.file = path}, "is no rune", opened.status(), "rune build");
  const auto manifest = format::parse_manifest(opened.value().manifest_bytes());
  if (!manifest.ok()) {
    return from_status({.file = path, .node = "section rune.manifest"}, "cannot be read", manifest.status(),
                       "to build it again with this version");
  }
  package.manifest = manifest.value();
  return package;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char each) { return static_cast<char>(std::toupper(each)); });
  return text;
}

Result<void, Diagnostic> check_stored(DeviceClient& device, const std::string& path, const Package& package) {
  const auto stored = device.checksum(path);
  if (!stored.ok()) return stored.error();
  if (stored.value() == crc32(package.bytes)) return {};
  return Diagnostic{.where = {.file = device.smp().path()},
                    .what = fmt::format("the device stored {} with another checksum", path),
                    .hint = "the same command again: what was installed is untouched"};
}

// The entry that says how the installation went; none while the file still waits.
const RuneState* settled(const std::vector<RuneState>& runes, const std::string& name) {
  const RuneState* found = nullptr;
  for (const RuneState& each : runes) {
    if (each.name != name) continue;
    if (each.state == "staged") return nullptr;
    if (found == nullptr || each.state == "failed") found = &each;
  }
  return found;
}

// The device's own words for a refusal, when it has some.
Diagnostic with_reason(DeviceClient& device, const std::string& name, Diagnostic refused) {
  const auto runes = device.list();
  if (!runes.ok()) return refused;
  for (const RuneState& each : runes.value()) {
    if (each.name == name && !each.error.empty()) refused.what = "the device refuses the rune: " + each.error;
  }
  return refused;
}

Result<RuneState, Diagnostic> install(DeviceClient& device, const std::string& name) {
  const auto control = device.control(name, "install");
  if (!control.ok()) return with_reason(device, name, control.error());
  const double until = now_seconds() + kInstall_s;
  while (now_seconds() < until) {
    if (auto back = device.connect(kReconnect_s); !back.ok()) {
      Diagnostic lost = back.error();
      lost.what += " after the reset that installs the rune";
      return lost;
    }
    const auto runes = device.list();
    // It may be resetting once more.
    const RuneState* state = runes.ok() ? settled(runes.value(), name) : nullptr;
    if (state != nullptr && state->state != "failed") return *state;
    if (state != nullptr) {
      return Diagnostic{
          .where = {.file = device.smp().path(), .node = "install " + name},
          .what = "the device refuses the rune: " + (state->error.empty() ? "it failed" : state->error),
          .hint = "hmr logs"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Diagnostic{.where = {.file = device.smp().path(), .node = "install " + name},
                    .what = "the device does not finish the installation",
                    .limit = static_cast<int64_t>(kInstall_s),
                    .unit = "seconds",
                    .hint = "hmr logs"};
}

Result<void, Diagnostic> send(DeviceClient& device, const Package& package, const CastView& view) {
  int shown = -1;
  const auto progress = [&](uint64_t done, uint64_t total) {
    const int percent = total == 0 ? 100 : static_cast<int>(done * 100 / total);
    if (percent != shown) view.progress("Uploading rune", percent);
    shown = percent;
  };
  return device.upload(slot_path(std::string(package.manifest.name)), package.bytes, progress);
}

}  // namespace

nlohmann::json CastReport::json() const {
  nlohmann::json all = nlohmann::json::array();
  for (const CastStage& each : stages) all.push_back({{"name", each.name}, {"seconds", each.seconds}});
  return {{"target", target}, {"rune", rune}, {"state", state}, {"bytes", bytes}, {"stages", all}};
}

Diagnostic refusal_diagnostic(const format::Refusal& refusal, const std::string& path,
                              const std::string& board) {
  std::string about = refusal.what;
  if (!refusal.name.empty()) about += " " + std::string(refusal.name);
  Diagnostic found{.where = {.file = path},
                   .hint = refusal.hint != nullptr ? std::string("to ") + refusal.hint : ""};
  if (refusal.limit == 0 && refusal.actual == 1) {
    found.what = fmt::format("does not fit {}: it has no {}", board, about);
    return found;
  }
  found.what = fmt::format("does not fit {}: {}", board, about);
  found.limit = refusal.limit;
  found.actual = refusal.actual;
  return found;
}

Result<CastReport, Diagnostic> cast(const Target& target, const std::string& path, const Patience& patience,
                                    const CastView& view) {
  CastReport report{.target = target.id, .rune = {}, .state = {}, .bytes = 0, .stages = {}};
  const auto loaded = load_package(path);
  if (!loaded.ok()) return loaded.error();
  const Package& package = loaded.value();
  const std::string name(package.manifest.name);
  report.rune = name;
  report.bytes = package.bytes.size();
  view.say(fmt::format("Deploying {} to target {}", path, target.id));

  Stopwatch watch(report);
  view.progress("Verifying provider", 0);
  auto line = SerialLine::open(target.serial);
  if (!line.ok()) return line.error();
  DeviceClient device(std::move(line.value()), patience);
  if (auto answers = device.connect(patience.answer_s * patience.attempts); !answers.ok())
    return answers.error();
  const auto offer = device.profile();
  if (!offer.ok()) return offer.error();
  const format::Profile& profile = offer.value().profile;
  view.progress("Verifying provider", 100);
  view.say(fmt::format("Provider with fqdn=runicos:{} found", profile.board));
  watch.lap("provider");

  const format::Refusal refusal = format::check_profile(
      package.manifest, profile, static_cast<uint32_t>(package.bytes.size()), os::kEngineReserveBytes);
  if (refusal.what != nullptr) return refusal_diagnostic(refusal, path, std::string(profile.board));

  if (auto sent = send(device, package, view); !sent.ok()) return sent.error();
  watch.lap("upload");

  view.progress("Verifying rune", 0);
  if (auto same = check_stored(device, slot_path(name), package); !same.ok()) return same.error();
  view.progress("Verifying rune", 50);
  const auto installed = install(device, name);
  if (!installed.ok()) return installed.error();
  view.progress("Verifying rune", 100);
  for (const CapabilityRequest& each : package.manifest.capabilities) {
    view.progress(fmt::format("Capability: {} OK", upper(capability_name(each.kind))), 100);
  }
  watch.lap("verify");
  report.state = installed.value().state;
  return report;
}

}  // namespace rune::hammer
