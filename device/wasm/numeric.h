// The arithmetic of WebAssembly where C++ differs from it: division, shifts' relatives, rounding,
// minimum and maximum, conversions. Bit for bit the standard's on any core, with or without a
// floating-point unit: nothing here calls the C library. Results that are NaN are quiet.
//
// Requires -ffp-contract=off and the default rounding mode. Tested by numeric_test.cpp and, on every
// target, by the standard's scripts.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "device/wasm/wasm.h"

namespace rune::wasm::numeric {

// How a handler sees a slot: the C++ type, and the value type that validation sees.
template <typename T, ValueType kValueType>
struct Slot {
  using Type = T;
  static constexpr ValueType kType = kValueType;
};
using U32 = Slot<uint32_t, ValueType::kI32>;
using S32 = Slot<int32_t, ValueType::kI32>;
using U64 = Slot<uint64_t, ValueType::kI64>;
using S64 = Slot<int64_t, ValueType::kI64>;
using F32 = Slot<float, ValueType::kF32>;
using F64 = Slot<double, ValueType::kF64>;
using B32 = Slot<uint32_t, ValueType::kF32>;
using B64 = Slot<uint64_t, ValueType::kF64>;

// Field layout of a float: bits of the fraction, exponent mask and bias.
template <typename F>
struct Layout;
template <>
struct Layout<float> {
  using Bits = uint32_t;
  static constexpr int kFraction = 23, kExponentMask = 0xFF, kBias = 127;
};
template <>
struct Layout<double> {
  using Bits = uint64_t;
  static constexpr int kFraction = 52, kExponentMask = 0x7FF, kBias = 1023;
};

template <typename U>
U count_leading_zeros(U a) {
  return static_cast<U>(std::countl_zero(a));
}
template <typename U>
U count_trailing_zeros(U a) {
  return static_cast<U>(std::countr_zero(a));
}
template <typename U>
U count_ones(U a) {
  return static_cast<U>(std::popcount(a));
}
template <typename U>
U rotate_left(U a, U b) {
  return std::rotl(a, static_cast<int>(b & (sizeof(U) * 8 - 1)));
}
template <typename U>
U rotate_right(U a, U b) {
  return std::rotr(a, static_cast<int>(b & (sizeof(U) * 8 - 1)));
}

template <typename S>
Trap divide_signed(S a, S b, S& r) {
  if (b == 0) return Trap::kDivideByZero;
  if (b == -1 && a == std::numeric_limits<S>::min()) return Trap::kIntegerOverflow;
  r = static_cast<S>(a / b);
  return Trap::kNone;
}
template <typename S>
Trap remainder_signed(S a, S b, S& r) {
  if (b == 0) return Trap::kDivideByZero;
  r = b == -1 ? 0 : static_cast<S>(a % b);  // the minimum by -1 overflows in C++
  return Trap::kNone;
}
template <typename U>
Trap divide_unsigned(U a, U b, U& r) {
  if (b == 0) return Trap::kDivideByZero;
  r = a / b;
  return Trap::kNone;
}
template <typename U>
Trap remainder_unsigned(U a, U b, U& r) {
  if (b == 0) return Trap::kDivideByZero;
  r = a % b;
  return Trap::kNone;
}

// Cuts off the bits below the binary point; keeps the sign of zero.
template <typename F>
[[gnu::noinline]] F round_to_zero(F a) {
  using L = Layout<F>;
  auto bits = std::bit_cast<typename L::Bits>(a);
  const int exponent = static_cast<int>(bits >> L::kFraction & L::kExponentMask);
  if (exponent == L::kExponentMask) return a + a;  // infinity, or a NaN made quiet
  const int whole = exponent - L::kBias;           // bits of the fraction left of the point
  if (whole >= L::kFraction) return a;
  using Bits = typename L::Bits;
  const Bits sign = Bits{1} << (sizeof(F) * 8 - 1);
  bits &= whole < 0 ? sign : ~((Bits{1} << (L::kFraction - whole)) - 1);
  return std::bit_cast<F>(bits);
}
template <typename F>
[[gnu::noinline]] F round_down(F a) {
  const F cut = round_to_zero(a);
  return cut > a ? cut - 1 : cut;
}
template <typename F>
[[gnu::noinline]] F round_up(F a) {
  const F cut = round_to_zero(a);
  return cut < a ? cut + 1 : cut;
}
// Ties to even: adding and taking away 2^fraction rounds in the default mode.
template <typename F>
[[gnu::noinline]] F round_to_even(F a) {
  using L = Layout<F>;
  using Bits = typename L::Bits;
  constexpr Bits kSign = Bits{1} << (sizeof(F) * 8 - 1);
  constexpr F kWhole = static_cast<F>(Bits{1} << L::kFraction);
  const Bits bits = std::bit_cast<Bits>(a);
  const F magnitude = std::bit_cast<F>(bits & ~kSign);
  if (!(magnitude < kWhole)) return magnitude == magnitude ? a : a + a;
  const F rounded = (magnitude + kWhole) - kWhole;
  return std::bit_cast<F>(std::bit_cast<Bits>(rounded) | (bits & kSign));
}

template <typename F>
F minimum(F a, F b) {
  using Bits = typename Layout<F>::Bits;
  if (a < b) return a;
  if (b < a) return b;
  if (a != a || b != b) return a + b;
  return std::bit_cast<F>(std::bit_cast<Bits>(a) | std::bit_cast<Bits>(b));  // -0 is below 0
}
template <typename F>
F maximum(F a, F b) {
  using Bits = typename Layout<F>::Bits;
  if (a > b) return a;
  if (b > a) return b;
  if (a != a || b != b) return a + b;
  return std::bit_cast<F>(std::bit_cast<Bits>(a) & std::bit_cast<Bits>(b));
}

// Digit by digit, one bit of the root a step and one more to round by; exact on any core.
template <typename F>
[[gnu::noinline]] F square_root_by_digits(F a) {
  using L = Layout<F>;
  using Bits = typename L::Bits;
  if (!(a > 0)) return a == 0 ? a : std::numeric_limits<F>::quiet_NaN();
  Bits rest = std::bit_cast<Bits>(a);
  int exponent = static_cast<int>(rest >> L::kFraction);
  if (exponent == L::kExponentMask) return a;
  if (exponent == 0) {
    const int shift = std::countl_zero(rest) - (static_cast<int>(sizeof(F)) * 8 - 1 - L::kFraction);
    rest <<= shift;
    exponent = 1 - shift;
  }
  rest = (rest & ((Bits{1} << L::kFraction) - 1)) | Bits{1} << L::kFraction;
  exponent -= L::kBias;
  if (exponent & 1) rest <<= 1;
  exponent >>= 1;
  rest <<= 1;
  Bits root = 0, subtrahend = 0;
  for (Bits digit = Bits{1} << (L::kFraction + 1); digit != 0; digit >>= 1) {
    const Bits trial = subtrahend + digit;
    if (trial <= rest) {
      subtrahend = trial + digit;
      rest -= trial;
      root += digit;
    }
    rest <<= 1;
  }
  if (rest != 0) root += root & 1;
  return std::bit_cast<F>((root >> 1) + (static_cast<Bits>(exponent + L::kBias - 1) << L::kFraction));
}
// The core's own instruction where it has one (IEEE 754 demands the exact result).
inline float square_root(float a) {
#if !defined(__arm__) || (defined(__ARM_FP) && (__ARM_FP & 4))
  return a >= 0 ? __builtin_sqrtf(a) : std::numeric_limits<float>::quiet_NaN();
#else
  return square_root_by_digits(a);
#endif
}
inline double square_root(double a) {
#if !defined(__arm__) || (defined(__ARM_FP) && (__ARM_FP & 8))
  return a >= 0 ? __builtin_sqrt(a) : std::numeric_limits<double>::quiet_NaN();
#else
  return square_root_by_digits(a);
#endif
}

// Whether `a` without its fraction is an I. Bounds are powers of two, so they are exact in F, except
// the integer below the minimum, which F either holds exactly or cannot tell from the minimum.
template <typename I, typename F>
bool below(F a) {
  constexpr F kMinimum = static_cast<F>(std::numeric_limits<I>::min());
  if constexpr (std::numeric_limits<F>::digits > std::numeric_limits<I>::digits) return a <= kMinimum - 1;
  if constexpr (!std::numeric_limits<I>::is_signed) return a <= F{-1};
  return a < kMinimum;
}
template <typename I, typename F>
bool above(F a) {
  constexpr F kLimit = static_cast<F>(I{1} << (std::numeric_limits<I>::digits - 1)) * 2;
  return a >= kLimit;
}
template <typename I, typename F>
[[gnu::noinline]] Trap truncate(F a, I& r) {
  if (a != a) return Trap::kInvalidConversion;
  if (below<I>(a) || above<I>(a)) return Trap::kIntegerOverflow;
  r = static_cast<I>(a);
  return Trap::kNone;
}
template <typename I, typename F>
[[gnu::noinline]] I saturate(F a) {
  if (a != a) return 0;
  if (below<I>(a)) return std::numeric_limits<I>::min();
  return above<I>(a) ? std::numeric_limits<I>::max() : static_cast<I>(a);
}

// Libraries for cores without the instruction may pass a signalling NaN through: not here.
inline float demote(double a) {
  return a == a ? static_cast<float>(a) : std::numeric_limits<float>::quiet_NaN();
}
inline double promote(float a) {
  return a == a ? static_cast<double>(a) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace rune::wasm::numeric
