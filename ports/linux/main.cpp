// RunicOS as a Linux process: a device that answers SMP on a serial line.
//
//   runicos flash=F sound.16000=F accelerometer=F image.96x96x1=F raw=F seed=N serial=PATH
//
// The words are those of the emulated boards, with recordings as raw numbers; `hmr emulate
// linux` prepares them and owns the PTY. Without serial= the line is standard input and
// output. A reset ends the process with code 0, for its owner to start it again.
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <deque>
#include <map>
#include <optional>

#include "device/kernels/kernel_table.h"
#include "device/runicos/runicos.h"
#include "host/support/files.h"
#include "ports/common/port_authority.h"
#include "ports/linux/machine.h"

namespace {

using namespace rune;

// Four slots of 16 MB, and 64 MB of memory for runes: a small gateway.
constexpr uint32_t kSlots = 4;
constexpr uint32_t kFlashBytes = 64 << 20;
constexpr size_t kPoolBytes = 64 << 20;
constexpr int kIdle_ms = 1000;

class SerialLine final : public hal::BytePipe {
 public:
  SerialLine(int input, int output) : input_(input), output_(output) {}

  size_t read(MutableBytes into) override {
    pollfd waiting{input_, POLLIN, 0};
    if (::poll(&waiting, 1, 0) <= 0) return 0;
    const ssize_t count = ::read(input_, into.data(), into.size());
    if (count == 0) closed_ = true;
    return count > 0 ? static_cast<size_t>(count) : 0;
  }
  Status write(Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(output_, bytes.data(), bytes.size());
      if (count <= 0) return Status::kIo;
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
    return Status::kOk;
  }
  void wait() {
    pollfd waiting{input_, POLLIN, 0};
    (void)::poll(&waiting, 1, kIdle_ms);
  }
  bool closed() const { return closed_; }

 private:
  int input_;
  int output_;
  bool closed_ = false;
};

class ProcessSystem final : public hal::System {
 public:
  explicit ProcessSystem(SerialLine& line) : line_(line) {}
  void reset() override { std::exit(0); }
  void idle() override { line_.wait(); }

 private:
  SerialLine& line_;
};

class LineConsole final : public hal::Console {
 public:
  explicit LineConsole(hal::BytePipe& line) : line_(line) {}
  void write(std::string_view text) override { (void)line_.write(as_bytes(text)); }

 private:
  hal::BytePipe& line_;
};

int fail(const Diagnostic& diagnostic) {
  std::fprintf(stderr, "runicos: %s\n", diagnostic.text().c_str());
  return 1;
}

// The recordings that the words name, as sensors.
struct Sensors {
  std::deque<ports::MemoryRecording> recordings;
  std::vector<ports::SoundTrack> sounds;
  std::vector<ports::ImageTrack> images;
  ports::RecordedSound sound;
  ports::RecordedImage image{CapabilityKind::kImage}, float_image{CapabilityKind::kFloatImage};
  std::optional<ports::RecordedBytes> motion, raw;
  std::optional<ports::SeededRandom> random;
  std::vector<os::SensorGrant> grants;

  Result<void, Diagnostic> open(const std::map<std::string, std::string>& words);
  void add(hal::Sensor& sensor, format::Profile& profile) {
    grants.push_back(os::PortAuthority::grant(sensor));
    (void)profile.capabilities.push_back({sensor.kind(), {}, 0});
  }
  void describe(format::Profile& profile);
};

Result<void, Diagnostic> Sensors::open(const std::map<std::string, std::string>& words) {
  random.emplace(42);
  for (const auto& [key, value] : words) {
    if (key == "flash" || key == "serial") continue;
    if (key == "seed") {
      uint32_t seed = 42;
      std::from_chars(value.data(), value.data() + value.size(), seed);
      random.emplace(seed);
      continue;
    }
    const auto bytes = read_file(value);
    if (!bytes.ok()) return bytes.error();
    ports::Recording& recording = recordings.emplace_back(bytes.value());
    int32_t width = 0, height = 0, channels = 0, rate_hz = 0;
    if (std::sscanf(key.c_str(), "sound.%d", &rate_hz) == 1) {
      sounds.push_back({rate_hz, &recording});
    } else if (key == "image" ||
               std::sscanf(key.c_str(), "image.%dx%dx%d", &width, &height, &channels) == 3) {
      images.push_back({width, height, channels, &recording});
    } else if (key == "accelerometer") {
      motion.emplace(CapabilityKind::kAccelerometer, recording);
    } else if (key == "raw") {
      raw.emplace(CapabilityKind::kRaw, recording);
    } else {
      return Diagnostic{.what = "unknown word \"" + key + "=\"",
                        .hint = "flash, sound.<hz>, accelerometer, image.<w>x<h>x<c>, raw, seed or serial"};
    }
  }
  return {};
}

void Sensors::describe(format::Profile& profile) {
  sound.set_tracks(sounds);
  image.set_tracks(images);
  float_image.set_tracks(images);
  add(*random, profile);
  if (!sounds.empty()) {
    add(sound, profile);
    for (const ports::SoundTrack& track : sounds)
      (void)profile.capabilities.back().rates_hz.push_back(track.rate_hz);
  }
  if (!images.empty()) {
    add(image, profile);
    add(float_image, profile);
  }
  if (motion) add(*motion, profile);
  if (raw) add(*raw, profile);
}

int open_serial(const std::string& path) {
  const int line = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (line >= 0 && ::tcgetattr(line, &settings) == 0) {
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, B115200);
    ::tcsetattr(line, TCSANOW, &settings);
  }
  return line;
}

int serve(const std::map<std::string, std::string>& words) {
  int input = STDIN_FILENO, output = STDOUT_FILENO;
  if (words.contains("serial")) {
    input = output = open_serial(words.at("serial"));
    if (input < 0)
      return fail({.where = {.file = words.at("serial")}, .what = "cannot open the serial line"});
  }
  auto flash = words.contains("flash") ? ports::MappedFlash::in_file(words.at("flash"), kFlashBytes)
                                       : ports::MappedFlash::in_memory(kFlashBytes);
  if (!flash.ok()) return fail(flash.error());
  Sensors sensors;
  if (const auto opened = sensors.open(words); !opened.ok()) return fail(opened.error());

  SerialLine line(input, output);
  ProcessSystem system(line);
  LineConsole console(line);
  ports::MonotonicClock clock;
  const ports::Pool pool(kPoolBytes);
  const os::OutputGrant outputs[] = {os::PortAuthority::grant_serial()};
  std::vector<uint8_t> log(65536), message(8192), answer(4096);
  format::Profile profile;
  profile.board = "linux";
  profile.architecture = "x86-64";
  profile.firmware = "0.1.0";
  profile.ram_bytes = static_cast<uint32_t>(pool.bytes().size());
  profile.slot_bytes = kFlashBytes / kSlots - os::Store::kHeaderBytes;
  (void)profile.outputs.push_back(OutputKind::kSerial);
  sensors.describe(profile);

  os::Port port;
  port.flash = &flash.value();
  port.slot_count = kSlots;
  port.clock = &clock;
  port.system = &system;
  port.console = &console;
  port.link = &line;
  port.sensors = sensors.grants;
  port.outputs = outputs;
  port.kernels = kernels::best_kernels();
  port.profile = &profile;
  port.pool = pool.bytes();
  port.log = log;
  port.message = message;
  port.answer = answer;
  os::RunicOs os(port);
  if (const Status status = os.start(); status != Status::kOk) {
    return fail(from_status({}, "cannot start", status));
  }
  while (!line.closed()) os.step();
  return 0;
}

}  // namespace

int main(int count, char** values) {
  std::map<std::string, std::string> words;
  for (int i = 1; i < count; ++i) {
    const std::string word = values[i];
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr,
                   "usage: runicos [flash=F] [sound.HZ=F] [accelerometer=F] [image.WxHxC=F] [raw=F] [seed=N] "
                   "[serial=PATH]\nexample: runicos flash=store.bin seed=1 serial=/dev/ttyS1\n");
      return word == "--help" ? 0 : 2;
    }
    words[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return serve(words);
}
