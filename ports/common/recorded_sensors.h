// Sensors that replay recordings: what emulated boards and the Linux port have for
// microphone, accelerometer and camera. The same code on all of them, so that the same
// recording gives every rune the same bits everywhere.
//
// Sources hold little-endian numbers as the sensor would deliver them. Opening a sensor
// starts its recordings anew. A read that meets the end of a recording is filled up with
// zeros; the next one is kEndOfData. Tested by recorded_sensors_test.cpp.
#pragma once

#include <span>

#include "device/hal/sensor.h"

namespace rune::ports {

// The bytes of one recording.
class Recording {
 public:
  virtual void rewind() = 0;
  // Takes the next bytes; fewer only at the end.
  virtual size_t read(MutableBytes into) = 0;

 protected:
  ~Recording() = default;
};

// Sound: 16-bit samples of one channel, a recording for each rate.
struct SoundTrack {
  int32_t rate_hz = 0;
  Recording* recording = nullptr;
};
class RecordedSound final : public hal::Sensor {
 public:
  // The tracks outlive the sensor.
  void set_tracks(std::span<const SoundTrack> tracks) { tracks_ = tracks; }
  CapabilityKind kind() const override { return CapabilityKind::kSound; }
  // kUnsupported: elements other than i16, or a rate without a recording.
  Status open(const CapabilityRequest& request) override;
  Status read(const CapabilityRequest& request, MutableBytes into) override;

 private:
  std::span<const SoundTrack> tracks_;
  Recording* current_ = nullptr;
};

// Images: 8-bit pixels in rows from the top, a recording of one or more frames for each size.
struct ImageTrack {
  int32_t width = 0;  // 0: as large as is asked for
  int32_t height = 0;
  int32_t channels = 0;  // 1 grey; 3 red, green, blue
  Recording* recording = nullptr;
};
class RecordedImage final : public hal::Sensor {
 public:
  // `kind` is kImage (u8) or kFloatImage (f32, pixel / 255).
  explicit RecordedImage(CapabilityKind kind) : kind_(kind) {}
  void set_tracks(std::span<const ImageTrack> tracks) { tracks_ = tracks; }
  CapabilityKind kind() const override { return kind_; }
  Status open(const CapabilityRequest& request) override;
  Status read(const CapabilityRequest& request, MutableBytes into) override;

 private:
  CapabilityKind kind_;
  std::span<const ImageTrack> tracks_;
  Recording* current_ = nullptr;
};

// Accelerometer (f32: x, y, z of each sample) and raw bytes of any type.
class RecordedBytes final : public hal::Sensor {
 public:
  RecordedBytes(CapabilityKind kind, Recording& recording) : kind_(kind), recording_(recording) {}
  CapabilityKind kind() const override { return kind_; }
  Status open(const CapabilityRequest& request) override;
  Status read(const CapabilityRequest& request, MutableBytes into) override;

 private:
  CapabilityKind kind_;
  Recording& recording_;
};

// Random numbers from a seed, without end: integers of any bits, floating point in multiples of
// 2^-14 from 0 to below 1024. Not for secrets.
class SeededRandom final : public hal::Sensor {
 public:
  explicit SeededRandom(uint32_t seed) : seed_(seed) {}
  CapabilityKind kind() const override { return CapabilityKind::kRandom; }
  Status open(const CapabilityRequest& request) override;
  Status read(const CapabilityRequest& request, MutableBytes into) override;

 private:
  uint32_t next();

  uint32_t seed_;
  uint64_t state_ = 1;
};

}  // namespace rune::ports
