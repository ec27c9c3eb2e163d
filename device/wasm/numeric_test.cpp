// Rounding, roots and conversions against the C library of the machine the test runs on, at the
// bounds and over random bits.
#include "device/wasm/numeric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace rune::wasm::numeric {
namespace {

constexpr uint32_t kSeed = 20221104;

template <typename F>
class NumericTest : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(NumericTest, Floats);

// Random bits, so all exponents, and numbers near the integers' bounds.
template <typename F>
F random_float(std::mt19937_64& random, int round) {
  using Bits = typename Layout<F>::Bits;
  if (round % 2 == 0) return std::bit_cast<F>(static_cast<Bits>(random()));
  const F base = static_cast<F>(static_cast<int64_t>(random()) >> (random() % 64));
  return base / static_cast<F>(1 + random() % 4);
}

template <typename F>
void expect_same(F actual, F expected, F input) {
  if (expected != expected) {
    EXPECT_NE(actual, actual) << input;
  } else {
    EXPECT_EQ(std::bit_cast<typename Layout<F>::Bits>(actual),
              std::bit_cast<typename Layout<F>::Bits>(expected))
        << input << " seed " << kSeed;
  }
}

TYPED_TEST(NumericTest, RoundsAndRootsLikeTheLibrary) {
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 20000; round++) {
    const TypeParam a = random_float<TypeParam>(random, round);
    expect_same(round_to_zero(a), std::trunc(a), a);
    expect_same(round_down(a), std::floor(a), a);
    expect_same(round_up(a), std::ceil(a), a);
    expect_same(round_to_even(a), std::nearbyint(a), a);
    expect_same(square_root_by_digits(a), std::sqrt(a), a);
    expect_same(square_root(a), std::sqrt(a), a);
  }
}

TYPED_TEST(NumericTest, KeepsTheSignOfZero) {
  for (const TypeParam zero : {TypeParam{0}, -TypeParam{0}}) {
    expect_same(round_to_zero(zero), zero, zero);
    expect_same(round_to_even(zero), zero, zero);
    expect_same(square_root_by_digits(zero), zero, zero);
  }
  expect_same(round_up(TypeParam(-0.5)), -TypeParam{0}, TypeParam(-0.5));
  expect_same(minimum(TypeParam{0}, -TypeParam{0}), -TypeParam{0}, TypeParam{0});
  expect_same(maximum(-TypeParam{0}, TypeParam{0}), TypeParam{0}, TypeParam{0});
}

TYPED_TEST(NumericTest, NanWinsMinimumAndMaximum) {
  const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
  EXPECT_TRUE(std::isnan(minimum(nan, TypeParam{1})));
  EXPECT_TRUE(std::isnan(minimum(TypeParam{1}, nan)));
  EXPECT_TRUE(std::isnan(maximum(nan, -std::numeric_limits<TypeParam>::infinity())));
}

// An integer type's bounds: the last float inside and the first outside, at both ends.
template <typename I, typename F>
void check_bounds() {
  const F limit = std::ldexp(F{1}, std::numeric_limits<I>::digits);
  const F last = std::nextafter(limit, F{0});
  I result = 0;
  EXPECT_EQ(truncate(limit, result), Trap::kIntegerOverflow);
  EXPECT_EQ(truncate(last, result), Trap::kNone);
  EXPECT_EQ(saturate<I>(limit), std::numeric_limits<I>::max());
  const F bottom = static_cast<F>(std::numeric_limits<I>::min());
  EXPECT_EQ(truncate(bottom, result), Trap::kNone);
  EXPECT_EQ(result, std::numeric_limits<I>::min());
  // Below the bottom by less than one is still inside where the float can say so.
  const F below_bottom = std::nextafter(bottom, -std::numeric_limits<F>::infinity());
  const bool is_inside = below_bottom > bottom - 1 && bottom - 1 != bottom;
  EXPECT_EQ(truncate(below_bottom, result), is_inside ? Trap::kNone : Trap::kIntegerOverflow) << below_bottom;
  if (bottom - 1 != bottom) {
    EXPECT_EQ(truncate(bottom - 1, result), Trap::kIntegerOverflow);
  }
  EXPECT_EQ(saturate<I>(-std::numeric_limits<F>::infinity()), std::numeric_limits<I>::min());
  EXPECT_EQ(saturate<I>(std::numeric_limits<F>::quiet_NaN()), 0);
  EXPECT_EQ(truncate(std::numeric_limits<F>::quiet_NaN(), result), Trap::kInvalidConversion);
}

TYPED_TEST(NumericTest, TruncatesExactlyTheNumbersInside) {
  check_bounds<int32_t, TypeParam>();
  check_bounds<uint32_t, TypeParam>();
  check_bounds<int64_t, TypeParam>();
  check_bounds<uint64_t, TypeParam>();
}

TEST(IntegerTest, DividesWithTraps) {
  int32_t r = 0;
  EXPECT_EQ(divide_signed(int32_t{7}, int32_t{0}, r), Trap::kDivideByZero);
  EXPECT_EQ(divide_signed(INT32_MIN, int32_t{-1}, r), Trap::kIntegerOverflow);
  EXPECT_EQ(remainder_signed(INT32_MIN, int32_t{-1}, r), Trap::kNone);
  EXPECT_EQ(r, 0);
  EXPECT_EQ(divide_signed(int32_t{-7}, int32_t{2}, r), Trap::kNone);
  EXPECT_EQ(r, -3);
}

}  // namespace
}  // namespace rune::wasm::numeric
