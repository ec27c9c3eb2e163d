// noise-filtering against a plain oracle in double precision, and two published vectors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "blocks/block_test_support.h"

extern "C" RuneBlockFunction rune_block_noise_filtering;

namespace rune_block {
namespace {

const std::vector<RuneArgument> kDefaults = {argument(0.95F),  argument(80.0F), argument(21),   argument(10),
                                             argument(0.025F), argument(0.06F), argument(0.05F)};

double gain(double x) {
  const float shifted = static_cast<float>(x / 2048) + 80.0F;
  const double value = (1 << 21) * std::pow(static_cast<double>(shifted), -static_cast<double>(0.95F));
  return std::floor(std::min(value, 32767.0) + 0.5);
}

// The gain by its definition: a parabola through the ends and the middle of each power of two.
int64_t interpolated_gain(uint32_t x) {
  if (x <= 1) return static_cast<int64_t>(gain(x));
  const int interval = 32 - __builtin_clz(x);
  const double from = std::ldexp(1.0, interval - 1);
  const double start = gain(from);
  const auto middle = static_cast<int64_t>(gain(from * 1.5) - start);
  const auto end = static_cast<int64_t>(gain(interval == 32 ? 2 * from - 1 : 2 * from) - start);
  const int64_t slope = 4 * middle - end;
  const auto fraction = static_cast<int64_t>(std::floor((x - from) / from * 1024));
  const int64_t rise = ((end - slope) * fraction >> 5) + slope * 32;
  return static_cast<int64_t>(start) + ((rise * fraction + 16384) >> 15);
}

uint32_t energy(uint32_t signal, size_t index) {
  const uint64_t scaled = static_cast<uint64_t>(signal) << 10;
  const uint64_t share = index % 2 == 1 ? 983 : 409;  // 0.06 and 0.025 of 2^14
  const uint64_t estimate = scaled * share >> 14;
  const uint64_t kept = std::max<uint64_t>(signal * uint64_t{819} >> 14, (scaled - estimate) >> 10);
  const uint64_t ratio =
      kept * static_cast<uint64_t>(interpolated_gain(static_cast<uint32_t>(estimate))) >> 10;
  return static_cast<uint32_t>(ratio < 8192 ? ratio * ratio >> 20 : (ratio >> 6) - 64);
}

TEST(NoiseFiltering, OracleKnowsThePublishedVectors) {
  EXPECT_EQ(interpolated_gain(6321887), 990);
  EXPECT_EQ(interpolated_gain(31248341), 219);
  EXPECT_EQ(energy(247311, 0), 3578U);
  EXPECT_EQ(energy(508620, 1), 1533U);
}

TEST(NoiseFiltering, IsWithinOneOfTheDefinition) {
  std::mt19937 random(7);
  for (const uint32_t bits : {2U, 8U, 16U}) {
    std::vector<uint32_t> spectrum(1960);
    for (uint32_t& value : spectrum) value = static_cast<uint32_t>(random() % (1U << (1 + random() % bits)));
    spectrum[11] = (1U << bits) - 1;
    std::vector<TestTensor> outputs = {TestTensor::of(RUNE_I8, std::vector<int8_t>(1960))};
    ASSERT_EQ(run(rune_block_noise_filtering, {TestTensor::of(RUNE_U32, spectrum)}, outputs, kDefaults),
              RUNE_OK);
    std::vector<double> expected(1960);
    for (size_t i = 0; i < 1960; ++i) expected[i] = std::log2(1.0 + energy(spectrum[i], i));
    const double low = *std::min_element(expected.begin(), expected.end());
    const double high = *std::max_element(expected.begin(), expected.end());
    const auto actual = outputs[0].values<int8_t>();
    int differences = 0;
    for (size_t i = 0; i < 1960; ++i) {
      const double exact = high > low ? std::trunc(255 * (expected[i] - low) / (high - low) - 128) : 0;
      ASSERT_NEAR(actual[i], exact, 1) << "element " << i << " of " << bits << " bits";
      differences += actual[i] != exact;
    }
    EXPECT_LT(differences, 20);
  }
}

TEST(NoiseFiltering, EqualValuesGiveZero) {
  std::vector<TestTensor> outputs = {TestTensor::of(RUNE_I8, std::vector<int8_t>(40, 5))};
  ASSERT_EQ(run(rune_block_noise_filtering, {TestTensor::of(RUNE_U32, std::vector<uint32_t>(40))}, outputs,
                kDefaults),
            RUNE_OK);
  for (const int8_t value : outputs[0].values<int8_t>()) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace rune_block
