// Shortest floating-point text by exact integer arithmetic.
//
// Steele and White's algorithm (PLDI 1990), known as Dragon4: the value is r / s, and
// r / s - below / s and r / s + above / s are the borders half-way to the neighbours.
// Digits of r / s are produced until what is left lies within a border: the shortest
// text that no other value is nearer to. All four numbers are exact, so nothing is
// rounded before the last digit. The largest is 2^1077 * 10: 36 words.
#include "device/base/format_number.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rune {
namespace {

class BigNumber {
 public:
  explicit BigNumber(uint64_t value = 0)
      : words_{static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)} {
    size_ = 2;
    trim();
  }

  void multiply(uint32_t factor) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < size_; ++i) {
      carry += static_cast<uint64_t>(words_[i]) * factor;
      words_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words_[size_++] = static_cast<uint32_t>(carry);
  }

  void shift_left(uint32_t bits) {
    const uint32_t whole = bits / 32;
    std::copy_backward(words_, words_ + size_, words_ + size_ + whole);
    std::fill_n(words_, whole, 0u);
    size_ += whole;
    if (bits % 32 != 0) multiply(1u << (bits % 32));
    trim();
  }

  // Divides by 10 in place and returns the remainder.
  uint32_t divide_by_ten() {
    uint64_t rest = 0;
    for (uint32_t i = size_; i-- > 0;) {
      rest = rest << 32 | words_[i];
      words_[i] = static_cast<uint32_t>(rest / 10);
      rest %= 10;
    }
    trim();
    return static_cast<uint32_t>(rest);
  }

  // Requires *this >= other.
  void subtract(const BigNumber& other) {
    int64_t borrow = 0;
    for (uint32_t i = 0; i < size_; ++i) {
      borrow += static_cast<int64_t>(words_[i]) - (i < other.size_ ? other.words_[i] : 0);
      words_[i] = static_cast<uint32_t>(borrow);
      borrow >>= 32;
    }
    trim();
  }

  // Sign of (*this + addend) - other.
  int compare_sum(const BigNumber& addend, const BigNumber& other) const {
    BigNumber sum = *this;
    uint64_t carry = 0;
    for (uint32_t i = 0; i < std::max(sum.size_, addend.size_); ++i) {
      carry += static_cast<uint64_t>(i < sum.size_ ? sum.words_[i] : 0) +
               (i < addend.size_ ? addend.words_[i] : 0);
      sum.words_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    sum.size_ = std::max(sum.size_, addend.size_);
    if (carry != 0) sum.words_[sum.size_++] = static_cast<uint32_t>(carry);
    return sum.compare(other);
  }

  int compare(const BigNumber& other) const {
    if (size_ != other.size_) return size_ < other.size_ ? -1 : 1;
    for (uint32_t i = size_; i-- > 0;) {
      if (words_[i] != other.words_[i]) return words_[i] < other.words_[i] ? -1 : 1;
    }
    return 0;
  }

  bool zero() const { return size_ == 0; }

 private:
  void trim() {
    while (size_ > 0 && words_[size_ - 1] == 0) --size_;
  }

  uint32_t words_[40];
  uint32_t size_;
};

// mantissa * 2^exponent; `closer_below`: the neighbour below is half as far as the one above.
struct Binary {
  uint64_t mantissa;
  int exponent;
  bool closer_below;
};

// 0.d1 d2 ... dn * 10^point.
struct Decimal {
  char digits[20];
  int count = 0;
  int point = 0;
};

Decimal shortest(const Binary& value) {
  BigNumber r(value.mantissa), s(1), above(1), below(1);
  const uint32_t extra = value.closer_below ? 2 : 1;
  r.shift_left(extra + static_cast<uint32_t>(std::max(value.exponent, 0)));
  s.shift_left(extra + static_cast<uint32_t>(std::max(-value.exponent, 0)));
  below.shift_left(static_cast<uint32_t>(std::max(value.exponent, 0)));
  above.shift_left(extra - 1 + static_cast<uint32_t>(std::max(value.exponent, 0)));
  // A reader rounds ties to the even mantissa, so an even one owns its borders.
  const bool even = value.mantissa % 2 == 0;

  Decimal decimal;
  while (r.compare_sum(above, s) >= (even ? 0 : 1)) {
    s.multiply(10);
    ++decimal.point;
  }
  while (true) {
    BigNumber tenfold = r, border = above;
    tenfold.multiply(10);
    border.multiply(10);
    if (tenfold.compare_sum(border, s) >= (even ? 0 : 1)) break;
    r.multiply(10);
    above.multiply(10);
    below.multiply(10);
    --decimal.point;
  }
  while (true) {
    r.multiply(10);
    above.multiply(10);
    below.multiply(10);
    char digit = 0;
    for (; r.compare(s) >= 0; ++digit) r.subtract(s);
    const bool low = r.compare(below) < (even ? 1 : 0);
    const bool high = r.compare_sum(above, s) >= (even ? 0 : 1);
    if (low || high) {
      const int half = r.compare_sum(r, s);
      if (!low || (high && (half > 0 || (half == 0 && digit % 2 == 1)))) ++digit;
      decimal.digits[decimal.count++] = static_cast<char>('0' + digit);
      return decimal;
    }
    decimal.digits[decimal.count++] = static_cast<char>('0' + digit);
  }
}

// Every digit of a whole number.
size_t format_whole(const Binary& value, char* into) {
  BigNumber number(value.mantissa);
  if (value.exponent >= 0) {
    number.shift_left(static_cast<uint32_t>(value.exponent));
  } else {
    number = BigNumber(value.mantissa >> -value.exponent);
  }
  size_t size = 0;
  while (!number.zero()) into[size++] = static_cast<char>('0' + number.divide_by_ten());
  std::reverse(into, into + size);
  return size;
}

size_t format_scientific(const Decimal& decimal, char* into) {
  size_t size = 0;
  into[size++] = decimal.digits[0];
  if (decimal.count > 1) {
    into[size++] = '.';
    memcpy(into + size, decimal.digits + 1, static_cast<size_t>(decimal.count - 1));
    size += static_cast<size_t>(decimal.count - 1);
  }
  int exponent = decimal.point - 1;
  into[size++] = 'e';
  into[size++] = exponent < 0 ? '-' : '+';
  exponent = exponent < 0 ? -exponent : exponent;
  if (exponent >= 100) into[size++] = static_cast<char>('0' + exponent / 100);
  into[size++] = static_cast<char>('0' + exponent / 10 % 10);
  into[size++] = static_cast<char>('0' + exponent % 10);
  return size;
}

size_t format_fixed(const Binary& value, const Decimal& decimal, char* into) {
  if (decimal.point >= decimal.count) return format_whole(value, into);
  size_t size = 0;
  if (decimal.point <= 0) {
    into[size++] = '0';
    into[size++] = '.';
    for (int i = decimal.point; i < 0; ++i) into[size++] = '0';
    memcpy(into + size, decimal.digits, static_cast<size_t>(decimal.count));
    return size + static_cast<size_t>(decimal.count);
  }
  memcpy(into, decimal.digits, static_cast<size_t>(decimal.point));
  into[decimal.point] = '.';
  memcpy(into + decimal.point + 1, decimal.digits + decimal.point,
         static_cast<size_t>(decimal.count - decimal.point));
  return static_cast<size_t>(decimal.count) + 1;
}

int fixed_length(const Decimal& decimal) {
  if (decimal.point >= decimal.count) return decimal.point;
  return decimal.point > 0 ? decimal.count + 1 : 2 - decimal.point + decimal.count;
}

int scientific_length(const Decimal& decimal) {
  const int exponent = decimal.point - 1;
  return decimal.count + (decimal.count > 1 ? 1 : 0) + (exponent >= 100 || exponent <= -100 ? 5 : 4);
}

size_t format_binary(bool negative, const Binary& value, char* into) {
  size_t size = 0;
  if (negative) into[size++] = '-';
  if (value.mantissa == 0) {
    into[size++] = '0';
    return size;
  }
  const Decimal decimal = shortest(value);
  if (fixed_length(decimal) <= scientific_length(decimal))
    return size + format_fixed(value, decimal, into + size);
  return size + format_scientific(decimal, into + size);
}

size_t format_special(bool negative, bool nan, char* into) {
  const char* const text = nan ? (negative ? "-nan" : "nan") : negative ? "-inf" : "inf";
  memcpy(into, text, strlen(text));
  return strlen(text);
}

}  // namespace

size_t format_unsigned(uint64_t value, std::span<char> into) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  std::reverse_copy(digits, digits + count, into.data());
  return count;
}

size_t format_integer(int64_t value, std::span<char> into) {
  if (value >= 0) return format_unsigned(static_cast<uint64_t>(value), into);
  into[0] = '-';
  return 1 + format_unsigned(0 - static_cast<uint64_t>(value), into.subspan(1));
}

size_t format_float(float value, std::span<char> into) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const bool negative = bits >> 31 != 0;
  const uint32_t fraction = bits & 0x7FFFFF;
  const int exponent = static_cast<int>(bits >> 23 & 0xFF);
  if (exponent == 0xFF) return format_special(negative, fraction != 0, into.data());
  if (exponent == 0) return format_binary(negative, {fraction, -149, false}, into.data());
  return format_binary(negative, {fraction | 0x800000, exponent - 150, fraction == 0 && exponent > 1},
                       into.data());
}

size_t format_double(double value, std::span<char> into) {
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const bool negative = bits >> 63 != 0;
  const uint64_t fraction = bits & 0xFFFFFFFFFFFFF;
  const int exponent = static_cast<int>(bits >> 52 & 0x7FF);
  if (exponent == 0x7FF) return format_special(negative, fraction != 0, into.data());
  if (exponent == 0) return format_binary(negative, {fraction, -1074, false}, into.data());
  return format_binary(
      negative, {fraction | uint64_t{1} << 52, exponent - 1075, fraction == 0 && exponent > 1}, into.data());
}

}  // namespace rune
