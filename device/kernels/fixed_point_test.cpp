// Requantisation against its definitions in wide integers, and the fixed-point functions against the real
// ones.
#include "device/kernels/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "device/kernels/fixed_point_functions.h"

namespace rune::kernels {
namespace {

// v / 2^e to nearest, ties away from zero, without bit tricks.
int64_t divide_to_nearest(int64_t value, int32_t exponent) {
  const int64_t divisor = int64_t{1} << exponent;
  const int64_t half = divisor / 2;
  return value >= 0 ? (value + half) / divisor : -((-value + half) / divisor);
}

int64_t floor_divide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

TEST(FixedPoint, DividesToNearestWithTiesAwayFromZero) {
  for (int32_t value = -300; value <= 300; ++value) {
    for (int32_t exponent = 0; exponent <= 10; ++exponent) {
      EXPECT_EQ(rounding_divide_by_pot(value, exponent), divide_to_nearest(value, exponent))
          << value << " >> " << exponent;
    }
  }
  EXPECT_EQ(rounding_divide_by_pot(INT32_MIN, 31), -1);
  EXPECT_EQ(rounding_divide_by_pot(INT32_MAX, 31), 1);
}

TEST(FixedPoint, RequantisesAsDefined) {
  std::mt19937 random(5);
  int different = 0;
  for (int i = 0; i < 200000; ++i) {
    const auto value = static_cast<int32_t>(random()) >> (random() % 24);
    const auto multiplier = static_cast<int32_t>(random() % (1U << 30)) + (1 << 30);
    const int32_t shift = -static_cast<int32_t>(random() % 20);
    const int64_t product = int64_t{value} * multiplier;
    const int64_t high = floor_divide(product + (int64_t{1} << 30), int64_t{1} << 31);
    const int32_t twice = requantise_double(value, multiplier, shift);
    EXPECT_EQ(twice, divide_to_nearest(high, -shift));
    const int64_t scale = int64_t{1} << (31 - shift);
    const int32_t once = requantise_single(value, multiplier, shift);
    EXPECT_EQ(once, floor_divide(product + scale / 2, scale));
    different += once != twice ? 1 : 0;
  }
  // The two modes are not the same thing under two names.
  EXPECT_GT(different, 0);
}

TEST(FixedPoint, LeftShiftsComeFirst) {
  EXPECT_EQ(requantise_double(3, 1 << 30, 3), 12);
  EXPECT_EQ(requantise_single(3, 1 << 30, 3), 12);
}

TEST(FixedPointFunctions, ExpOfNegatives) {
  EXPECT_EQ(exp_on_negative_q5_26(0), INT32_MAX);
  for (int64_t x = INT32_MIN; x < 0; x += 99991) {
    const double expected = std::exp(static_cast<double>(x) / (1 << 26)) * 2147483648.0;
    EXPECT_NEAR(exp_on_negative_q5_26(static_cast<int32_t>(x)), expected, 512) << x;
  }
}

TEST(FixedPointFunctions, Reciprocal) {
  for (int64_t x = 0; x <= INT32_MAX; x += 99991) {
    const double expected = 2147483648.0 / (1 + static_cast<double>(x) / 2147483648.0);
    EXPECT_NEAR(one_over_one_plus_x(static_cast<int32_t>(x)), expected, 32) << x;
  }
}

TEST(FixedPointFunctions, Logarithm) {
  for (int64_t x = 1 << 19; x <= INT32_MAX; x += x / 5000 + 1) {
    const double expected = std::log(static_cast<double>(x) / (1 << 19)) * (1 << 26);
    EXPECT_NEAR(log_of_q12_19(static_cast<int32_t>(x)), expected, 1 << 12) << x;
  }
}

}  // namespace
}  // namespace rune::kernels
