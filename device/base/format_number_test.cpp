#include "device/base/format_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <limits>
#include <random>
#include <string>

namespace rune {
namespace {

std::string text_of(float value) {
  char text[kMaxNumberText];
  return {text, format_float(value, text)};
}
std::string text_of(double value) {
  char text[kMaxNumberText];
  return {text, format_double(value, text)};
}

template <typename T>
std::string expected(T value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

TEST(FormatNumber, KnownValues) {
  EXPECT_EQ(text_of(0.0f), "0");
  EXPECT_EQ(text_of(-0.0f), "-0");
  EXPECT_EQ(text_of(0.1f), "0.1");
  EXPECT_EQ(text_of(1.0f / 3), "0.33333334");
  EXPECT_EQ(text_of(1e5f), "1e+05");
  EXPECT_EQ(text_of(16777216.0f), "16777216");
  EXPECT_EQ(text_of(5e-324), "5e-324");
  EXPECT_EQ(text_of(std::numeric_limits<float>::infinity()), "inf");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(FormatNumber, Integers) {
  char text[kMaxNumberText];
  EXPECT_EQ(std::string(text, format_integer(std::numeric_limits<int64_t>::min(), text)),
            "-9223372036854775808");
  EXPECT_EQ(std::string(text, format_unsigned(std::numeric_limits<uint64_t>::max(), text)),
            "18446744073709551615");
  EXPECT_EQ(std::string(text, format_integer(0, text)), "0");
}

// Every exponent, the mantissas at which the distance to the neighbour changes.
TEST(FormatNumber, BordersOfEveryExponentAgreeWithTheLibrary) {
  for (uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (const uint32_t fraction : {0u, 1u, 2u, 0x7FFFFEu, 0x7FFFFFu, 0x400000u}) {
      const float value = std::bit_cast<float>(exponent << 23 | fraction);
      ASSERT_EQ(text_of(value), expected(value)) << std::hex << std::bit_cast<uint32_t>(value);
    }
  }
  for (uint64_t exponent = 0; exponent < 2047; exponent += 7) {
    for (const uint64_t fraction : {uint64_t{0}, uint64_t{1}, uint64_t{0xFFFFFFFFFFFFF}}) {
      const double value = std::bit_cast<double>(exponent << 52 | fraction);
      ASSERT_EQ(text_of(value), expected(value)) << std::hex << std::bit_cast<uint64_t>(value);
    }
  }
}

TEST(FormatNumber, RandomValuesAgreeWithTheLibrary) {
  constexpr uint32_t kSeed = 20;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    ASSERT_EQ(text_of(value), expected(value)) << std::hex << std::bit_cast<uint32_t>(value);
    const float whole = static_cast<float>(random() % 1000000000000000);
    ASSERT_EQ(text_of(whole), expected(whole));
  }
  for (int i = 0; i < 300; ++i) {
    const double value = std::bit_cast<double>(random());
    ASSERT_EQ(text_of(value), expected(value)) << std::hex << std::bit_cast<uint64_t>(value);
    const double whole = static_cast<double>(random()) * 1024;
    ASSERT_EQ(text_of(whole), expected(whole));
  }
}

}  // namespace
}  // namespace rune
