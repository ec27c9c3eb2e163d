// The core that convolutions and dense layers share: one or two columns of inputs times four output channels.
//
// A weight word holds two channels A, B for two inputs: lanes 256 * wA + wB. One SMLAD over it gives
// 256 * sumA + sumB; SXTB16 keeps the low bytes, wB, and a second SMLAD gives sumB alone. So int8 weights
// cost one instruction a word to unpack, and 256 * sumA arrives already shifted as requantisation wants it.
// Exact modulo 2^32; the packer proves |sumA| and |sumB| below 2^23 over all inputs.
//
// Requantisation: with a = 256 * sum, v = R + (a * m >> 32) holds seven bits below the result of TFLite's first
// rounding. Where the second only sees values that matter above zero (an activation that clamps the rest), or
// with single rounding, both merge into R. Else the sign decides the tie: subtract 128 of negative v first.
#pragma once

#include "device/kernels/dsp/dsp_intrinsics.h"
#include "device/kernels/dsp/dsp_params.h"

namespace rune::kernels::dsp {

template <RoundingForm kForm>
inline int32_t scale_sum(int32_t sum_256, const DspScale& scale) {
  if constexpr (kForm == RoundingForm::kFloor) {
    return saturate_s8(smmla(sum_256, scale.multiplier, scale.rounding) >> scale.shift);
  }
  int32_t value = smmla(sum_256, scale.multiplier, 64);
  value -= (value >> 31) & 128;
  return saturate_s8((value + scale.rounding) >> scale.shift);
}

// Four sums of one column, in pairs that share their words.
struct Sums {
  int32_t both_02, low_02, both_13, low_13;
};

inline void multiply_step(Sums& sums, Pair x, Pair w02, Pair w13) {
  sums.both_02 = smlad(x, w02, sums.both_02);
  sums.both_13 = smlad(x, w13, sums.both_13);
  sums.low_02 = smlad(x, sxtb16(w02), sums.low_02);
  sums.low_13 = smlad(x, sxtb16(w13), sums.low_13);
}

template <RoundingForm kForm>
inline void finish(const Sums& sums, const DspScale* scales, int32_t values[4]) {
  const auto difference = [](int32_t both, int32_t low) {
    return static_cast<int32_t>(static_cast<uint32_t>(both) - static_cast<uint32_t>(low));
  };
  const auto shifted = [](int32_t low) { return static_cast<int32_t>(static_cast<uint32_t>(low) << 8); };
  values[0] = scale_sum<kForm>(difference(sums.both_02, sums.low_02), scales[0]);
  values[1] = scale_sum<kForm>(difference(sums.both_13, sums.low_13), scales[1]);
  values[2] = scale_sum<kForm>(shifted(sums.low_02), scales[2]);
  values[3] = scale_sum<kForm>(shifted(sums.low_13), scales[3]);
}

inline void store(const DspStage& stage, int32_t values[4], uint32_t count, int8_t* out) {
  for (uint32_t i = 0; i < count; ++i) {
    if (stage.narrow != 0) {
      values[i] = values[i] < stage.activation_min ? stage.activation_min : values[i];
      values[i] = values[i] > stage.activation_max ? stage.activation_max : values[i];
    }
    out[i] = static_cast<int8_t>(values[i]);
  }
}

// Multiplies one or two columns of `depth` (a multiple of four) by all quads.
template <RoundingForm kForm, int kColumns>
inline void gemm(const DspStage& stage, const uint8_t* quads, uint32_t depth, uint32_t outputs, const Pair* column0,
                 const Pair* column1, int8_t* out0, int8_t* out1) {
  for (uint32_t channel = 0; channel < outputs; channel += 4) {
    const auto& start = *reinterpret_cast<const GemmSums*>(quads);
    const auto* w = reinterpret_cast<const Pair*>(quads + sizeof(GemmSums));
    Sums sums0 = {start.both_02, start.low_02, start.both_13, start.low_13};
    Sums sums1 = sums0;
    const Pair* x0 = column0;
    const Pair* x1 = column1;
    for (const Pair* end = column0 + depth / 2; x0 != end; x0 += 2, x1 += 2, w += 4) {
      for (int step = 0; step < 2; ++step) {
        const Pair w02 = w[2 * step];
        const Pair w13 = w[2 * step + 1];
        multiply_step(sums0, x0[step], w02, w13);
        if constexpr (kColumns == 2) multiply_step(sums1, x1[step], w02, w13);
      }
    }
    const auto* scales = reinterpret_cast<const DspScale*>(w);
    quads = reinterpret_cast<const uint8_t*>(scales + 4);
    const uint32_t count = outputs - channel < 4 ? outputs - channel : 4;
    int32_t values[4];
    finish<kForm>(sums0, scales, values);
    store(stage, values, count, out0 + channel);
    if constexpr (kColumns == 2) {
      finish<kForm>(sums1, scales, values);
      store(stage, values, count, out1 + channel);
    }
  }
}

// Writes count values x + offset as 16-bit lanes, in the order 0 2 1 3 (count a multiple of four) or as they are.
inline int16_t* expand(const int8_t* x, uint32_t count, Pair offsets, bool ordered, int16_t* out) {
  uint32_t left = count;
  for (; left >= 4; left -= 4, x += 4, out += 4) {
    const int32_t bytes = load_word(x);
    const Pair even = sxtab16(offsets, bytes);
    const Pair odd = sxtab16_odd(offsets, bytes);
    store_word(out, ordered ? pack_low(even, odd) : even);
    store_word(out + 2, ordered ? pack_high(even, odd) : odd);
  }
  for (; left != 0; --left) *out++ = static_cast<int16_t>(*x++ + static_cast<int16_t>(offsets));
  return out;
}

inline int16_t* fill_zero(int16_t* out, uint32_t count) {
  for (; count != 0; --count) *out++ = 0;
  return out;
}

inline Pair both_lanes(int32_t offset) {
  return static_cast<Pair>((static_cast<uint32_t>(offset) & 0xFFFF) * 0x10001U);
}

}  // namespace rune::kernels::dsp
