#include <fmt/format.h>
#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "host/support/media.h"

namespace rune {
namespace {

// Above this a RIFF size means "not known": programs that write to a pipe put it there.
constexpr uint32_t kStreamedBytes = 0x7FFF0000;
constexpr int64_t kMaxFrames = int64_t{1} << 28;

Diagnostic bad_sound(const std::string& path, const std::string& why) {
  return {.where = {.file = path}, .what = why, .hint = "a WAV file of 8 to 48 kHz"};
}

// libsndfile plays what is there of a file that was cut off; its header tells what is missing.
Result<void, Diagnostic> check_complete(const std::string& path, Bytes file) {
  if (file.size() < 12 || std::memcmp(file.data(), "RIFF", 4) != 0) return {};
  for (size_t at = 12; file.size() - at >= 8;) {
    const uint32_t size = load_le32(&file[at + 4]);
    const bool data = std::memcmp(&file[at], "data", 4) == 0;
    if (data && size >= kStreamedBytes) return {};
    if (size > file.size() - at - 8) {
      Diagnostic found = bad_sound(path, "the sound is cut off");
      found.limit = static_cast<int64_t>(size) + static_cast<int64_t>(at) + 8;
      found.actual = static_cast<int64_t>(file.size());
      found.unit = "bytes";
      found.hint = "to copy or record the file again";
      return found;
    }
    if (data) return {};
    at += 8 + size + (size & 1);
    if (at > file.size()) break;
  }
  return {};
}

std::vector<float> mix(const std::vector<float>& samples, int channels) {
  std::vector<float> mono(samples.size() / static_cast<size_t>(channels));
  for (size_t i = 0; i < mono.size(); ++i) {
    float sum = 0;
    for (int c = 0; c < channels; ++c)
      sum += samples[i * static_cast<size_t>(channels) + static_cast<size_t>(c)];
    mono[i] = sum / static_cast<float>(channels);
  }
  return mono;
}

// Empty when libsamplerate refuses.
std::vector<float> resample(std::vector<float> samples, int from_hz, int to_hz) {
  if (from_hz == to_hz || samples.empty()) return samples;
  const double ratio = static_cast<double>(to_hz) / from_hz;
  std::vector<float> result(static_cast<size_t>(std::ceil(static_cast<double>(samples.size()) * ratio)) + 1);
  SRC_DATA data{};
  data.data_in = samples.data();
  data.data_out = result.data();
  data.input_frames = static_cast<long>(samples.size());
  data.output_frames = static_cast<long>(result.size());
  data.src_ratio = ratio;
  if (src_simple(&data, SRC_SINC_BEST_QUALITY, 1) != 0) return {};
  result.resize(static_cast<size_t>(data.output_frames_gen));
  return result;
}

}  // namespace

Result<std::vector<int16_t>, Diagnostic> read_sound(const std::string& path, int rate_hz) {
  const auto bytes = read_file(path);
  if (!bytes.ok()) return bytes.error();
  if (auto complete = check_complete(path, bytes.value()); !complete.ok()) return complete.error();
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
  if (file == nullptr) return bad_sound(path, fmt::format("is no sound file ({})", sf_strerror(nullptr)));
  if (info.channels < 1 || info.samplerate < 1 || info.frames < 1 ||
      info.frames > kMaxFrames / info.channels) {
    return bad_sound(path, "holds no sound");
  }
  std::vector<float> samples(static_cast<size_t>(info.frames) * static_cast<size_t>(info.channels));
  if (sf_readf_float(file.get(), samples.data(), info.frames) != info.frames) {
    return bad_sound(path, "the sound is cut off");
  }
  const std::vector<float> mono = resample(mix(samples, info.channels), info.samplerate, rate_hz);
  if (mono.empty())
    return bad_sound(path, fmt::format("cannot be resampled from {} Hz to {} Hz", info.samplerate, rate_hz));
  std::vector<int16_t> result(mono.size());
  std::ranges::transform(mono, result.begin(), [](float each) {
    return static_cast<int16_t>(std::lrint(std::clamp(each * 32768.0f, -32768.0f, 32767.0f)));
  });
  return result;
}

}  // namespace rune
