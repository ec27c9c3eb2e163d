// exp() is accurate, and has the same bits on every machine that runs this test.
#include "device/kernels/float_math.h"

#include <gtest/gtest.h>

#include <cmath>

#include "device/base/crc.h"

namespace rune::kernels {
namespace {

TEST(FloatMath, ExpIsWithinTwoUnitsOfTheLastPlace) {
  for (float x = -87.0F; x < 88.6F; x += 0.00731F) {
    const double expected = std::exp(static_cast<double>(x));
    const double unit = std::ldexp(1.0, std::ilogb(expected) - 23);
    EXPECT_LE(std::abs(exp_f32(x) - expected), 2 * unit) << x;
  }
}

TEST(FloatMath, LogIsAccurate) {
  for (float x = 1e-30F; x < 1e30F; x *= 1.0173F) {
    const double expected = std::log(static_cast<double>(x));
    EXPECT_NEAR(log_f32(x), expected, 1e-7 + std::abs(expected) * 2e-7) << x;
  }
  EXPECT_EQ(log_f32(1.0F), 0.0F);
}

TEST(FloatMath, ExpAtTheEnds) {
  const float infinity = std::bit_cast<float>(0x7F800000U);
  EXPECT_EQ(exp_f32(0.0F), 1.0F);
  EXPECT_EQ(exp_f32(-88.0F), 0.0F);
  EXPECT_EQ(exp_f32(-infinity), 0.0F);
  EXPECT_EQ(exp_f32(89.0F), infinity);
  EXPECT_EQ(exp_f32(infinity), infinity);
  EXPECT_TRUE(std::isnan(exp_f32(std::bit_cast<float>(0x7FC00000U))));
}

// Changing the polynomial changes this number; a machine that differs has another arithmetic.
TEST(FloatMath, ExpHasTheSameBitsEverywhere) {
  uint32_t checksum = 0;
  for (float x = -90.0F; x < 90.0F; x += 0.01F) {
    const auto bits = std::bit_cast<uint32_t>(exp_f32(x));
    checksum = crc32({reinterpret_cast<const uint8_t*>(&bits), sizeof(bits)}, checksum);
  }
  EXPECT_EQ(checksum, 0x5452520BU);
}

}  // namespace
}  // namespace rune::kernels
