// A machine for tests: simulated flash, a clock that ticks, a line in memory, sensors that
// count. It is the one place outside ports/ that makes permissions.
#pragma once

#include <memory>
#include <string>

#include "device/runicos/runicos.h"
#include "device/runicos/simulated_flash.h"

namespace rune::os {

class PortAuthority {
 public:
  static SensorGrant grant(hal::Sensor& sensor) { return SensorGrant(sensor); }
  static OutputGrant grant_serial() { return OutputGrant(OutputKind::kSerial); }
};

class SimulatedPort : hal::Clock, hal::System, hal::Console, hal::BytePipe, hal::Sensor {
 public:
  explicit SimulatedPort(bool after_reset = false)
      : flash(kFlashBytes, 1024, after_reset), pool_(kPoolBytes / 16), sensors_{PortAuthority::grant(*this)} {
    profile.board = "simulated";
    profile.architecture = "none";
    profile.firmware = "1";
    profile.ram_bytes = kPoolBytes;
    profile.slot_bytes = kFlashBytes / 4 - Store::kHeaderBytes;
    profile.max_fuel = 1000000;
    (void)profile.capabilities.push_back({CapabilityKind::kRaw, {}, 64});
    (void)profile.capabilities.push_back({CapabilityKind::kSound, {}, 0});
    (void)profile.outputs.push_back(OutputKind::kSerial);
    (void)profile.outputs.push_back(OutputKind::kTensor);
  }

  // Power on: a RunicOs over what the flash holds, restarted as often as it asks.
  Status boot() {
    for (int i = 0; i < 8; ++i) {
      resets = 0;
      flash.restart();
      make();
      const Status status = os->start();
      if (resets == 0) return status;
    }
    return Status::kInternal;
  }
  // Without start(): for tests that cut power while it starts.
  void make() {
    Port port;
    port.flash = &flash;
    port.slot_count = 4;
    port.clock = this;
    port.system = this;
    port.console = this;
    port.link = this;
    port.sensors = sensors_;
    port.outputs = outputs_;
    port.kernels = {};
    port.profile = &profile;
    port.pool = {reinterpret_cast<uint8_t*>(pool_.data()), kPoolBytes};
    port.log = log_;
    port.message = message_;
    port.answer = answer_;
    os = std::make_unique<RunicOs>(port);
  }

  std::string log_text() const {
    uint8_t text[2048];
    size_t size = 0;
    (void)os->log().ring().read(0, text, size);
    return std::string(as_text(Bytes(text, size)));
  }

  SimulatedFlash flash;
  format::Profile profile;
  std::unique_ptr<RunicOs> os;
  std::string printed;                  // serial lines
  std::vector<uint8_t> sent, received;  // the link: bytes from the device, and to it
  uint32_t resets = 0;
  uint32_t reads_left = 1000;  // of the sensor, which then is at its end
  uint32_t reads = 0;

 private:
  static constexpr uint32_t kFlashBytes = 65536;
  static constexpr uint32_t kPoolBytes = 49152;
  struct alignas(16) Line {
    uint8_t bytes[16];
  };

  uint64_t now_us() override { return ++now_us_; }
  void reset() override { ++resets; }
  void idle() override {}
  void write(std::string_view text) override { printed += text; }
  Status write(Bytes bytes) override {
    sent.insert(sent.end(), bytes.begin(), bytes.end());
    return Status::kOk;
  }
  size_t read(MutableBytes into) override {
    const size_t count = std::min(into.size(), received.size());
    std::copy_n(received.begin(), count, into.begin());
    received.erase(received.begin(), received.begin() + static_cast<ptrdiff_t>(count));
    return count;
  }
  CapabilityKind kind() const override { return CapabilityKind::kRaw; }
  Status open(const CapabilityRequest&) override { return Status::kOk; }
  Status read(const CapabilityRequest&, MutableBytes into) override {
    if (reads_left == 0) return Status::kEndOfData;
    --reads_left;
    ++reads;
    for (uint8_t& byte : into) byte = static_cast<uint8_t>(reads);
    return Status::kOk;
  }

  uint64_t now_us_ = 0;
  std::vector<Line> pool_;
  uint8_t log_[2048], message_[512], answer_[512];
  SensorGrant sensors_[1];
  OutputGrant outputs_[1] = {PortAuthority::grant_serial()};
};

}  // namespace rune::os
