// What an emulated device's sensors deliver, from files that people have.
//
// Each becomes a raw file that the board reads by semihosting, named in its arguments:
//
//   sound.8000=F, sound.16000=F   16-bit samples, one channel, at that rate
//   accelerometer=F               float32 x, y, z
//   image.96x96x1=F               width, height, channels; bytes, rows from the top
//   raw=F                         the file itself
//   seed=N
//
// Several sounds follow one another, each filled up with silence to a whole second, so that
// a rune that listens second by second hears one after the other.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/support/result.h"

namespace rune::hammer {

struct SensorSources {
  std::vector<std::string> sounds;
  std::string motion;  // empty: none, as with all names here
  std::string image;
  std::string image_size = "96x96x1";
  std::string raw;
  std::optional<uint32_t> seed;
};

// Writes the raw files into `folder`, which exists; the board's arguments.
Result<std::vector<std::pair<std::string, std::string>>, Diagnostic> prepare_sensor_files(
    const SensorSources& sources, const std::string& folder);

}  // namespace rune::hammer
