#include "blocks/sdk/rune_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rune_block {
namespace {

TEST(RuneMath, SineAndCosineOfATurn) {
  for (const uint32_t denominator : {1U, 2U, 3U, 8U, 63U, 256U, 1000U, 16128U, 100003U}) {
    for (uint32_t numerator = 0; numerator < denominator; numerator += 1 + denominator / 5000) {
      const double angle = 2 * std::acos(-1.0) * numerator / denominator;
      const SineCosine turn = sine_cosine_of_turn(numerator, denominator);
      ASSERT_NEAR(turn.sine, std::sin(angle), 1.2e-7) << numerator << "/" << denominator;
      ASSERT_NEAR(turn.cosine, std::cos(angle), 1.2e-7) << numerator << "/" << denominator;
    }
  }
}

TEST(RuneMath, LogarithmsAndPowers) {
  for (double x = 1e-6; x < 1e9; x *= 1.0173) {
    const double exact = std::log2(static_cast<double>(static_cast<float>(x)));
    ASSERT_NEAR(log2_f32(static_cast<float>(x)), exact, 3e-7 * std::max(1.0, std::abs(exact))) << x;
    ASSERT_NEAR(log2_f64(x), std::log2(x), 1e-13) << x;
    ASSERT_NEAR(power_f64(x, -0.95) / std::pow(x, -0.95), 1.0, 1e-13) << x;
  }
  EXPECT_EQ(log2_f32(1.0F), 0.0F);
  EXPECT_EQ(exp2_f64(10), 1024.0);
}

TEST(RuneMath, WholeNumbersFromFloats) {
  EXPECT_EQ(to_u32(-1.0F), 0U);
  EXPECT_EQ(to_u32(5e9F), UINT32_MAX);
  EXPECT_EQ(to_u32(NAN), 0U);
  EXPECT_EQ(to_i32(-127.9F, -128, 127), -127);
  EXPECT_EQ(to_i32(400.0F, -128, 127), 127);
  EXPECT_EQ(to_i32(NAN, -128, 127), 0);
}

}  // namespace
}  // namespace rune_block
