#include "host/hammer/targets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libserialport.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "host/support/files.h"
#include "host/support/text.h"

namespace rune::hammer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSerialType = "SERIAL";

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : otherwise;
}

bool usable(const std::string& path) { return ::access(path.c_str(), R_OK | W_OK) == 0; }

// Whether the emulator that wrote the file still holds its lock.
bool alive(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.open() && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

// A listing holds the lock for a moment; an emulator holds it for good.
bool lock_alone(int file) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    ::usleep(5000);
  }
  return false;
}

nlohmann::json parse_json(const std::string& path, Diagnostics& warnings) {
  const auto text = read_text_file(path);
  if (!text.ok()) {
    warnings.add(text.error());
    return nlohmann::json::object();
  }
  nlohmann::json parsed = nlohmann::json::parse(text.value(), nullptr, false);
  if (!parsed.is_object()) {
    warnings.add(
        Diagnostic{.where = {.file = path}, .what = "is no JSON object", .severity = Severity::kWarning});
    return nlohmann::json::object();
  }
  return parsed;
}

// A text member; empty when it is missing or something else.
std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_emulated(std::vector<Target>& targets, Diagnostics& warnings) {
  const auto folder = state_folder();
  if (!folder.ok()) return warnings.add(folder.error());
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.value(), error)) {
    if (entry.path().extension() != ".json") continue;
    if (!alive(entry.path())) {
      fs::remove(entry.path(), error);
      fs::remove(fs::path(entry.path()).replace_extension(".tty"), error);
      continue;
    }
    const nlohmann::json state = parse_json(entry.path(), warnings);
    targets.push_back({.id = text_of(state, "id"),
                       .type = kSerialType,
                       .name = text_of(state, "board"),
                       .serial = text_of(state, "serial"),
                       .source = Target::Source::kEmulated,
                       .available = true});
  }
  std::ranges::sort(targets, {}, &Target::id);
}

void add_configured(std::vector<Target>& targets, Diagnostics& warnings) {
  const std::string home = environment("XDG_CONFIG_HOME", environment("HOME", ".") + "/.config");
  const std::string path = home + "/rune/targets.json";
  std::error_code error;
  if (!fs::exists(path, error)) return;
  const nlohmann::json parsed = parse_json(path, warnings);
  for (const nlohmann::json& each : parsed.value("targets", nlohmann::json::array())) {
    const std::string id = each.is_object() ? text_of(each, "id") : "",
                      serial = each.is_object() ? text_of(each, "serial") : "";
    if (id.empty() || serial.empty()) {
      warnings.add(Diagnostic{.where = {.file = path},
                              .what = "a target without \"id\" or \"serial\"",
                              .severity = Severity::kWarning});
      continue;
    }
    targets.push_back({.id = id,
                       .type = kSerialType,
                       .name = text_of(each, "name"),
                       .serial = serial,
                       .source = Target::Source::kConfigured,
                       .available = usable(serial)});
  }
}

void add_ports(std::vector<Target>& targets) {
  sp_port** ports = nullptr;
  if (sp_list_ports(&ports) != SP_OK) return;
  for (sp_port** each = ports; *each != nullptr; ++each) {
    const char* path = sp_get_port_name(*each);
    const char* description = sp_get_port_description(*each);
    targets.push_back({.id = path,
                       .type = kSerialType,
                       .name = description != nullptr ? description : "",
                       .serial = path,
                       .source = Target::Source::kPort,
                       .available = usable(path)});
  }
  sp_free_port_list(ports);
}

Diagnostic unknown_target(const std::string& id, const std::vector<Target>& targets) {
  std::vector<std::string> known;
  for (const Target& each : targets) known.push_back(each.id);
  if (known.empty()) {
    return {.what = fmt::format("unknown target \"{}\", and none is known", id),
            .hint = "hmr emulate mps2-an386"};
  }
  const std::string near = nearest(id, known);
  return {.what = fmt::format("unknown target \"{}\"; known: {}", id, fmt::join(known, ", ")),
          .hint = near.empty() ? "hmr targets ls" : "-t " + near};
}

Result<Target, Diagnostic> only_target(const std::vector<Target>& targets) {
  std::vector<Target> candidates;
  for (const Target& each : targets) {
    if (each.available && each.source != Target::Source::kPort) candidates.push_back(each);
  }
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty()) {
    return Diagnostic{.what = "there is no target",
                      .hint = "hmr emulate mps2-an386, or -t PORT of hmr targets ls"};
  }
  std::vector<std::string> ids;
  for (const Target& each : candidates) ids.push_back(each.id);
  return Diagnostic{.what = fmt::format("{} targets are available: {}", ids.size(), fmt::join(ids, ", ")),
                    .hint = "-t " + ids.front()};
}

bool valid_id(const std::string& id) {
  const auto plain = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '-' || each == '_' || each == '.';
  };
  return !id.empty() && id.size() <= 31 && id.front() != '.' && std::ranges::all_of(id, plain);
}

}  // namespace

nlohmann::json Target::json() const {
  constexpr const char* kSources[] = {"emulated", "port", "configured"};
  return {{"id", id},         {"type", type},           {"name", name},
          {"serial", serial}, {"available", available}, {"source", kSources[static_cast<int>(source)]}};
}

std::vector<Target> discover_targets(Diagnostics& warnings) {
  std::vector<Target> targets;
  add_emulated(targets, warnings);
  add_configured(targets, warnings);
  add_ports(targets);
  return targets;
}

Result<Target, Diagnostic> find_target(const std::string& id) {
  Diagnostics ignored;
  const std::vector<Target> targets = discover_targets(ignored);
  if (id.empty()) return only_target(targets);
  std::vector<Target> beginning;
  for (const Target& each : targets) {
    if (each.id == id || each.serial == id) return each;
    if (each.id.starts_with(id)) beginning.push_back(each);
  }
  if (beginning.size() == 1) return beginning.front();
  if (id.find('/') != std::string::npos) {
    return Target{.id = id, .type = kSerialType, .name = "", .serial = id, .available = usable(id)};
  }
  return unknown_target(id, targets);
}

Result<std::string, Diagnostic> state_folder() {
  const std::string own = environment("XDG_RUNTIME_DIR", "/tmp") + fmt::format("/rune-{}", ::getuid());
  const std::string folder = own + "/targets";
  if (::mkdir(own.c_str(), 0700) != 0 && errno != EEXIST) {
    return Diagnostic{
        .where = {.file = own}, .what = "cannot make the folder", .hint = "XDG_RUNTIME_DIR=FOLDER"};
  }
  // Of another user, what it holds is not to be believed: /tmp is everybody's.
  struct stat facts {};
  if (::lstat(own.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != ::getuid()) {
    return Diagnostic{
        .where = {.file = own}, .what = "is not a folder of this user", .hint = "XDG_RUNTIME_DIR=FOLDER"};
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return Diagnostic{
        .where = {.file = folder}, .what = "cannot make the folder", .hint = "XDG_RUNTIME_DIR=FOLDER"};
  }
  return folder;
}

Result<StateFile, Diagnostic> StateFile::create(const std::string& id, const std::string& board,
                                                const std::string& serial) {
  const auto folder = state_folder();
  if (!folder.ok()) return folder.error();
  if (!valid_id(id)) {
    return Diagnostic{.what = fmt::format("\"{}\" cannot be a target's name", id),
                      .hint = "at most 31 letters, digits, '-', '_' and '.'"};
  }
  StateFile state;
  const std::string path = folder.value() + "/" + id + ".json", link = folder.value() + "/" + id + ".tty";
  state.lock_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!state.lock_.open()) return Diagnostic{.where = {.file = path}, .what = "cannot write the file"};
  if (!lock_alone(state.lock_.get())) {
    return Diagnostic{.what = fmt::format("a device named \"{}\" is running", id), .hint = "another --name"};
  }
  state.path_ = path;
  std::error_code error;
  fs::remove(link, error);
  fs::create_symlink(serial, link, error);
  const nlohmann::json content = {{"id", id},         {"board", board}, {"udp", nullptr},
                                  {"serial", serial}, {"link", link},   {"pid", ::getpid()}};
  const std::string text = content.dump() + "\n";
  if (::ftruncate(state.lock_.get(), 0) != 0 ||
      ::write(state.lock_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return Diagnostic{.where = {.file = path}, .what = "cannot write the file"};
  }
  return state;
}

void StateFile::remove() {
  if (!lock_.open()) return;
  std::error_code error;
  fs::remove(path_, error);
  fs::remove(fs::path(path_).replace_extension(".tty"), error);
  lock_.reset();
}

std::string random_id() {
  std::random_device random;
  const uint64_t bits = uint64_t{random()} << 32 | random();
  return fmt::format("{:08x}-{:04x}-{:04x}", static_cast<uint32_t>(bits), bits >> 32 & 0xFFFF, bits >> 48);
}

}  // namespace rune::hammer
