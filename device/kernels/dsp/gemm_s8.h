// The core that convolutions and dense layers share: one or two columns of inputs times four output channels.
//
// A weight word holds two channels A, B for two inputs: lanes 256 * wA + wB. One SMLAD over it gives
// 256 * sumA + sumB; SXTB16 keeps the low bytes, wB, and a second SMLAD gives sumB alone. So int8 weights
// cost one instruction a word to unpack, and 256 * sumA arrives already shifted as requantisation wants it.
// Exact modulo 2^32; the packer proves |sumA| and |sumB| below 2^23 over all inputs.
//
// Requantisation: with a = 256 * sum, v = R + (a * m >> 32) holds seven bits below the result of TFLite's
// first rounding. Where the second only sees values that matter above zero (an activation that clamps the
// rest), or with single rounding, both merge into R. Else the sign decides the tie: subtract 128 of negative
// v first.
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

// Sums of one column times a quad, as GemmSums: both_02, low_02, both_13, low_13.
template <RoundingForm kForm>
inline void finish(const int32_t* sums, const DspScale* scales, const DspStage& stage, uint32_t count,
                   int8_t* out) {
  const auto difference = [](int32_t both, int32_t low) {
    return static_cast<int32_t>(static_cast<uint32_t>(both) - static_cast<uint32_t>(low));
  };
  const auto shifted = [](int32_t low) { return static_cast<int32_t>(static_cast<uint32_t>(low) << 8); };
  int32_t values[4] = {scale_sum<kForm>(difference(sums[0], sums[1]), scales[0]),
                       scale_sum<kForm>(difference(sums[2], sums[3]), scales[1]),
                       scale_sum<kForm>(shifted(sums[1]), scales[2]),
                       scale_sum<kForm>(shifted(sums[3]), scales[3])};
  if (stage.narrow != 0) {
    for (int32_t& value : values) {
      value = value < stage.activation_min ? stage.activation_min : value;
      value = value > stage.activation_max ? stage.activation_max : value;
    }
  }
  if (count >= 4) {
    for (int i = 0; i < 4; ++i) out[i] = static_cast<int8_t>(values[i]);
  } else {
    for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<int8_t>(values[i]);
  }
}

// Multiplies two columns side by side by all quads. Requires depth a multiple of four, above 0.
template <RoundingForm kForm>
inline void multiply_two(const DspStage& stage, const uint8_t* quads, uint32_t depth, uint32_t outputs,
                         const Pair* columns, int8_t* out0, int8_t* out1) {
  for (uint32_t left = outputs, done = 0; done < outputs; left -= 4, done += 4) {
    const auto& start = *reinterpret_cast<const GemmSums*>(quads);
    const auto* words = reinterpret_cast<const Pair*>(quads + sizeof(GemmSums));
    int32_t sums[8] = {start.both_02, start.low_02, start.both_13, start.low_13,
                       start.both_02, start.low_02, start.both_13, start.low_13};
    multiply_two_columns(sums, columns, words, words + depth);
    const auto* scales = reinterpret_cast<const DspScale*>(words + depth);
    finish<kForm>(sums, scales, stage, left, out0 + done);
    finish<kForm>(sums + 4, scales, stage, left, out1 + done);
    quads = reinterpret_cast<const uint8_t*>(scales + 4);
  }
}

// The same for one column whose pairs are `step` pairs apart.
template <RoundingForm kForm>
inline void multiply_one(const DspStage& stage, const uint8_t* quads, uint32_t depth, uint32_t outputs,
                         const Pair* column, uint32_t step, int8_t* out) {
  for (uint32_t left = outputs, done = 0; done < outputs; left -= 4, done += 4) {
    const auto& start = *reinterpret_cast<const GemmSums*>(quads);
    const auto* words = reinterpret_cast<const Pair*>(quads + sizeof(GemmSums));
    int32_t sums[4] = {start.both_02, start.low_02, start.both_13, start.low_13};
    multiply_one_column(sums, column, step * static_cast<uint32_t>(sizeof(Pair)), words, words + depth);
    const auto* scales = reinterpret_cast<const DspScale*>(words + depth);
    finish<kForm>(sums, scales, stage, left, out + done);
    quads = reinterpret_cast<const uint8_t*>(scales + 4);
  }
}

// Writes a column of 16-bit values as pairs that are `kStep` pairs apart.
template <uint32_t kStep>
class ColumnWriter {
 public:
  explicit ColumnWriter(uint8_t* at) : at_(reinterpret_cast<int16_t*>(at)) {}

  uint32_t written() const { return written_; }

  void zeros(uint32_t count) {
    for (; count != 0; --count) put(0);
  }

  // x + offset of each lane, in the order 0 2 1 3 (count and written() multiples of four) or as they are.
  void values(const int8_t* x, uint32_t count, Pair offsets, bool ordered) {
    if (ordered) {
      values_in_order(x, count, offsets);
      return;
    }
    written_ += count;
    for (int16_t* const end = at_ + count * kStep; at_ != end; x += 4, at_ += 4 * kStep) {
      const int32_t bytes = load_word(x);
      store_word(at_, sxtab16(offsets, bytes));
      store_word(at_ + 2 * kStep, sxtab16_odd(offsets, bytes));
    }
  }

 private:
  void put(int16_t value) {
    *at_ = value;
    at_ += written_ % 2 == 0 ? 1 : 2 * kStep - 1;
    ++written_;
  }

  void values_in_order(const int8_t* x, uint32_t left, Pair offsets) {
    const auto offset = static_cast<int16_t>(offsets);
    if (written_ % 2 != 0 && left != 0) {
      put(static_cast<int16_t>(*x++ + offset));
      --left;
    }
    for (; left >= 4; left -= 4, x += 4, at_ += 4 * kStep, written_ += 4) {
      const int32_t bytes = load_word(x);
      const Pair even = sxtab16(offsets, bytes);
      const Pair odd = sxtab16_odd(offsets, bytes);
      store_word(at_, pack_low(even, odd));
      store_word(at_ + 2 * kStep, pack_high(even, odd));
    }
    for (; left != 0; --left) put(static_cast<int16_t>(*x++ + offset));
  }

  int16_t* at_;
  uint32_t written_ = 0;
};

inline Pair both_lanes(int32_t offset) {
  return static_cast<Pair>((static_cast<uint32_t>(offset) & 0xFFFF) * 0x10001U);
}

}  // namespace rune::kernels::dsp
