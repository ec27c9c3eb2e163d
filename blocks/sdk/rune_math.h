// Arithmetic for blocks that gives the same bits on every machine.
//
// IEEE 754 fixes +, -, *, / and the square root; libraries differ in everything else. So blocks
// build their sines, logarithms and powers from those five operations only, with contraction into
// fused multiply-add switched off (-ffp-contract=off), and native results equal WebAssembly's bit
// for bit. Errors stated are measured by rune_math_test.cpp against the double-precision library.
#pragma once

#include <stdint.h>

namespace rune_block {

inline float square_root(float x) { return __builtin_sqrtf(x); }

// sin and cos of one angle.
struct SineCosine {
  float sine;
  float cosine;
};

// Of the angle numerator / denominator of a full turn, reduced exactly in integers.
// Requires numerator < denominator < 2^29. Error below 1e-7.
inline SineCosine sine_cosine_of_turn(uint32_t numerator, uint32_t denominator) {
  const uint32_t eighths = numerator * 8;
  const uint32_t octant = eighths / denominator;
  const bool odd = (octant & 1) != 0;
  uint32_t rest = eighths - octant * denominator;  // of an eighth of a turn
  if (odd) rest = denominator - rest;
  const float x = static_cast<float>(rest) / static_cast<float>(denominator) * 0.785398163397448F;
  const float xx = x * x;
  // Minimax polynomials on [0, pi/4].
  float s = x + x * xx * (-1.6666654611e-1F + xx * (8.3321608736e-3F + xx * -1.9515295891e-4F));
  float c = 1.0F - 0.5F * xx +
            xx * xx * (4.166664568298827e-2F + xx * (-1.388731625493765e-3F + xx * 2.443315711809948e-5F));
  const uint32_t quarter = (octant + 1) >> 1;  // octants 1,2 fold about a quarter turn, 3,4 about a half ...
  if (odd) s = -s;
  switch (quarter & 3) {
    case 0: return {s, c};
    case 1: return {c, -s};
    case 2: return {-s, -c};
    default: return {-c, s};
  }
}

// Splits x > 0 (normal) into 2^exponent * mantissa, mantissa in [0.707, 1.414).
template <typename Float, typename Bits, int kFractionBits, int kBias>
struct Split {
  explicit Split(Float x) {
    constexpr Bits kOne = Bits{kBias} << kFractionBits;
    constexpr Bits kHalfRoot = static_cast<Bits>(0.41421356 * static_cast<double>(Bits{1} << kFractionBits));
    const Bits bits = __builtin_bit_cast(Bits, x);
    const Bits fraction = bits & ((Bits{1} << kFractionBits) - 1);
    const int above = fraction >= kHalfRoot ? 1 : 0;
    exponent = static_cast<int>(bits >> kFractionBits) - kBias + above;
    mantissa = __builtin_bit_cast(Float, fraction | (kOne - (static_cast<Bits>(above) << kFractionBits)));
  }
  int exponent;
  Float mantissa;
};

// log2(x) for finite normal x > 0, by 2/ln2 * artanh((m-1)/(m+1)). Error below 3e-7 of max(1, |log2 x|).
inline float log2_f32(float x) {
  const Split<float, uint32_t, 23, 127> split(x);
  const float t = (split.mantissa - 1.0F) / (split.mantissa + 1.0F);
  const float tt = t * t;
  const float series = 1.0F + tt * (0.333333333F + tt * (0.2F + tt * (0.142857143F + tt * 0.111111111F)));
  return static_cast<float>(split.exponent) + 2.885390082F * t * series;
}

// The same in double precision; error below 1e-14.
inline double log2_f64(double x) {
  const Split<double, uint64_t, 52, 1023> split(x);
  const double t = (split.mantissa - 1.0) / (split.mantissa + 1.0);
  const double tt = t * t;
  double series = 0;
  for (int term = 21; term >= 1; term -= 2) series = series * tt + 1.0 / term;
  return split.exponent + 2.8853900817779268 * t * series;
}

// 2^x for |x| < 1000; relative error below 1e-14.
inline double exp2_f64(double x) {
  const int whole = static_cast<int>(x < 0 ? x - 0.5 : x + 0.5);
  const double rest = (x - whole) * 0.69314718055994531;  // |rest| <= 0.35
  double series = 1;
  for (int term = 14; term >= 1; --term) series = 1.0 + series * rest / term;
  const uint64_t scale = static_cast<uint64_t>(whole + 1023) << 52;
  return series * __builtin_bit_cast(double, scale);
}

// base^exponent for base > 0.
inline double power_f64(double base, double exponent) { return exp2_f64(exponent * log2_f64(base)); }

// sin(x) in a constant expression, for tables; any x of moderate size.
constexpr double constant_sine(double x) {
  constexpr double kTurn = 6.283185307179586476925;
  while (x > kTurn / 2) x -= kTurn;
  while (x < -kTurn / 2) x += kTurn;
  double term = x;
  double sum = x;
  for (int i = 1; i < 20; ++i) {
    term = -term * x * x / ((2.0 * i) * (2.0 * i + 1.0));
    sum += term;
  }
  return sum;
}
constexpr double constant_cosine(double x) { return constant_sine(x + 1.570796326794896619231); }

// Whole numbers of other sizes from a float, cut towards zero and to the range; 0 for NaN.
inline uint32_t to_u32(float x) {
  if (!(x > 0.0F)) return 0;
  return x >= 4294967296.0F ? UINT32_MAX : static_cast<uint32_t>(x);
}
inline int32_t to_i32(float x, int32_t low, int32_t high) {
  if (!(x == x)) return 0;
  if (x <= static_cast<float>(low)) return low;
  return x >= static_cast<float>(high) ? high : static_cast<int32_t>(x);
}

}  // namespace rune_block
