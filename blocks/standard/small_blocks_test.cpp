// The blocks of a few lines, each against its definition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "blocks/block_test_support.h"

extern "C" {
RuneBlockFunction rune_block_audio_float_conversion;
RuneBlockFunction rune_block_dequantize;
RuneBlockFunction rune_block_image_normalization;
RuneBlockFunction rune_block_label;
RuneBlockFunction rune_block_modulo;
RuneBlockFunction rune_block_most_confident_indices;
RuneBlockFunction rune_block_normalize;
RuneBlockFunction rune_block_quantize;
}

namespace rune_block {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

TEST(Modulo, EqualsFmodExactly) {
  std::mt19937 random(3);
  std::vector<float> numbers = {0, 402, -402, 360, 359.99997F, 1e30F, -7.5F, 1e-40F};
  for (int i = 0; i < 2000; ++i) {
    numbers.push_back(
        std::ldexp(static_cast<float>(random()) / 4294967296.0F, static_cast<int>(random() % 60) - 20));
  }
  for (const float modulus : {360.0F, 1.0F, 0.1F, 3.0F}) {
    std::vector<TestTensor> outputs = {TestTensor::of(RUNE_F32, numbers)};
    ASSERT_EQ(run(rune_block_modulo, {TestTensor::of(RUNE_F32, numbers)}, outputs, {argument(modulus)}),
              RUNE_OK);
    const auto actual = outputs[0].values<float>();
    for (size_t i = 0; i < numbers.size(); ++i)
      ASSERT_EQ(actual[i], std::fmod(numbers[i], modulus)) << numbers[i];
  }
}

TEST(Modulo, TakesIntegers) {
  std::vector<TestTensor> outputs = {TestTensor::of<int32_t>(RUNE_I32, {0, 0})};
  ASSERT_EQ(
      run(rune_block_modulo, {TestTensor::of<int32_t>(RUNE_I32, {402, -361})}, outputs, {argument(360.0F)}),
      RUNE_OK);
  EXPECT_THAT(outputs[0].values<int32_t>(), ElementsAre(42, -1));
}

TEST(Normalize, LeastToZeroGreatestToOne) {
  std::vector<TestTensor> outputs = {TestTensor::of<float>(RUNE_F32, {9, 9, 9})};
  ASSERT_EQ(run(rune_block_normalize, {TestTensor::of<float>(RUNE_F32, {0, 1, 2})}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(0, 0.5F, 1));
  ASSERT_EQ(run(rune_block_normalize, {TestTensor::of<int16_t>(RUNE_I16, {-10, 30, 10})}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(0, 1, 0.5F));
  ASSERT_EQ(run(rune_block_normalize, {TestTensor::of<float>(RUNE_F32, {4, 4, 4})}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(4, 4, 4));
}

TEST(ImageNormalization, SpansTheTypesRange) {
  std::vector<TestTensor> outputs = {TestTensor::of<float>(RUNE_F32, {9, 9, 9})};
  ASSERT_EQ(run(rune_block_image_normalization, {TestTensor::of<uint8_t>(RUNE_U8, {0, 127, 255})}, outputs),
            RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(0, 127.0F / 255.0F, 1));
  ASSERT_EQ(run(rune_block_image_normalization, {TestTensor::of<int8_t>(RUNE_I8, {-128, 0, 127})}, outputs),
            RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(0, 128.0F / 255.0F, 1));
}

TEST(AudioFloatConversion, StaysWithinOne) {
  std::vector<TestTensor> outputs = {TestTensor::of<float>(RUNE_F32, {9, 9, 9, 9})};
  ASSERT_EQ(run(rune_block_audio_float_conversion,
                {TestTensor::of<int16_t>(RUNE_I16, {0, 32767, -32768, -32767})}, outputs),
            RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(0, 1, -1, -1));
}

TEST(MostConfidentIndices, RanksValuesAndKeepsTheEarlierOfEquals) {
  std::vector<TestTensor> outputs = {TestTensor::of<uint32_t>(RUNE_U32, {9, 9, 9}),
                                     TestTensor::of<float>(RUNE_F32, {9, 9, 9})};
  ASSERT_EQ(run(rune_block_most_confident_indices,
                {TestTensor::of<float>(RUNE_F32, {0, 0.5F, 10, 3.5F, -200})}, outputs),
            RUNE_OK);
  EXPECT_THAT(outputs[0].values<uint32_t>(), ElementsAre(2, 3, 1));
  EXPECT_THAT(outputs[1].values<float>(), ElementsAre(10, 3.5F, 0.5F));
  ASSERT_EQ(
      run(rune_block_most_confident_indices, {TestTensor::of<float>(RUNE_F32, {1, 7, 7, NAN, 7})}, outputs),
      RUNE_OK);
  EXPECT_THAT(outputs[0].values<uint32_t>(), ElementsAre(1, 2, 4));
}

TEST(MostConfidentIndices, DequantisesAndRefusesTooMany) {
  std::vector<TestTensor> outputs = {TestTensor::of<uint32_t>(RUNE_U32, {9}),
                                     TestTensor::of<float>(RUNE_F32, {9})};
  TestTensor scores = TestTensor::of<int8_t>(RUNE_I8, {-128, 0, 127});
  scores.scale = 1.0F / 256;
  scores.zero_point = -128;
  ASSERT_EQ(run(rune_block_most_confident_indices, {scores}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<uint32_t>(), ElementsAre(2));
  EXPECT_THAT(outputs[1].values<float>(), ElementsAre(255.0F / 256));
  EXPECT_EQ(run(rune_block_most_confident_indices, {TestTensor::of<float>(RUNE_F32, {})}, outputs),
            RUNE_TOO_LARGE);
  EXPECT_EQ(run(rune_block_most_confident_indices, {TestTensor::of<float>(RUNE_F32, {NAN})}, outputs),
            RUNE_INVALID_ARGUMENT);
}

std::vector<std::string> label(const std::vector<int32_t>& indices, const std::string& fallback,
                               int32_t& status) {
  static const RuneText kWords[] = {{"zero", 4}, {"one", 3}};
  RuneArgument words{};
  words.list = kWords;
  words.count = 2;
  RuneArgument otherwise{};
  otherwise.text = fallback.data();
  otherwise.count = static_cast<uint32_t>(fallback.size());
  std::vector<TestTensor> outputs = {TestTensor::of(RUNE_UTF8, std::vector<RuneText>(indices.size()))};
  status = run(rune_block_label, {TestTensor::of(RUNE_I32, indices)}, outputs, {words, otherwise});
  std::vector<std::string> result;
  for (const RuneText& text : outputs[0].values<RuneText>()) {
    if (text.data != nullptr) result.emplace_back(text.data, text.size_bytes);
  }
  return result;
}

TEST(Label, LooksUpAndFallsBack) {
  int32_t status = 0;
  EXPECT_THAT(label({1, 0}, "", status), ElementsAre("one", "zero"));
  EXPECT_EQ(status, RUNE_OK);
  EXPECT_THAT(label({2, -1, 1}, "unknown", status), ElementsAre("unknown", "unknown", "one"));
  EXPECT_EQ(status, RUNE_OK);
  label({2}, "", status);
  EXPECT_EQ(status, RUNE_NOT_FOUND);
}

TEST(Quantize, RoundsHalfAwayFromZeroAndHolds) {
  std::vector<TestTensor> outputs = {TestTensor::of(RUNE_I8, std::vector<int8_t>(7))};
  outputs[0].scale = 0.5F;
  outputs[0].zero_point = 3;
  ASSERT_EQ(run(rune_block_quantize,
                {TestTensor::of<float>(RUNE_F32, {0, 0.25F, -0.25F, 0.24F, 1000, -1000, NAN})}, outputs),
            RUNE_OK);
  EXPECT_THAT(outputs[0].values<int8_t>(), ElementsAre(3, 4, 2, 3, 127, -128, 0));
}

TEST(Quantize, MovesPixelsByTheDifferenceOfZeroPoints) {
  TestTensor pixels = TestTensor::of<uint8_t>(RUNE_U8, {0, 127, 128, 255});
  pixels.scale = 0.0078F;
  pixels.zero_point = 127;
  std::vector<TestTensor> outputs = {TestTensor::of(RUNE_I8, std::vector<int8_t>(4))};
  outputs[0].scale = 0.0078F;
  outputs[0].zero_point = -1;
  ASSERT_EQ(run(rune_block_quantize, {pixels}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<int8_t>(), ElementsAre(-128, -1, 0, 127));
}

TEST(Dequantize, IsTheInverse) {
  TestTensor stored = TestTensor::of<uint8_t>(RUNE_U8, {0, 128, 255});
  stored.scale = 0.25F;
  stored.zero_point = 128;
  std::vector<TestTensor> outputs = {TestTensor::of<float>(RUNE_F32, {9, 9, 9})};
  ASSERT_EQ(run(rune_block_dequantize, {stored}, outputs), RUNE_OK);
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(-32, 0, FloatEq(31.75F)));
}

}  // namespace
}  // namespace rune_block
