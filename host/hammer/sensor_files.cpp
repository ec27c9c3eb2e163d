#include "host/hammer/sensor_files.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "host/support/media.h"

namespace rune::hammer {
namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

// What the boards' microphones offer.
constexpr int kSoundRates_hz[] = {8000, 16000};
constexpr int kMaxImageSide = 4096;

template <typename T>
Result<void, Diagnostic> write_raw(const std::string& path, const std::vector<T>& values) {
  return write_file(path, Bytes(reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)));
}

Result<void, Diagnostic> prepare_sounds(const std::vector<std::string>& files, const std::string& folder,
                                        Arguments& arguments) {
  if (files.empty()) return {};
  for (const int rate_hz : kSoundRates_hz) {
    std::vector<int16_t> all;
    for (const std::string& file : files) {
      const auto sound = read_sound(file, rate_hz);
      if (!sound.ok()) return sound.error();
      all.insert(all.end(), sound.value().begin(), sound.value().end());
      const size_t second = static_cast<size_t>(rate_hz);
      all.resize((all.size() + second - 1) / second * second);
    }
    const std::string path = fmt::format("{}/sound.{}", folder, rate_hz);
    if (auto written = write_raw(path, all); !written.ok()) return written;
    arguments.emplace_back(fmt::format("sound.{}", rate_hz), path);
  }
  return {};
}

Result<void, Diagnostic> prepare_motion(const std::string& file, const std::string& folder,
                                        Arguments& arguments) {
  if (file.empty()) return {};
  const auto motion = read_motion(file);
  if (!motion.ok()) return motion.error();
  const std::string path = folder + "/accelerometer";
  if (auto written = write_raw(path, motion.value()); !written.ok()) return written;
  arguments.emplace_back("accelerometer", path);
  return {};
}

Result<void, Diagnostic> prepare_image(const SensorSources& sources, const std::string& folder,
                                       Arguments& arguments) {
  if (sources.image.empty()) return {};
  int width = 0, height = 0, channels = 3, end = 0;
  const char* size = sources.image_size.c_str();
  const int found = std::sscanf(size, "%dx%d%nx%d%n", &width, &height, &end, &channels, &end);
  const bool sane = found >= 2 && size[end] == 0 && width > 0 && height > 0 && width <= kMaxImageSide &&
                    height <= kMaxImageSide && (channels == 1 || channels == 3);
  if (!sane) {
    return Diagnostic{.what = fmt::format("\"{}\" is no size of an image", sources.image_size),
                      .hint = "96x96x1 or 96x96x3"};
  }
  const auto image = read_image(sources.image);
  if (!image.ok()) return image.error();
  const std::string path = folder + "/image";
  if (auto written = write_raw(path, scale_image(image.value(), width, height, channels).pixels);
      !written.ok())
    return written;
  arguments.emplace_back(fmt::format("image.{}x{}x{}", width, height, channels), path);
  return {};
}

Result<void, Diagnostic> prepare_raw(const std::string& file, Arguments& arguments) {
  if (file.empty()) return {};
  // Only to find out now, in words, that it cannot be read.
  if (const auto bytes = read_file(file); !bytes.ok()) return bytes.error();
  arguments.emplace_back("raw", std::filesystem::absolute(file).string());
  return {};
}

}  // namespace

Result<Arguments, Diagnostic> prepare_sensor_files(const SensorSources& sources, const std::string& folder) {
  Arguments arguments;
  if (auto done = prepare_sounds(sources.sounds, folder, arguments); !done.ok()) return done.error();
  if (auto done = prepare_motion(sources.motion, folder, arguments); !done.ok()) return done.error();
  if (auto done = prepare_image(sources, folder, arguments); !done.ok()) return done.error();
  if (auto done = prepare_raw(sources.raw, arguments); !done.ok()) return done.error();
  if (sources.seed) arguments.emplace_back("seed", std::to_string(*sources.seed));
  return arguments;
}

}  // namespace rune::hammer
