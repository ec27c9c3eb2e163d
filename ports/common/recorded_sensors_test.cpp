#include "ports/common/recorded_sensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace rune::ports {
namespace {

class MemoryRecording final : public Recording {
 public:
  explicit MemoryRecording(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  void rewind() override { at_ = 0; }
  size_t read(MutableBytes into) override {
    const size_t count = std::min(into.size(), bytes_.size() - at_);
    memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

CapabilityRequest request(CapabilityKind kind, ElementType element,
                          std::initializer_list<Argument> arguments) {
  CapabilityRequest made;
  made.kind = kind;
  made.tensor.element = element;
  for (const Argument& argument : arguments) EXPECT_EQ(made.arguments.push_back(argument), Status::kOk);
  return made;
}

TEST(RecordedSound, EndsWithZerosThenEndOfDataAndStartsAnew) {
  MemoryRecording at_16k({1, 0, 2, 0, 3, 0}), at_8k({9, 0});
  const SoundTrack tracks[] = {{8000, &at_8k}, {16000, &at_16k}};
  RecordedSound sound;
  sound.set_tracks(tracks);
  const CapabilityRequest wanted = request(CapabilityKind::kSound, ElementType::kI16, {{"hz", 16000}});
  uint8_t two_samples[4];
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(sound.open(wanted), Status::kOk);
    ASSERT_EQ(sound.read(wanted, two_samples), Status::kOk);
    EXPECT_EQ(load_le32(two_samples), 0x00020001u);
    ASSERT_EQ(sound.read(wanted, two_samples), Status::kOk);
    EXPECT_EQ(load_le32(two_samples), 0x00000003u);
    EXPECT_EQ(sound.read(wanted, two_samples), Status::kEndOfData);
  }
  EXPECT_EQ(sound.open(request(CapabilityKind::kSound, ElementType::kI16, {{"hz", 44100}})),
            Status::kUnsupported);
  EXPECT_EQ(sound.open(request(CapabilityKind::kSound, ElementType::kF32, {})), Status::kUnsupported);
}

TEST(RecordedImage, DeliversTheSizeAskedForInTheFormatAskedFor) {
  MemoryRecording grey({7}), colour({1, 2, 3});
  const ImageTrack tracks[] = {{1, 1, 1, &grey}, {1, 1, 3, &colour}};
  RecordedImage image(CapabilityKind::kImage), floats(CapabilityKind::kFloatImage);
  image.set_tracks(tracks);
  floats.set_tracks(tracks);
  const auto wanted = [](ElementType element, int32_t format) {
    return request(CapabilityKind::kImage, element, {{"width", 1}, {"height", 1}, {"pixel_format", format}});
  };
  uint8_t pixels[12];
  ASSERT_EQ(image.open(wanted(ElementType::kU8, 2)), Status::kOk);
  ASSERT_EQ(image.read(wanted(ElementType::kU8, 2), MutableBytes(pixels, 1)), Status::kOk);
  EXPECT_EQ(pixels[0], 7);
  ASSERT_EQ(image.open(wanted(ElementType::kU8, 1)), Status::kOk);
  ASSERT_EQ(image.read(wanted(ElementType::kU8, 1), MutableBytes(pixels, 3)), Status::kOk);
  EXPECT_EQ(pixels[0], 3);
  EXPECT_EQ(pixels[2], 1);
  ASSERT_EQ(floats.open(wanted(ElementType::kF32, 0)), Status::kOk);
  ASSERT_EQ(floats.read(wanted(ElementType::kF32, 0), pixels), Status::kOk);
  float values[3];
  memcpy(values, pixels, sizeof(values));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(values[i], static_cast<float>(i + 1) / 255.0f);
  EXPECT_EQ(image.open(request(CapabilityKind::kImage, ElementType::kU8, {{"width", 2}, {"height", 1}})),
            Status::kUnsupported);
}

TEST(SeededRandom, RepeatsFromItsSeed) {
  SeededRandom random(0), other(1);
  const CapabilityRequest wanted = request(CapabilityKind::kRandom, ElementType::kF32, {});
  float first[64], again[64], different[64];
  const auto bytes = [](float* values) { return MutableBytes(reinterpret_cast<uint8_t*>(values), 256); };
  ASSERT_EQ(random.open(wanted), Status::kOk);
  ASSERT_EQ(random.read(wanted, bytes(first)), Status::kOk);
  ASSERT_EQ(random.open(wanted), Status::kOk);
  ASSERT_EQ(random.read(wanted, bytes(again)), Status::kOk);
  ASSERT_EQ(other.open(wanted), Status::kOk);
  ASSERT_EQ(other.read(wanted, bytes(different)), Status::kOk);
  EXPECT_EQ(memcmp(first, again, sizeof(first)), 0);
  EXPECT_NE(memcmp(first, different, sizeof(first)), 0);
  for (const float value : first) EXPECT_TRUE(value >= 0 && value < 1024);
}

}  // namespace
}  // namespace rune::ports
