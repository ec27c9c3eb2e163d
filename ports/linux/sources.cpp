#include "ports/linux/sources.h"

#include <charconv>

#include "host/support/files.h"
#include "host/support/media.h"

namespace rune::ports {
namespace {

constexpr const char* kForms =
    "sound:F.wav, sound:mic, accelerometer:F.csv, image:F.png, float-image:F.png, raw:F or random:SEED";

template <typename T>
std::vector<uint8_t> bytes_of(const std::vector<T>& values) {
  const auto* const begin = reinterpret_cast<const uint8_t*>(values.data());
  return {begin, begin + values.size() * sizeof(T)};
}

}  // namespace

Recording& Sources::keep(std::vector<uint8_t> bytes) {
  recordings_.push_back(std::make_unique<MemoryRecording>(std::move(bytes)));
  return *recordings_.back();
}

bool Sources::has(CapabilityKind kind) const {
  for (const hal::Sensor* sensor : sensors_) {
    if (sensor->kind() == kind) return true;
  }
  return false;
}

Result<void, Diagnostic> Sources::add(const std::string& text, const format::Manifest& manifest) {
  const size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string value = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (value.empty()) {
    return Diagnostic{.where = {.node = "--capability " + text}, .what = "has no value", .hint = kForms};
  }
  if (kind == "sound") return add_sound(value, manifest);
  if (kind == "image") return add_image(CapabilityKind::kImage, value, manifest);
  if (kind == "float-image") return add_image(CapabilityKind::kFloatImage, value, manifest);
  if (kind == "accelerometer" || kind == "accel") return add_motion(value);
  if (kind == "raw") return add_raw(value);
  if (kind == "random" || kind == "rand") return add_random(value);
  return Diagnostic{.where = {.node = "--capability " + text},
                    .what = "there is no capability \"" + kind + "\"",
                    .hint = kForms};
}

Result<void, Diagnostic> Sources::add_sound(const std::string& path, const format::Manifest& manifest) {
  auto sound = std::make_unique<Sound>();
  for (const CapabilityRequest& request : manifest.capabilities) {
    if (request.kind != CapabilityKind::kSound) continue;
    const int32_t rate_hz = request.argument("hz", 16000);
    if (path == "mic") {
      auto microphone = Microphone::open(rate_hz);
      if (!microphone.ok()) return microphone.error();
      microphones_.push_back(std::move(microphone.value()));
      sound->tracks.push_back({rate_hz, microphones_.back().get()});
      continue;
    }
    auto samples = read_sound(path, rate_hz);
    if (!samples.ok()) return samples.error();
    sound->tracks.push_back({rate_hz, &keep(bytes_of(samples.value()))});
  }
  sound->sensor.set_tracks(sound->tracks);
  sensors_.push_back(&sound->sensor);
  sounds_.push_back(std::move(sound));
  return {};
}

Result<void, Diagnostic> Sources::add_image(CapabilityKind kind, const std::string& path,
                                            const format::Manifest& manifest) {
  const auto image = read_image(path);
  if (!image.ok()) return image.error();
  auto picture = std::make_unique<Picture>(kind);
  for (const CapabilityRequest& request : manifest.capabilities) {
    if (request.kind != kind) continue;
    ImageTrack track{request.argument("width", 0), request.argument("height", 0),
                     request.argument("pixel_format", 0) == 2 ? 1 : 3, nullptr};
    if (track.width < 1 || track.height < 1) continue;
    track.recording = &keep(scale_image(image.value(), track.width, track.height, track.channels).pixels);
    picture->tracks.push_back(track);
  }
  picture->sensor.set_tracks(picture->tracks);
  sensors_.push_back(&picture->sensor);
  pictures_.push_back(std::move(picture));
  return {};
}

Result<void, Diagnostic> Sources::add_motion(const std::string& path) {
  const auto motion = read_motion(path);
  if (!motion.ok()) return motion.error();
  bytes_.push_back(
      std::make_unique<RecordedBytes>(CapabilityKind::kAccelerometer, keep(bytes_of(motion.value()))));
  sensors_.push_back(bytes_.back().get());
  return {};
}

Result<void, Diagnostic> Sources::add_raw(const std::string& path) {
  auto file = read_file(path);
  if (!file.ok()) return file.error();
  bytes_.push_back(std::make_unique<RecordedBytes>(CapabilityKind::kRaw, keep(std::move(file.value()))));
  sensors_.push_back(bytes_.back().get());
  return {};
}

Result<void, Diagnostic> Sources::add_random(const std::string& seed) {
  uint32_t number = 0;
  const auto parsed = std::from_chars(seed.data(), seed.data() + seed.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != seed.data() + seed.size()) {
    return Diagnostic{.where = {.node = "--capability random:" + seed},
                      .what = "the seed is no whole number from 0 to 4294967295",
                      .hint = "random:42"};
  }
  randoms_.push_back(std::make_unique<SeededRandom>(number));
  sensors_.push_back(randoms_.back().get());
  return {};
}

}  // namespace rune::ports
