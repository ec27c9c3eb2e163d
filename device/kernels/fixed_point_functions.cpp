#include "device/kernels/fixed_point_functions.h"

#include <algorithm>
#include <bit>

#include "device/kernels/fixed_point.h"

namespace rune::kernels {
namespace {

int32_t saturating_shift_left(int32_t value, int32_t bits) {
  const int64_t wide = int64_t{value} << bits;
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : static_cast<int32_t>(wide);
}

// exp(x) for x in [-1/4, 0), both Q0.31: a Taylor polynomial of degree 4 about -1/8.
int32_t exp_on_last_quarter(int32_t x) {
  constexpr int32_t kExpMinusEighth = 1895147668;
  constexpr int32_t kThird = 715827883;
  const int32_t y = x + (1 << 28);  // x + 1/8
  const int32_t y2 = rounding_doubling_high_mul(y, y);
  const int32_t y3 = rounding_doubling_high_mul(y2, y);
  const int32_t y4 = rounding_doubling_high_mul(y2, y2);
  // (y4 / 4 + y3) / 3 + y2, halved: y2/2 + y3/6 + y4/24.
  const int32_t inner = rounding_doubling_high_mul(rounding_divide_by_pot(y4, 2) + y3, kThird) + y2;
  const int32_t tail = rounding_divide_by_pot(inner, 1);
  return kExpMinusEighth + rounding_doubling_high_mul(kExpMinusEighth, y + tail);
}

}  // namespace

int32_t exp_on_negative_q5_26(int32_t x) {
  constexpr int32_t kQuarter = 1 << 24;
  // exp(-2^(i - 2)) in Q0.31.
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (x == 0) return INT32_MAX;
  // x = a - (multiple of 1/4), a in [-1/4, 0).
  const int32_t a = (x & (kQuarter - 1)) - kQuarter;
  int32_t result = exp_on_last_quarter(wrapping_shift_left(a, 5));
  const auto remainder = static_cast<uint32_t>(a) - static_cast<uint32_t>(x);
  for (uint32_t i = 0; i < 7; ++i) {
    if ((remainder >> (24 + i) & 1) != 0) result = rounding_doubling_high_mul(result, kFactors[i]);
  }
  return result;
}

int32_t one_over_one_plus_x(int32_t x) {
  constexpr int32_t k48Over17 = 1515870810;        // Q2.29
  constexpr int32_t kMinus32Over17 = -1010580540;  // Q2.29
  constexpr int32_t kOne = 1 << 29;                // Q2.29
  // (x + 1) / 2, rounded; 1 is 2^31 - 1 in Q0.31.
  const auto half = static_cast<int32_t>((int64_t{x} + INT32_MAX + 1) / 2);
  // Newton's iteration for 1 / half, from the best straight line.
  int32_t y = k48Over17 + rounding_doubling_high_mul(half, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const int32_t error = kOne - rounding_doubling_high_mul(half, y);
    y += saturating_shift_left(rounding_doubling_high_mul(y, error), 2);
  }
  // Half of it, and from Q2.29 to Q0.31: one bit to the left.
  return saturating_shift_left(y, 1);
}

// x = r * 2^n with r about 2^(-1/4): of two ways to normalise, that one which leaves r nearer. Then log(r) by
// a rational function of q = 2 (r - 2^(-1/4)), and n * log(2) added. Q6.25 inside, to hold both before they
// meet.
int32_t log_of_q12_19(int32_t x) {
  constexpr int32_t kIntegerBits = 12;
  constexpr int32_t kQuarter = 1 << 23;          // Q6.25
  constexpr int32_t kLog2 = 1488522236;          // Q0.31, like the rest
  constexpr int32_t kSqrtSqrtHalf = 1805811301;  // 2^(-1/4)
  constexpr int32_t kSqrtHalf = 1518500250;      // 2^(-1/2)
  constexpr int32_t kNumerator = 117049297;      // 11/240 * 2^(1/4)
  constexpr int32_t kSquare = 127690142;         // 1/20 * 2^(1/4)
  constexpr int32_t kOffset = 1057819769;        // 2 / 2^(1/4) - 2^(1/4)
  constexpr int32_t kLinear = 638450708;         // 1/4 * 2^(1/4)
  const auto mul = rounding_doubling_high_mul;
  const int32_t first_bits = std::countl_zero(static_cast<uint32_t>(x));
  const int32_t first = saturating_shift_left(mul(saturating_shift_left(x, first_bits - 1), kSqrtHalf), 1);
  const int32_t first_power = (kIntegerBits - first_bits) * (1 << 25) + kQuarter;
  const int32_t second_bits = std::countl_zero(static_cast<uint32_t>(mul(x, kSqrtHalf))) - 1;
  const int32_t second = saturating_shift_left(x, second_bits);
  const int32_t second_power = (kIntegerBits - second_bits) * (1 << 25) - kQuarter;
  const int32_t r = std::min(first, second);
  const int32_t power = std::max(first_power, second_power);
  const auto p = static_cast<int32_t>((int64_t{r} + kSqrtSqrtHalf + 1) / 2);
  const int32_t q = 2 * (r - kSqrtSqrtHalf);
  const int32_t q2 = mul(q, q);
  const int32_t numerator = mul(q, r) + mul(mul(q, q2), kNumerator);
  const int32_t denominator = mul(p, kOffset + q + mul(kSquare, q2)) + mul(kLinear, q);  // less 1
  const int32_t fraction = mul(rounding_divide_by_pot(numerator, 6), one_over_one_plus_x(denominator));
  return saturating_shift_left(mul(power, kLog2) + fraction, 1);
}

}  // namespace rune::kernels
