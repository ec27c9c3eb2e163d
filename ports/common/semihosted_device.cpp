#include "ports/common/semihosted_device.h"

namespace rune::ports {
namespace {

constexpr size_t kMaxPath = 192;

// A decimal number at the front of `text`, taken off; 0 when there is none.
int32_t take_number(std::string_view& text) {
  int32_t number = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    number = number * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return number;
}

// Calls `found` with what follows `prefix` in the key of each argument that begins with it.
template <typename Found>
void each_key(std::string_view text, std::string_view prefix, Found found) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::string_view key = word.substr(0, word.find('='));
    if (key.substr(0, prefix.size()) == prefix) found(key, key.substr(prefix.size()));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

bool FileRecording::open(const char* path) {
  file_ = semihosting::open(path, semihosting::Mode::kRead);
  return file_ >= 0;
}

bool open_named(const semihosting::CommandLine& arguments, std::string_view key, FileRecording& file) {
  char path[kMaxPath];
  const char* const name = arguments.value(key, path);
  if (name == nullptr) return false;
  if (file.open(name)) return true;
  semihosting::print("cannot open ");
  semihosting::print(name);
  semihosting::print("\n");
  return false;
}

SemihostedSensors::SemihostedSensors(const semihosting::CommandLine& arguments)
    : random_(arguments.number("seed", 42)),
      image_(CapabilityKind::kImage),
      float_image_(CapabilityKind::kFloatImage),
      motion_(CapabilityKind::kAccelerometer, motion_file_),
      raw_(CapabilityKind::kRaw, raw_file_),
      grants_{os::PortAuthority::grant(random_), os::PortAuthority::grant(sound_),
              os::PortAuthority::grant(image_),  os::PortAuthority::grant(float_image_),
              os::PortAuthority::grant(motion_), os::PortAuthority::grant(raw_)} {
  open_sound(arguments);
  open_images(arguments);
  has_motion_ = open_named(arguments, "accelerometer", motion_file_);
  has_raw_ = open_named(arguments, "raw", raw_file_);
}

void SemihostedSensors::open_sound(const semihosting::CommandLine& arguments) {
  each_key(arguments.text(), "sound.", [&](std::string_view key, std::string_view rest) {
    if (sound_count_ == kMaxTracks || !open_named(arguments, key, sound_files_[sound_count_])) return;
    sound_tracks_[sound_count_] = {take_number(rest), &sound_files_[sound_count_]};
    ++sound_count_;
  });
  sound_.set_tracks({sound_tracks_, sound_count_});
}

void SemihostedSensors::open_images(const semihosting::CommandLine& arguments) {
  each_key(arguments.text(), "image", [&](std::string_view key, std::string_view rest) {
    if (image_count_ == kMaxTracks || !open_named(arguments, key, image_files_[image_count_])) return;
    ImageTrack& track = image_tracks_[image_count_];
    track.recording = &image_files_[image_count_];
    int32_t* const sizes[] = {&track.width, &track.height, &track.channels};
    for (int32_t* size : sizes) {
      if (rest.empty()) break;
      rest.remove_prefix(1);  // '.' or 'x'
      *size = take_number(rest);
    }
    ++image_count_;
  });
  image_.set_tracks({image_tracks_, image_count_});
  float_image_.set_tracks({image_tracks_, image_count_});
}

void SemihostedSensors::describe(uint32_t max_read_bytes, format::Profile& profile) const {
  const auto offer = [&](bool there, CapabilityKind kind) -> format::CapabilityOffer* {
    if (!there) return nullptr;
    (void)profile.capabilities.push_back({kind, {}, max_read_bytes});
    return &profile.capabilities.back();
  };
  offer(true, CapabilityKind::kRandom);
  if (format::CapabilityOffer* sound = offer(sound_count_ > 0, CapabilityKind::kSound)) {
    for (size_t i = 0; i < sound_count_; ++i) (void)sound->rates_hz.push_back(sound_tracks_[i].rate_hz);
  }
  offer(has_motion_, CapabilityKind::kAccelerometer);
  offer(image_count_ > 0, CapabilityKind::kImage);
  offer(image_count_ > 0, CapabilityKind::kFloatImage);
  offer(has_raw_, CapabilityKind::kRaw);
}

}  // namespace rune::ports
