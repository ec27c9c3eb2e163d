// Real functions with the same bits on every machine: only IEEE single operations, in a fixed order, without
// contraction. docs/spec/quantisation.md, section 7. Tested by float_math_test.cpp: error below 2 units in
// the last place over the whole range, and a checksum of the results that every target must give.
#pragma once

#include <bit>
#include <cstdint>

namespace rune::kernels {

// exp(x). 0 below -87.3, where the result would be subnormal; infinity above 88.7; NaN for NaN.
inline float exp_f32(float x) {
  constexpr float kLog2E = 1.44269502F;
  constexpr float kLn2High = 0.693359375F;  // few bits: n * kLn2High is exact
  constexpr float kLn2Low = -2.12194440e-4F;
  if (!(x == x)) return x;
  if (x > 88.7228394F) return std::bit_cast<float>(0x7F800000U);
  if (x < -87.3365479F) return 0.0F;
  const float scaled = x * kLog2E;
  const auto n = static_cast<int32_t>(scaled + (scaled < 0.0F ? -0.5F : 0.5F));
  const auto whole = static_cast<float>(n);
  const float r = (x - whole * kLn2High) - whole * kLn2Low;  // |r| <= ln(2) / 2
  // Minimax of exp(r) - 1 - r over r^2, degree 5.
  float p = 1.98756912e-4F;
  p = p * r + 1.39819994e-3F;
  p = p * r + 8.33345205e-3F;
  p = p * r + 4.16657962e-2F;
  p = p * r + 1.66666657e-1F;
  p = p * r + 5.00000000e-1F;
  const float result = (p * (r * r) + r) + 1.0F;
  // 2^n in two factors: n reaches 128, and the result stays normal.
  const int32_t half = n / 2;
  const float first = std::bit_cast<float>(static_cast<uint32_t>(half + 127) << 23);
  const float second = std::bit_cast<float>(static_cast<uint32_t>(n - half + 127) << 23);
  return result * first * second;
}

// log(x) of a normal number above 0.
inline float log_f32(float x) {
  constexpr float kSqrtHalf = 0.707106769F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  const auto bits = std::bit_cast<uint32_t>(x);
  auto exponent = static_cast<int32_t>(bits >> 23) - 126;
  float mantissa = std::bit_cast<float>((bits & 0x007FFFFFU) | 0x3F000000U);  // in [1/2, 1)
  if (mantissa < kSqrtHalf) {
    mantissa += mantissa;
    --exponent;
  }
  const float z = mantissa - 1.0F;
  const float z2 = z * z;
  float p = 7.0376836292e-2F;
  p = p * z - 1.1514610310e-1F;
  p = p * z + 1.1676998740e-1F;
  p = p * z - 1.2420140846e-1F;
  p = p * z + 1.4249322787e-1F;
  p = p * z - 1.6668057665e-1F;
  p = p * z + 2.0000714765e-1F;
  p = p * z - 2.4999993993e-1F;
  p = p * z + 3.3333331174e-1F;
  const auto whole = static_cast<float>(exponent);
  const float low = (p * z * z2 + whole * kLn2Low) - 0.5F * z2;
  return (z + low) + whole * kLn2High;
}

// x clamped to [low, high]; NaN stays NaN.
inline float clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

}  // namespace rune::kernels
