// Fixed-point exp() and reciprocal with the bits that TFLite's int8 operators have.
//
// Qm.n: a 32-bit number with n bits after the point; m + n = 31. Products are
// rounding_doubling_high_mul(), which multiplies Qa.b by Q0.31 into Qa.b and Qa by Qb into Q(a+b).
// Tested by fixed_point_functions_test.cpp against the real functions.
#pragma once

#include <cstdint>

namespace rune::kernels {

// exp(x) as Q0.31 of x <= 0 in Q5.26; 2^31 - 1 for 0. Error below 2^-22.
int32_t exp_on_negative_q5_26(int32_t x);

// 1 / (1 + x) as Q0.31 of x in [0, 1) as Q0.31.
int32_t one_over_one_plus_x(int32_t x);

// Natural logarithm as Q5.26 of x >= 1 in Q12.19.
int32_t log_of_q12_19(int32_t x);

}  // namespace rune::kernels
