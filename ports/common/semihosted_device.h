// What emulated boards have in place of sensors: files of the host, named on the
// semihosting command line.
//
//   flash=F            the store's file
//   sound.<hz>=F       16-bit samples of one channel
//   accelerometer=F    32-bit floats: x, y, z of each sample
//   image.<w>x<h>x<c>=F, image=F   8-bit pixels, of that size or of any
//   raw=F              bytes
//   seed=N             of random numbers
#pragma once

#include "device/format/profile.h"
#include "device/runicos/runicos.h"
#include "ports/common/port_authority.h"
#include "ports/common/recorded_sensors.h"
#include "ports/common/semihosting.h"

namespace rune::ports {

class FileRecording final : public Recording {
 public:
  // Whether the file could be opened.
  bool open(const char* path);
  void rewind() override { (void)semihosting::seek(file_, 0); }
  size_t read(MutableBytes into) override { return semihosting::read(file_, into); }

 private:
  int32_t file_ = -1;
};

// The sensors of an emulated board, with their grants. One without a recording is not in the
// profile, so no rune that needs it is accepted. One instance, static.
class SemihostedSensors {
 public:
  explicit SemihostedSensors(const semihosting::CommandLine& arguments);
  std::span<const os::SensorGrant> grants() const { return grants_; }
  // Adds what the sensors offer, reads of at most `max_read_bytes`.
  void describe(uint32_t max_read_bytes, format::Profile& profile) const;

 private:
  static constexpr size_t kMaxTracks = 6;

  void open_sound(const semihosting::CommandLine& arguments);
  void open_images(const semihosting::CommandLine& arguments);

  FileRecording sound_files_[kMaxTracks], image_files_[kMaxTracks], motion_file_, raw_file_;
  bool has_motion_ = false;
  bool has_raw_ = false;
  SoundTrack sound_tracks_[kMaxTracks];
  size_t sound_count_ = 0;
  ImageTrack image_tracks_[kMaxTracks];
  size_t image_count_ = 0;

  SeededRandom random_;
  RecordedSound sound_;
  RecordedImage image_;
  RecordedImage float_image_;
  RecordedBytes motion_;
  RecordedBytes raw_;
  os::SensorGrant grants_[6];
};

// One word as a file's name: the path under `key`, opened. False when it is not named or
// cannot be opened.
bool open_named(const semihosting::CommandLine& arguments, std::string_view key, FileRecording& file);

}  // namespace rune::ports
