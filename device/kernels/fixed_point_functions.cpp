#include "device/kernels/fixed_point_functions.h"

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

}  // namespace rune::kernels
