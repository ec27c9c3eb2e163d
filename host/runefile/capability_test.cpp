// Capabilities: arguments of every kind, and the tensors they give.
#include "host/runefile/test_support.h"

namespace rune::runefile {
namespace {

// The type of a capability whose output is printed as it is.
std::string alone(const std::string& line) {
  return type_of(pipeline_of("FROM runicos/base\n" + line + "\nRUN a\nOUT serial\n"), "a");
}

std::string refused(const std::string& line) {
  return errors_of("FROM runicos/base\n" + line + "\nRUN a\nOUT serial\n");
}

std::vector<std::pair<std::string, int32_t>> arguments_of(const std::string& line) {
  const Pipeline pipeline = pipeline_of("FROM runicos/base\n" + line + "\nRUN a\nOUT serial\n");
  return std::get<CapabilityStage>(stage_named(pipeline, "a").what).arguments;
}

TEST(Capability, SoundsLength) {
  EXPECT_EQ(alone("CAPABILITY SOUND a"), "i16[1, 16000]");
  EXPECT_EQ(alone("CAPABILITY SOUND a --hz 8000"), "i16[1, 8000]");
  EXPECT_EQ(alone("CAPABILITY SOUND a --hz 8000 --sample-duration-ms 250"), "i16[1, 2000]");
  EXPECT_EQ(alone("CAPABILITY SOUND a --frequency 8000 --sample_duration 2s"), "i16[1, 16000]");
  EXPECT_EQ(alone("CAPABILITY SOUND a --sample-rate 8000 --sample-duration 500ms"), "i16[1, 4000]");
  EXPECT_EQ(alone("CAPABILITY AUDIO a --sample-size 512"), "i16[1, 512]");
  EXPECT_EQ(alone("CAPABILITY<i16[512]> a SOUND"), "i16[512]");
}

TEST(Capability, SoundsContradictions) {
  EXPECT_EQ(refused("CAPABILITY SOUND a --sample-duration-ms 1000 --sample-size 8000"),
            "Runefile:2: 1000 ms at 16000 Hz are not --sample-size; needs 8000 samples, limit 16000 samples; "
            "try leaving out one of the two\n");
  EXPECT_EQ(refused("CAPABILITY<i16[1, 100]> a SOUND --sample-size 8000"),
            "Runefile:2: the shape and the arguments do not agree; needs 100 elements, limit 8000 elements; "
            "try leaving out the shape\n");
  EXPECT_EQ(refused("CAPABILITY<f32[1, 100]> a SOUND"), "Runefile:2: sound gives i16, not f32; try i16\n");
  EXPECT_EQ(refused("CAPABILITY SOUND a --hz 0"),
            "Runefile:2: \"0\" is no value for hz; try a whole number from 1 to 10000000\n");
  EXPECT_EQ(refused("CAPABILITY SOUND a --hz 1 --hz 2"),
            "Runefile:2: hz is there twice; try one of the two\n");
}

TEST(Capability, Images) {
  EXPECT_EQ(alone("CAPABILITY IMAGE a --width 4 --height 2 --pixel-format RGB"), "u8[1, 2, 4, 3]");
  EXPECT_EQ(alone("CAPABILITY IMAGE a --width 4 --height 2 --pixel-format @PixelFormat::GrayScale"),
            "u8[1, 2, 4, 1]");
  EXPECT_EQ(alone("CAPABILITY IMAGE a --width 4 --height 2 --pixel-format bgr"), "u8[1, 2, 4, 3]");
  EXPECT_EQ(arguments_of("CAPABILITY<u8[1,2,4,3]> a IMAGE")[0],
            (std::pair<std::string, int32_t>{"width", 4}));
  EXPECT_EQ(refused("CAPABILITY IMAGE a --width 4"),
            "Runefile:2: the shape of a follows from nothing; try --width W --height H --pixel-format RGB\n");
  EXPECT_EQ(refused("CAPABILITY IMAGE a --width 4 --height 2 --pixel-format YUV"),
            "Runefile:2: \"YUV\" is no value for pixel-format; try RGB, BGR or GrayScale\n");
}

TEST(Capability, MotionRandomAndRaw) {
  EXPECT_EQ(alone("CAPABILITY ACCEL a --n 4 --hz 50"), "f32[1, 4, 3]");
  EXPECT_EQ(arguments_of("CAPABILITY ACCEL a --n 4"),
            (std::vector<std::pair<std::string, int32_t>>{{"samples", 4}}));
  EXPECT_EQ(refused("CAPABILITY ACCEL a"),
            "Runefile:2: the shape of a follows from nothing; try --n N, the number of readings\n");
  EXPECT_EQ(alone("CAPABILITY RAND a"), "f32[1, 1]");
  EXPECT_EQ(alone("CAPABILITY<u8[4]> a RAND"), "u8[4]");
  EXPECT_EQ(alone("CAPABILITY RAW a --source 1"), "f32[1, 1]");
  EXPECT_EQ(refused("CAPABILITY RAND a --seed 1"),
            "Runefile:2: unknown argument of random \"seed\"; try source\n");
}

}  // namespace
}  // namespace rune::runefile
