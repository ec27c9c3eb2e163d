#include "host/support/media.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "tests/support/test_data.h"

namespace rune {
namespace {

class MediaTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(write_text_file(path(name), content).ok());
    return path(name);
  }
  const std::string folder_ = testing::TempDir() + "/media-" + std::to_string(::getpid());
};

// A WAV file of one or two channels with a tone of `tone_hz` on each.
std::string wav(int rate_hz, int channels, double seconds, double tone_hz) {
  const auto frames = static_cast<uint32_t>(rate_hz * seconds);
  const uint32_t data_bytes = frames * static_cast<uint32_t>(channels) * 2;
  std::vector<uint8_t> file(44 + data_bytes);
  std::memcpy(&file[0], "RIFF", 4);
  store_le32(&file[4], 36 + data_bytes);
  std::memcpy(&file[8], "WAVEfmt ", 8);
  store_le32(&file[16], 16);
  store_le16(&file[20], 1);
  store_le16(&file[22], static_cast<uint16_t>(channels));
  store_le32(&file[24], static_cast<uint32_t>(rate_hz));
  store_le32(&file[28], static_cast<uint32_t>(rate_hz * channels * 2));
  store_le16(&file[32], static_cast<uint16_t>(channels * 2));
  store_le16(&file[34], 16);
  std::memcpy(&file[36], "data", 4);
  store_le32(&file[40], data_bytes);
  for (uint32_t i = 0; i < frames * static_cast<uint32_t>(channels); ++i) {
    const double t = i / static_cast<uint32_t>(channels) / static_cast<double>(rate_hz);
    const double value = 16000 * std::sin(2 * std::numbers::pi * tone_hz * t);
    store_le16(&file[44 + 2 * i], static_cast<uint16_t>(static_cast<int16_t>(std::lrint(value))));
  }
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

TEST_F(MediaTest, SoundAtItsOwnRateIsUnchanged) {
  const auto sound = read_sound(write("a.wav", wav(16000, 1, 0.1, 440)), 16000);
  ASSERT_TRUE(sound.ok()) << sound.error().text();
  ASSERT_EQ(sound.value().size(), 1600u);
  for (size_t i = 0; i < 1600; ++i) {
    ASSERT_EQ(sound.value()[i],
              std::lrint(16000 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 16000)));
  }
}

TEST_F(MediaTest, SoundIsMixedAndResampled) {
  const auto sound = read_sound(write("b.wav", wav(44100, 2, 0.5, 440)), 16000);
  ASSERT_TRUE(sound.ok()) << sound.error().text();
  EXPECT_NEAR(static_cast<double>(sound.value().size()), 8000, 2);
  for (size_t i = 500; i < 7500; ++i) {
    const double expected = 16000 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 16000);
    ASSERT_NEAR(sound.value()[i], expected, 200) << i;
  }
}

TEST_F(MediaTest, EveryTruncationOfASoundIsRefused) {
  const std::string whole = wav(16000, 1, 0.01, 440);
  for (size_t size = 0; size < whole.size(); size += 7) {
    const auto sound = read_sound(write("cut.wav", whole.substr(0, size)), 16000);
    ASSERT_FALSE(sound.ok()) << size;
    ASSERT_NE(sound.error().text().find("cut.wav"), std::string::npos);
  }
  EXPECT_NE(
      read_sound(write("cut.wav", whole.substr(0, 100)), 16000).error().text().find("the sound is cut off"),
      std::string::npos);
}

TEST_F(MediaTest, MissingFilesAreNamed) {
  EXPECT_NE(read_sound(path("none.wav"), 16000).error().text().find("none.wav"), std::string::npos);
  EXPECT_FALSE(read_motion(path("none.csv")).ok());
  EXPECT_FALSE(read_image(path("none.png")).ok());
}

TEST_F(MediaTest, MotionWithAndWithoutNames) {
  const std::vector<float> expected{1, -2.5f, 3, 4, 5, 6e-3f};
  EXPECT_EQ(read_motion(write("a.csv", "1,-2.5,3\r\n4, 5 ,6e-3\n\n")).value(), expected);
  EXPECT_EQ(read_motion(write("b.csv", "aX,aY,aZ,gX\n1,-2.5,3,9\n4,5,6e-3,9")).value(), expected);
}

TEST_F(MediaTest, MotionErrorsNameTheLine) {
  EXPECT_EQ(read_motion(write("c.csv", "1,2,3\n4,5\n")).error().text(),
            path("c.csv") + ":2: is not three numbers with commas between; try lines of x,y,z");
  EXPECT_FALSE(read_motion(write("d.csv", "1,2,3\n4,nan,5\n")).ok());
  EXPECT_FALSE(read_motion(write("e.csv", "x,y,z\n")).ok());
}

TEST_F(MediaTest, ImagesAreReadScaledAndMadeGrey) {
  // Portable pixmap: red, green over blue, white.
  const std::string pixels("\xff\x00\x00\x00\xff\x00\x00\x00\xff\xff\xff\xff", 12);
  const auto image = read_image(write("a.ppm", "P6 2 2 255\n" + pixels));
  ASSERT_TRUE(image.ok()) << image.error().text();
  EXPECT_EQ(image.value().width, 2);
  EXPECT_EQ(std::string(image.value().pixels.begin(), image.value().pixels.end()), pixels);
  EXPECT_EQ(scale_image(image.value(), 2, 2, 1).pixels, (ByteVector{76, 150, 29, 255}));
  EXPECT_EQ(scale_image(image.value(), 4, 6, 3).pixels.size(), 72u);
  EXPECT_EQ(read_image(write("b.png", "not a picture")).error().text().find(path("b.png") + ": is no image"),
            0u);
}

TEST_F(MediaTest, RealRecordingsAreRead) {
  const auto motion = test_data("motion/gesture/example_ring.csv");
  if (!motion) GTEST_SKIP() << kNoTestData;
  const auto read = read_motion(*motion);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read.value().size() % 3, 0u);
  EXPECT_GT(read.value().size(), 3u * 100);
}

}  // namespace
}  // namespace rune
