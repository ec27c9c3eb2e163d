#include "ports/linux/session.h"

#include <algorithm>
#include <optional>

#include "device/kernels/kernel_table.h"
#include "ports/common/port_authority.h"
#include "ports/linux/machine.h"
#include "ports/linux/sources.h"

namespace rune::ports {
namespace {

// The name of the one slot.
constexpr const char* kSlotName = "rune";
// Room for translated code beside the file: the engine's form is a few times a module's.
constexpr uint32_t kCodeFactor = 8;
constexpr uint32_t kCodeFloorBytes = 1 << 20;
constexpr size_t kPoolBytes = size_t{1} << 30;
constexpr size_t kLogBytes = 16384;

// Collects pieces of text into lines.
class LineConsole final : public hal::Console {
 public:
  explicit LineConsole(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}
  void write(std::string_view text) override {
    line_ += text;
    size_t end;
    while ((end = line_.find('\n')) != std::string::npos) {
      if (on_line_) on_line_(std::string_view(line_).substr(0, end));
      line_.erase(0, end + 1);
    }
  }

 private:
  std::function<void(std::string_view)> on_line_;
  std::string line_;
};

class CallbackTensors final : public hal::TensorOutput {
 public:
  explicit CallbackTensors(std::function<void(std::span<const hal::OutputTensor>)> on_tensors)
      : on_tensors_(std::move(on_tensors)) {}
  Status write(std::span<const hal::OutputTensor> tensors) override {
    if (on_tensors_) on_tensors_(tensors);
    return Status::kOk;
  }

 private:
  std::function<void(std::span<const hal::OutputTensor>)> on_tensors_;
};

class NoSystem final : public hal::System {
 public:
  void reset() override {}
  void idle() override {}
};

// What a failure of the running or starting rune asks of its author.
std::string hint_for(Status status) {
  switch (status) {
    case Status::kFuelExhausted: return "a block without an endless loop, or a larger fuel budget";
    case Status::kStackOverflow: return "less recursion or smaller local arrays in the blocks";
    case Status::kTrap: return "rune inspect, and a look at the block that traps";
    case Status::kMalformed:
    case Status::kChecksum: return "building or copying the file again";
    case Status::kDenied:
    case Status::kTooLarge: return "rune inspect, to see what the rune asks for";
    default: return "building the rune again with this version of the tools";
  }
}

}  // namespace

struct Session::State {
  std::string path;
  Sources sources;
  LineConsole console{{}}, log{{}};
  CallbackTensors tensors{{}};
  NoSystem system;
  MonotonicClock clock;
  Pool pool{kPoolBytes};
  std::optional<MappedFlash> flash;
  std::vector<os::SensorGrant> sensors;
  std::vector<os::OutputGrant> outputs;
  format::Profile profile;
  std::vector<uint8_t> log_ring = std::vector<uint8_t>(kLogBytes);
  std::optional<os::RunicOs> os;

  Diagnostic failure(Status status) const {
    return {.where = {.file = path}, .what = std::string(os->reason()), .hint = hint_for(status)};
  }
};

Session::Session() : state_(std::make_unique<State>()) {}
Session::~Session() = default;

namespace {

Result<format::Manifest, Diagnostic> manifest_of(const std::string& path, Bytes rune) {
  const auto file = format::RuneFile::open(rune);
  if (!file.ok()) return from_status({.file = path}, "not a rune", file.status());
  const auto manifest = format::parse_manifest(file.value().manifest_bytes());
  if (!manifest.ok())
    return from_status({.file = path, .node = "section rune.manifest"}, "not a manifest", manifest.status());
  return manifest.value();
}

// A source for each capability of the manifest: those given, and random numbers unasked.
Result<void, Diagnostic> gather(const std::string& path, const format::Manifest& manifest,
                                const std::vector<std::string>& capabilities, Sources& sources) {
  for (const std::string& each : capabilities) {
    if (auto added = sources.add(each, manifest); !added.ok()) return added.error();
  }
  for (const CapabilityRequest& request : manifest.capabilities) {
    if (sources.has(request.kind)) continue;
    if (request.kind == CapabilityKind::kRandom) {
      if (auto added = sources.add("random:42", manifest); !added.ok()) return added.error();
      continue;
    }
    const std::string kind = capability_name(request.kind);
    return Diagnostic{.where = {.file = path},
                      .what = "the rune reads " + kind + ", and no source of it is given",
                      .hint = "--capability " + kind + ":FILE"};
  }
  return {};
}

void describe(const Sources& sources, uint32_t slot_bytes, format::Profile& profile) {
  profile.board = "linux";
  profile.architecture = "x86-64";
  profile.firmware = "0.1.0";
  profile.ram_bytes = static_cast<uint32_t>(kPoolBytes);
  profile.slot_bytes = slot_bytes;
  for (const hal::Sensor* sensor : sources.sensors())
    (void)profile.capabilities.push_back({sensor->kind(), {}, 0});
  for (const OutputKind kind : {OutputKind::kSerial, OutputKind::kTensor})
    (void)profile.outputs.push_back(kind);
}

}  // namespace

Result<std::unique_ptr<Session>, Diagnostic> Session::open(const std::string& path, Bytes rune,
                                                           const SessionOptions& options) {
  const auto manifest = manifest_of(path, rune);
  if (!manifest.ok()) return manifest.error();
  std::unique_ptr<Session> session(new Session());
  State& state = *session->state_;
  state.path = path;
  if (auto ready = gather(path, manifest.value(), options.capabilities, state.sources); !ready.ok())
    return ready.error();

  const auto file_bytes = static_cast<uint32_t>(std::min<size_t>(rune.size(), 100 << 20));
  auto flash =
      MappedFlash::in_memory(align_up(kCodeFloorBytes + kCodeFactor * file_bytes, MappedFlash::kSectorBytes));
  if (!flash.ok()) return flash.error();
  state.flash.emplace(std::move(flash.value()));
  state.console = LineConsole(options.on_line);
  state.log = LineConsole(options.on_log);
  state.tensors = CallbackTensors(options.on_tensors);
  for (hal::Sensor* sensor : state.sources.sensors())
    state.sensors.push_back(os::PortAuthority::grant(*sensor));
  state.outputs = {os::PortAuthority::grant_serial(), os::PortAuthority::grant_tensor(state.tensors)};
  describe(state.sources, state.flash->geometry().size_bytes - os::Store::kHeaderBytes, state.profile);

  os::Port port;
  port.flash = &*state.flash;
  port.clock = &state.clock;
  port.system = &state.system;
  port.console = &state.console;
  port.log_console = &state.log;
  port.sensors = state.sensors;
  port.outputs = state.outputs;
  port.kernels = options.reference_kernels ? kernels::reference_kernels() : kernels::best_kernels();
  port.profile = &state.profile;
  port.pool = state.pool.bytes();
  port.log = state.log_ring;
  state.os.emplace(port);
  Status status = state.os->start();
  if (status == Status::kOk) status = state.os->receive(kSlotName, rune);
  if (status != Status::kOk) return from_status({.file = path}, "cannot be stored", status);
  status = state.os->install(kSlotName);
  if (status != Status::kOk) return state.failure(status);
  return session;
}

Result<bool, Diagnostic> Session::call() {
  const Status status = state_->os->call(kSlotName);
  if (status == Status::kOk) return true;
  if (status == Status::kEndOfData) return false;
  return state_->failure(status);
}

const os::RunicOs& Session::device() const { return *state_->os; }

}  // namespace rune::ports
