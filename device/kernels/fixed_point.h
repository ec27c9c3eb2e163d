// The integer arithmetic that every quantised operator rests on: docs/spec/quantisation.md, section 2.
//
// Sums wrap modulo 2^32 (defined here, and what the processors do). Tested by fixed_point_test.cpp against
// the definitions in wide integers.
#pragma once

#include <cstdint>

#include "device/format/model_image.h"

namespace rune::kernels {

inline int32_t wrapping_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
inline int32_t wrapping_shift_left(int32_t value, int32_t bits) {
  return static_cast<int32_t>(static_cast<uint32_t>(value) << bits);
}

// floor((a * b + 2^30) / 2^31): half of the double-width product's high word, ties towards plus infinity.
// Requires a and b not both INT32_MIN.
inline int32_t rounding_doubling_high_mul(int32_t a, int32_t b) {
  return static_cast<int32_t>((int64_t{a} * b + (int64_t{1} << 30)) >> 31);
}

// value / 2^exponent, ties away from zero. Requires 0 <= exponent <= 31.
inline int32_t rounding_divide_by_pot(int32_t value, int32_t exponent) {
  const auto mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1);
  const int32_t remainder = value & mask;
  const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

// value * multiplier * 2^(shift - 31), rounded once or twice.
// Requires 0 <= multiplier and -31 <= shift <= 30.
inline int32_t requantise_double(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  return rounding_divide_by_pot(rounding_doubling_high_mul(wrapping_shift_left(value, left), multiplier),
                                left - shift);
}
inline int32_t requantise_single(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t total = 31 - shift;
  return static_cast<int32_t>((int64_t{value} * multiplier + (int64_t{1} << (total - 1))) >> total);
}
inline int32_t requantise(int32_t value, int32_t multiplier, int32_t shift, uint8_t rounding) {
  return rounding == static_cast<uint8_t>(format::Rounding::kSingle)
             ? requantise_single(value, multiplier, shift)
             : requantise_double(value, multiplier, shift);
}

inline int32_t clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

}  // namespace rune::kernels
