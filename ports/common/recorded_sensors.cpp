#include "ports/common/recorded_sensors.h"

#include <algorithm>
#include <utility>

namespace rune::ports {
namespace {

Status read_padded(Recording& recording, MutableBytes into) {
  const size_t count = recording.read(into);
  if (count == 0) return Status::kEndOfData;
  memset(into.data() + count, 0, into.size() - count);
  return Status::kOk;
}

void swap_red_and_blue(MutableBytes pixels) {
  for (size_t i = 0; i + 2 < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
}

// Spreads the bytes in the last quarter of `into` to floats over all of it, in place: float i
// ends before byte i + 1 begins.
void spread_to_floats(MutableBytes into) {
  const size_t count = into.size() / 4;
  for (size_t i = 0; i < count; ++i) {
    const float value = static_cast<float>(into[3 * count + i]) / 255.0f;
    memcpy(into.data() + 4 * i, &value, sizeof(value));
  }
}

}  // namespace

Status RecordedSound::open(const CapabilityRequest& request) {
  if (request.tensor.element != ElementType::kI16) return Status::kUnsupported;
  const int32_t rate_hz = request.argument("hz", 0);
  for (const SoundTrack& track : tracks_) {
    if (rate_hz != 0 && track.rate_hz != rate_hz) continue;
    current_ = track.recording;
    current_->rewind();
    return Status::kOk;
  }
  return Status::kUnsupported;
}

Status RecordedSound::read(const CapabilityRequest&, MutableBytes into) {
  return read_padded(*current_, into);
}

Status RecordedImage::open(const CapabilityRequest& request) {
  const ElementType wanted = kind_ == CapabilityKind::kImage ? ElementType::kU8 : ElementType::kF32;
  if (request.tensor.element != wanted) return Status::kUnsupported;
  const int32_t channels = request.argument("pixel_format", 0) == 2 ? 1 : 3;
  for (const ImageTrack& track : tracks_) {
    const bool fits = track.width == request.argument("width", 0) &&
                      track.height == request.argument("height", 0) && track.channels == channels;
    if (!fits && track.width != 0) continue;
    current_ = track.recording;
    current_->rewind();
    return Status::kOk;
  }
  return Status::kUnsupported;
}

Status RecordedImage::read(const CapabilityRequest& request, MutableBytes into) {
  const bool floats = kind_ == CapabilityKind::kFloatImage;
  const MutableBytes pixels = floats ? into.subspan(into.size() / 4 * 3) : into;
  RUNE_TRY(read_padded(*current_, pixels));
  if (request.argument("pixel_format", 0) == 1) swap_red_and_blue(pixels);
  if (floats) spread_to_floats(into);
  return Status::kOk;
}

Status RecordedBytes::open(const CapabilityRequest& request) {
  if (kind_ == CapabilityKind::kAccelerometer && request.tensor.element != ElementType::kF32) {
    return Status::kUnsupported;
  }
  recording_.rewind();
  return Status::kOk;
}

Status RecordedBytes::read(const CapabilityRequest&, MutableBytes into) {
  return read_padded(recording_, into);
}

Status SeededRandom::open(const CapabilityRequest&) {
  // Any seed, 0 too, starts at a state that is not 0.
  state_ = (static_cast<uint64_t>(seed_) << 32 | 0x9E3779B9u) ^ 0x2545F4914F6CDD1D;
  for (int i = 0; i < 4; ++i) (void)next();
  return Status::kOk;
}

// xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators".
uint32_t SeededRandom::next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return static_cast<uint32_t>(state_ * 0x2545F4914F6CDD1D >> 32);
}

Status SeededRandom::read(const CapabilityRequest& request, MutableBytes into) {
  if (request.tensor.element == ElementType::kF32) {
    for (size_t i = 0; i + 4 <= into.size(); i += 4) {
      const float value = static_cast<float>(next() >> 8) / 16384.0f;
      memcpy(into.data() + i, &value, sizeof(value));
    }
    return Status::kOk;
  }
  if (request.tensor.element == ElementType::kF64) {
    for (size_t i = 0; i + 8 <= into.size(); i += 8) {
      const double value = static_cast<double>(next() >> 8) / 16384.0;
      memcpy(into.data() + i, &value, sizeof(value));
    }
    return Status::kOk;
  }
  for (size_t i = 0; i < into.size(); i += 4) {
    uint8_t word[4];
    store_le32(word, next());
    memcpy(into.data() + i, word, std::min<size_t>(4, into.size() - i));
  }
  return Status::kOk;
}

}  // namespace rune::ports
