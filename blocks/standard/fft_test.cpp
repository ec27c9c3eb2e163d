// fft against a plain transform in double precision, from the definition alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>

#include "blocks/block_test_support.h"

extern "C" RuneBlockFunction rune_block_fft;

namespace rune_block {
namespace {

const std::vector<RuneArgument> kDefaults = {argument(16000), argument(480), argument(0.6666667F)};
const double kPi = std::acos(-1.0);

std::vector<int16_t> sound(uint32_t samples, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int16_t> result(samples);
  for (uint32_t i = 0; i < samples; ++i) {
    const double tone = 9000 * std::sin(0.002 * i * (1 + 0.0001 * i));
    result[i] = static_cast<int16_t>(tone + static_cast<double>(random() % 2001) - 1000);
  }
  return result;
}

// Power of bins 0 .. count - 1 of a transform of `points`.
std::vector<double> powers(const std::vector<double>& x, uint32_t points, uint32_t count) {
  std::vector<std::complex<double>> turns(points);
  for (uint32_t i = 0; i < points; ++i) turns[i] = std::polar(1.0, -2 * kPi * i / points);
  std::vector<double> result(count);
  for (uint32_t k = 0; k < count; ++k) {
    std::complex<double> sum = 0;
    for (size_t n = 0; n < x.size(); ++n) sum += x[n] * turns[(static_cast<uint64_t>(n) * k) % points];
    result[k] = std::norm(sum);
  }
  return result;
}

double mel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double hertz(double mels) { return 700 * (std::pow(10, mels / 2595) - 1); }

std::vector<double> oracle(const std::vector<int16_t>& x) {
  const uint32_t step = 159;
  const uint32_t windows =
      x.size() <= 480 ? 1
                      : static_cast<uint32_t>(std::ceil((static_cast<double>(x.size()) - 480) / step)) + 1;
  std::vector<double> result;
  for (uint32_t frame = 0; frame < 49; ++frame) {
    const uint32_t start = frame * windows / 49 * step;
    std::vector<double> windowed(480);
    for (uint32_t n = 0; n < 480 && start + n < x.size(); ++n) {
      windowed[n] = x[start + n] * 0.5 * (1 - std::cos(2 * kPi * n / 511));
    }
    const std::vector<double> bins = powers(windowed, 512, 256);
    const double low = mel(16000.0 / 480);
    const double step_mel = (mel(8000) - low) / 41;
    const auto edge = [&](int i) {
      return static_cast<int>(std::floor(hertz(low + step_mel * i) / 8000 * 241 + 1e-9));
    };
    for (int i = 0; i < 40; ++i) {
      const int size = edge(i + 2) - edge(i);
      double sum = 0;
      for (int n = 0; n < size; ++n) {
        const double weight = (1 - std::abs(n - (size - 1) / 2.0) / (size / 2.0)) / size;
        sum += weight * bins[static_cast<size_t>((edge(i) + n) * 256 / 241)];
      }
      result.push_back(std::sqrt(sum));
    }
  }
  return result;
}

void scale(std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double least = *low;
  const double range = *high - least;
  for (double& value : values) value = range > 0 ? (value - least) / range : 0;
}

TEST(Fft, ShortTimeSpectrumIsWithinOneOfTheDefinition) {
  for (const uint32_t samples : {16000U, 7000U, 481U, 200U}) {
    const auto x = sound(samples, samples);
    std::vector<TestTensor> outputs = {
        TestTensor::of<uint32_t>(RUNE_U32, std::vector<uint32_t>(1960), {1, 1960})};
    ASSERT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, x)}, outputs, kDefaults), RUNE_OK);
    std::vector<double> expected = oracle(x);
    scale(expected);
    const auto actual = outputs[0].values<uint32_t>();
    for (size_t i = 0; i < 1960; ++i) {
      ASSERT_NEAR(actual[i], std::floor(65536 * expected[i]), 1) << samples << " samples, element " << i;
    }
  }
}

TEST(Fft, WholeSpectrumInBands) {
  const std::pair<uint32_t, uint32_t> cases[] = {{1500, 150}, {150, 150}, {256, 128},
                                                 {700, 300},  {2000, 1},  {300, 17}};
  for (const auto& [samples, bands] : cases) {
    const auto x = sound(samples, samples + bands);
    std::vector<TestTensor> outputs = {TestTensor::of(RUNE_F32, std::vector<float>(bands), {bands, 1})};
    ASSERT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, x)}, outputs, kDefaults), RUNE_OK);
    const uint32_t points = (samples + 255) / 256 * 256;
    const uint32_t half = points / 2;
    const auto bins = powers(std::vector<double>(x.begin(), x.end()), points, half);
    std::vector<double> expected(bands);
    for (uint32_t b = 0; b < bands; ++b) {
      double sum = 0;
      uint32_t count = 0;
      for (uint32_t k = 0; k < half; ++k) {
        const uint32_t first = k * bands / half;
        const uint32_t last = std::max(first + 1, (k + 1) * bands / half) - 1;
        if (first <= b && b <= last) sum += bins[k], ++count;
      }
      expected[b] = std::sqrt(sum / count);
    }
    scale(expected);
    const auto actual = outputs[0].values<float>();
    for (uint32_t b = 0; b < bands; ++b)
      ASSERT_NEAR(actual[b], expected[b], 1e-5) << samples << "/" << bands << " band " << b;
  }
}

TEST(Fft, ElementTypesShareOneSpectrum) {
  const auto x = sound(16000, 5);
  std::vector<TestTensor> f32 = {TestTensor::of(RUNE_F32, std::vector<float>(1960))};
  std::vector<TestTensor> i8 = {TestTensor::of(RUNE_I8, std::vector<int8_t>(1960))};
  ASSERT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, x)}, f32, kDefaults), RUNE_OK);
  ASSERT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, x)}, i8, kDefaults), RUNE_OK);
  const auto floats = f32[0].values<float>();
  const auto bytes = i8[0].values<int8_t>();
  EXPECT_EQ(*std::min_element(floats.begin(), floats.end()), 0.0F);
  EXPECT_EQ(*std::max_element(floats.begin(), floats.end()), 1.0F);
  for (size_t i = 0; i < 1960; ++i) ASSERT_NEAR(bytes[i], std::trunc(255 * floats[i] - 128), 1);
}

TEST(Fft, SilenceIsZeroAndNothingIsRefused) {
  std::vector<TestTensor> outputs = {TestTensor::of(RUNE_U32, std::vector<uint32_t>(1960, 7))};
  ASSERT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, std::vector<int16_t>(16000))}, outputs, kDefaults),
            RUNE_OK);
  for (const uint32_t value : outputs[0].values<uint32_t>()) ASSERT_EQ(value, 0U);
  EXPECT_EQ(run(rune_block_fft, {TestTensor::of(RUNE_I16, std::vector<int16_t>())}, outputs, kDefaults),
            RUNE_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace rune_block
