// The instructions of the Cortex-M DSP extension that the kernels use, and the same functions in plain C++
// for every other machine: host tests with sanitizers run the very kernels that the board runs.
//
// A "pair" is a 32-bit word of two signed 16-bit lanes, the first in the low half.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif

namespace rune::kernels::dsp {

using Pair = int32_t;

// Loads and stores at any alignment: one instruction on these cores.
inline int32_t load_word(const void* from) {
  int32_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}
inline void store_word(void* to, int32_t word) { std::memcpy(to, &word, sizeof(word)); }

#if defined(__ARM_FEATURE_DSP)

inline int32_t smlad(Pair a, Pair b, int32_t sum) { return __smlad(a, b, sum); }
inline int32_t smlabt(Pair a, Pair b, int32_t sum) {
  int32_t result;
  __asm__("smlabt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}
inline int32_t smlatb(Pair a, Pair b, int32_t sum) {
  int32_t result;
  __asm__("smlatb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}
inline int32_t smlabb(Pair a, Pair b, int32_t sum) {
  int32_t result;
  __asm__("smlabb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}
inline int32_t smlatt(Pair a, Pair b, int32_t sum) {
  int32_t result;
  __asm__("smlatt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}
inline int32_t smmla(int32_t a, int32_t b, int32_t sum) {
  int32_t result;
  __asm__("smmla %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}
inline Pair sxtb16(int32_t bytes) { return __sxtb16(bytes); }
inline Pair sxtab16(Pair addend, int32_t bytes) { return __sxtab16(addend, bytes); }
inline Pair sxtab16_odd(Pair addend, int32_t bytes) {
  Pair result;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(addend), "r"(bytes));
  return result;
}
inline int32_t saturate_s8(int32_t value) { return __ssat(value, 8); }
inline Pair pack_low(Pair low, Pair high) {
  Pair result;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(low), "r"(high));
  return result;
}
inline Pair pack_high(Pair low, Pair high) {
  Pair result;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(high), "r"(low));
  return result;
}

// Sums over `words_end - words` weight words: eight of two columns side by side, { x0, x1 } a step; four of
// one. Assembly, because the eight sums, two inputs, one weight word and three pointers are all the registers
// there are, and the compiler spills. Two steps a round: 28 instructions for 32 products.
inline void multiply_two_columns(int32_t (&sums)[8], const Pair* x, const Pair* words,
                                 const Pair* words_end) {
  int32_t x0, x1, w;
  __asm__ volatile(
      "1:\n"
      ".rept 2\n"
      "ldrd %[x0], %[x1], [%[x]], #8\n"
      "ldr %[w], [%[words]], #4\n"
      "smlad %[s0], %[x0], %[w], %[s0]\n"
      "smlad %[s4], %[x1], %[w], %[s4]\n"
      "sxtb16 %[w], %[w]\n"
      "smlad %[s1], %[x0], %[w], %[s1]\n"
      "smlad %[s5], %[x1], %[w], %[s5]\n"
      "ldr %[w], [%[words]], #4\n"
      "smlad %[s2], %[x0], %[w], %[s2]\n"
      "smlad %[s6], %[x1], %[w], %[s6]\n"
      "sxtb16 %[w], %[w]\n"
      "smlad %[s3], %[x0], %[w], %[s3]\n"
      "smlad %[s7], %[x1], %[w], %[s7]\n"
      ".endr\n"
      "cmp %[words], %[end]\n"
      "bne 1b\n"
      : [s0] "+r"(sums[0]), [s1] "+r"(sums[1]), [s2] "+r"(sums[2]), [s3] "+r"(sums[3]), [s4] "+r"(sums[4]),
        [s5] "+r"(sums[5]), [s6] "+r"(sums[6]), [s7] "+r"(sums[7]), [x] "+r"(x), [words] "+r"(words),
        [x0] "=&r"(x0), [x1] "=&r"(x1), [w] "=&r"(w)
      : [end] "r"(words_end)
      : "cc", "memory");
}
inline void multiply_one_column(int32_t (&sums)[4], const Pair* x, uint32_t x_step_bytes, const Pair* words,
                                const Pair* words_end) {
  int32_t x0, w, v;
  __asm__ volatile(
      "1:\n"
      ".rept 2\n"
      "ldr %[x0], [%[x]]\n"
      "add %[x], %[x], %[step]\n"
      "ldrd %[w], %[v], [%[words]], #8\n"
      "smlad %[s0], %[x0], %[w], %[s0]\n"
      "smlad %[s2], %[x0], %[v], %[s2]\n"
      "sxtb16 %[w], %[w]\n"
      "sxtb16 %[v], %[v]\n"
      "smlad %[s1], %[x0], %[w], %[s1]\n"
      "smlad %[s3], %[x0], %[v], %[s3]\n"
      ".endr\n"
      "cmp %[words], %[end]\n"
      "bne 1b\n"
      : [s0] "+r"(sums[0]), [s1] "+r"(sums[1]), [s2] "+r"(sums[2]), [s3] "+r"(sums[3]), [x] "+r"(x),
        [words] "+r"(words), [x0] "=&r"(x0), [w] "=&r"(w), [v] "=&r"(v)
      : [end] "r"(words_end), [step] "r"(x_step_bytes)
      : "cc", "memory");
}

#else

inline int32_t low_lane(Pair pair) { return static_cast<int16_t>(pair); }
inline int32_t high_lane(Pair pair) { return static_cast<int16_t>(static_cast<uint32_t>(pair) >> 16); }
inline Pair make_pair(int32_t low, int32_t high) {
  return static_cast<Pair>((static_cast<uint32_t>(low) & 0xFFFF) | static_cast<uint32_t>(high) << 16);
}
inline int32_t wrapping_sum(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
inline int32_t smlabb(Pair a, Pair b, int32_t sum) { return wrapping_sum(sum, low_lane(a) * low_lane(b)); }
inline int32_t smlabt(Pair a, Pair b, int32_t sum) { return wrapping_sum(sum, low_lane(a) * high_lane(b)); }
inline int32_t smlatb(Pair a, Pair b, int32_t sum) { return wrapping_sum(sum, high_lane(a) * low_lane(b)); }
inline int32_t smlatt(Pair a, Pair b, int32_t sum) { return wrapping_sum(sum, high_lane(a) * high_lane(b)); }
// Sum + low * low + high * high.
inline int32_t smlad(Pair a, Pair b, int32_t sum) { return smlatt(a, b, smlabb(a, b, sum)); }
// Sum + the high word of a * b.
inline int32_t smmla(int32_t a, int32_t b, int32_t sum) {
  return wrapping_sum(sum, static_cast<int32_t>((int64_t{a} * b) >> 32));
}
// Bytes 0 and 2, or 1 and 3, as lanes; the second with a pair added lane by lane.
inline Pair sxtb16(int32_t bytes) {
  return make_pair(static_cast<int8_t>(bytes), static_cast<int8_t>(static_cast<uint32_t>(bytes) >> 16));
}
inline Pair sxtab16(Pair addend, int32_t bytes) {
  const Pair extended = sxtb16(bytes);
  return make_pair(low_lane(addend) + low_lane(extended), high_lane(addend) + high_lane(extended));
}
inline Pair sxtab16_odd(Pair addend, int32_t bytes) {
  return sxtab16(addend, static_cast<int32_t>(static_cast<uint32_t>(bytes) >> 8));
}
inline int32_t saturate_s8(int32_t value) { return value < -128 ? -128 : value > 127 ? 127 : value; }
// The low lanes of both, or the high lanes.
inline Pair pack_low(Pair low, Pair high) { return make_pair(low_lane(low), low_lane(high)); }
inline Pair pack_high(Pair low, Pair high) { return make_pair(high_lane(low), high_lane(high)); }

inline void multiply_one_column(int32_t (&sums)[4], const Pair* x, uint32_t x_step_bytes, const Pair* words,
                                const Pair* words_end) {
  for (; words != words_end; words += 2, x += x_step_bytes / sizeof(Pair)) {
    sums[0] = smlad(*x, words[0], sums[0]);
    sums[1] = smlad(*x, sxtb16(words[0]), sums[1]);
    sums[2] = smlad(*x, words[1], sums[2]);
    sums[3] = smlad(*x, sxtb16(words[1]), sums[3]);
  }
}
inline void multiply_two_columns(int32_t (&sums)[8], const Pair* x, const Pair* words,
                                 const Pair* words_end) {
  int32_t(&first)[4] = *reinterpret_cast<int32_t(*)[4]>(sums);
  int32_t(&second)[4] = *reinterpret_cast<int32_t(*)[4]>(sums + 4);
  multiply_one_column(first, x, 2 * sizeof(Pair), words, words_end);
  multiply_one_column(second, x + 1, 2 * sizeof(Pair), words, words_end);
}

#endif

}  // namespace rune::kernels::dsp
