// The sine rune beside the same code compiled for the machine: the paper's equation 1,
// overhead = (t_rune - t_native) / t_native.
//
//   sine_bench sine.rune 1000      ->  {"calls": 1000, "native": T, "rune": T, "equal": true}
//
// Both sides do the same work with the same sources: read the random sensor, the block
// `modulo`, the model through the executor, one line of JSON. The rune does it as the guest
// of a Process: translated, metered, every access checked. T is nanoseconds on Linux and
// executed instructions on an emulated board. The printed lines are compared by checksum.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/sine/stopwatch.h"
#include "blocks/sdk/rune_block.h"
#include "device/base/crc.h"
#include "device/kernels/kernel_table.h"
#include "device/runicos/process.h"
#include "device/runicos/serial_json.h"
#include "ports/common/port_authority.h"
#include "ports/common/recorded_sensors.h"

extern "C" RuneBlockFunction rune_block_modulo;

namespace rune {
namespace {

constexpr uint32_t kSeed = 42;
constexpr uint32_t kPoolBytes = 32768;
constexpr float kModulus = 360;

alignas(16) uint8_t pool[kPoolBytes];

// Keeps a checksum of what is printed instead of printing it.
class ChecksumConsole final : public hal::Console {
 public:
  void write(std::string_view text) override { checksum_ = crc32(as_bytes(text), checksum_); }
  uint32_t checksum() const { return checksum_; }

 private:
  uint32_t checksum_ = 0;
};

struct Measured {
  bool ok = false;
  uint64_t time = 0;
  uint32_t checksum = 0;
};

Measured run_native(const format::RuneFile& file, const format::Manifest& manifest, uint32_t calls) {
  const CapabilityRequest& request = manifest.capabilities[0];
  const format::ModelRequest& model = manifest.models[0];
  const Result<Bytes> section = file.model(model.name, "");
  if (!section.ok()) return {};
  const Result<format::ModelImage> image = format::ModelImage::open(section.value());
  if (!image.ok()) return {};
  executor::Executor executor;
  const MutableBytes memory(pool);
  const uint32_t state_bytes = align_up(executor::Executor::state_bytes(image.value()), 16);
  if (executor.load(image.value(), kernels::best_kernels(), memory.first(state_bytes),
                    memory.subspan(state_bytes, image.value().header().arena_bytes)) != Status::kOk) {
    return {};
  }
  ports::SeededRandom random(kSeed);
  if (random.open(request) != Status::kOk) return {};
  ChecksumConsole console;

  float sample = 0, angle = 0, sine = 0;
  const uint32_t dims[] = {1, 1};
  const RuneTensor in = {&sample, 4, RUNE_F32, 2, 0, dims, 0, 0, 0};
  RuneTensor out = {&angle, 4, RUNE_F32, 2, 0, dims, 0, 0, 0};
  RuneArgument modulus{};
  modulus.f32 = kModulus;
  const auto bytes_of = [](float& value) { return MutableBytes(reinterpret_cast<uint8_t*>(&value), 4); };
  const bench::Stopwatch watch;
  for (uint32_t i = 0; i < calls; ++i) {
    if (random.read(request, bytes_of(sample)) != Status::kOk) return {};
    if (rune_block_modulo(&in, 1, &out, 1, &modulus, nullptr) != RUNE_OK) return {};
    const Bytes inputs[] = {bytes_of(angle)};
    const MutableBytes outputs[] = {bytes_of(sine)};
    if (executor.run(inputs, outputs) != Status::kOk) return {};
    const os::GuestTensor printed[] = {{model.outputs[0], 2, bytes_of(sine)}};
    if (os::write_serial_json(printed, os::GuestMemory({}), console) != Status::kOk) return {};
  }
  return {true, watch.elapsed(), console.checksum()};
}

class BufferSink final : public wasm::CodeSink {
 public:
  explicit BufferSink(MutableBytes buffer) : buffer_(buffer) {}
  Status append(Bytes bytes) override {
    if (bytes.size() > buffer_.size() - used_) return Status::kNoMemory;
    std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    return Status::kOk;
  }
  Bytes written() const { return Bytes(buffer_.data(), used_); }

 private:
  MutableBytes buffer_;
  size_t used_ = 0;
};

Measured run_rune(Bytes file, const format::Manifest& manifest, uint32_t calls) {
  alignas(16) static uint8_t code[16384];
  BufferSink sink(code);
  wasm::InstallReport report;
  if (wasm::install(file, MutableBytes(pool), sink, {}, report) != Status::kOk) return {};

  ports::SeededRandom random(kSeed);
  const os::SensorGrant sensors[] = {os::PortAuthority::grant(random)};
  const os::OutputGrant outputs[] = {os::PortAuthority::grant_serial()};
  ChecksumConsole console;
  bench::PortClock clock;
  static uint8_t ring[1024];
  os::Log log(ring, clock, nullptr);
  saga::Saga saga;
  format::Profile profile;
  profile.ram_bytes = kPoolBytes;
  profile.slot_bytes = 1 << 20;
  format::CapabilityOffer offer;
  offer.kind = CapabilityKind::kRandom;
  (void)profile.capabilities.push_back(offer);
  (void)profile.outputs.push_back(OutputKind::kSerial);
  os::Process process({&clock, &console, sensors, outputs, kernels::best_kernels(), &profile, &log, &saga});
  if (process.check(file) != Status::kOk ||
      process.load(manifest.name, file, sink.written(), MutableBytes(pool)) != Status::kOk) {
    std::fprintf(stderr, "sine_bench: %.*s\n", static_cast<int>(process.reason().text().size()),
                 process.reason().text().data());
    return {};
  }
  const bench::Stopwatch watch;
  for (uint32_t i = 0; i < calls; ++i) {
    if (process.call() != Status::kOk) return {};
  }
  return {true, watch.elapsed(), console.checksum()};
}

std::vector<uint64_t> read_file(const char* path, size_t& size_bytes) {
  std::vector<uint64_t> words(8192);  // aligned, and larger than any rune this is for
  size_bytes = 0;
  if (std::FILE* file = std::fopen(path, "rb")) {
    size_bytes = std::fread(words.data(), 1, words.size() * 8, file);
    (void)std::fclose(file);
  }
  return words;
}

}  // namespace

int run_sine_bench(const char* path, uint32_t calls) {
  size_t size_bytes = 0;
  const std::vector<uint64_t> words = read_file(path, size_bytes);
  const Bytes bytes(reinterpret_cast<const uint8_t*>(words.data()), size_bytes);
  const Result<format::RuneFile> file = format::RuneFile::open(bytes);
  if (!file.ok()) return 1;
  const Result<format::Manifest> manifest = format::parse_manifest(file.value().manifest_bytes());
  if (!manifest.ok() || manifest.value().models.empty() || manifest.value().capabilities.empty()) return 1;
  const Measured native = run_native(file.value(), manifest.value(), calls);
  const Measured rune = run_rune(bytes, manifest.value(), calls);
  if (!native.ok || !rune.ok) return 1;
  std::printf("{\"calls\": %lu, \"native\": %llu, \"rune\": %llu, \"equal\": %s}\n",
              static_cast<unsigned long>(calls), static_cast<unsigned long long>(native.time),
              static_cast<unsigned long long>(rune.time),
              native.checksum == rune.checksum ? "true" : "false");
  return native.checksum == rune.checksum ? 0 : 1;
}

}  // namespace rune
