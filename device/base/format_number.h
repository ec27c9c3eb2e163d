// Numbers as text: the same digits on every machine, without the C library.
//
// Floating-point text is the shortest that reads back to the same value, laid out as
// std::to_chars does it: fixed notation unless scientific is shorter. Tested against
// std::to_chars over random bit patterns (format_number_test.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rune {

// The longest text that any function here writes.
inline constexpr size_t kMaxNumberText = 32;

// Each returns the number of characters written; `into` holds at least kMaxNumberText.
size_t format_unsigned(uint64_t value, std::span<char> into);
size_t format_integer(int64_t value, std::span<char> into);
// "nan", "inf", with a sign where the value has one, for what is not finite.
size_t format_float(float value, std::span<char> into);
size_t format_double(double value, std::span<char> into);

}  // namespace rune
