// Sources of `--capability kind:value` as sensors: files read, converted to what the
// manifest asks for, and replayed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/format/manifest.h"
#include "host/support/result.h"
#include "ports/common/recorded_sensors.h"
#include "ports/linux/machine.h"
#include "ports/linux/microphone.h"

namespace rune::ports {

class Sources {
 public:
  // Adds the source that `text` names ("sound:F.wav"), with a recording for each format in
  // which `manifest` asks for its kind.
  Result<void, Diagnostic> add(const std::string& text, const format::Manifest& manifest);
  bool has(CapabilityKind kind) const;
  std::span<hal::Sensor* const> sensors() const { return sensors_; }

 private:
  struct Sound {
    std::vector<SoundTrack> tracks;
    RecordedSound sensor;
  };
  struct Picture {
    explicit Picture(CapabilityKind kind) : sensor(kind) {}
    std::vector<ImageTrack> tracks;
    RecordedImage sensor;
  };

  Result<void, Diagnostic> add_sound(const std::string& path, const format::Manifest& manifest);
  Result<void, Diagnostic> add_image(CapabilityKind kind, const std::string& path,
                                     const format::Manifest& manifest);
  Result<void, Diagnostic> add_motion(const std::string& path);
  Result<void, Diagnostic> add_raw(const std::string& path);
  Result<void, Diagnostic> add_random(const std::string& seed);
  Recording& keep(std::vector<uint8_t> bytes);

  std::vector<std::unique_ptr<MemoryRecording>> recordings_;
  std::vector<std::unique_ptr<Microphone>> microphones_;
  std::vector<std::unique_ptr<Sound>> sounds_;
  std::vector<std::unique_ptr<Picture>> pictures_;
  std::vector<std::unique_ptr<RecordedBytes>> bytes_;
  std::vector<std::unique_ptr<SeededRandom>> randoms_;
  std::vector<hal::Sensor*> sensors_;
};

}  // namespace rune::ports
