// fft: the spectrum of sound, as the models of speech take it.
//
// Two results, chosen by the number of elements of the output:
//
// 1960 (49 frames x 40 bands): a short-time spectrum. Window of `bins` samples (480: 30 ms at
// 16 kHz), filled with zeros to 512, times a Hann window of 512 points; step = bins * (1 - overlap)
// rounded down (159); of the C windows that cover the input (99 for one second) frame k of 49 is
// window k * C / 49. Power of bins 0..255, resampled to 241 rows (row r is bin r * 256 / 241), 40
// triangular filters equally spaced on the mel scale from 33.3 Hz to 8 kHz, square root.
//
// Any other N: N bands of the Fourier transform of the whole input, filled with zeros to a multiple
// of 256: band b is the root of the mean power of its bins.
//
// Either is then scaled linearly so that the least value becomes 0 and the greatest 65536 (u32),
// 1 (f32) or -128 and 127 (i8); when all values are equal, 0. The definition, and the step that is
// not quite a third, are those of the block that published speech models were trained with.
//
// Cost: a real 512-point transform is a complex 256-point one, radix 4 (4 stages of 64 butterflies):
// about 110,000 wasm instructions a frame. Scratch: 2 KiB of stack; values wait in the output itself
// (in the state for i8, whose elements are too small). Tested by fft_test.cpp against a plain
// double-precision transform.
#include "blocks/sdk/rune_block.h"
#include "blocks/sdk/rune_math.h"

namespace {

using rune_block::View;

constexpr uint32_t kPoints = 256;  // of the complex transform
constexpr uint32_t kRealPoints = 2 * kPoints;
constexpr uint32_t kFrames = 49;
constexpr uint32_t kFilters = 40;
constexpr uint32_t kRows = 241;  // of the resampled power spectrum
constexpr double kTurn = 6.283185307179586476925;

// Filter i covers rows kEdges[i] up to kEdges[i + 2]: 42 points equally spaced in mel
// (2595 log10(1 + f / 700)) from 16000 / 480 Hz to 8000 Hz, times 241 / 8000, rounded down.
constexpr uint8_t kEdges[kFilters + 2] = {
    1,  2,  3,  5,  7,  8,  10, 12, 14,  16,  19,  21,  24,  27,  30,  33,  36,  40,  44,  48,  52,
    57, 62, 67, 72, 78, 84, 91, 98, 105, 113, 122, 131, 140, 150, 161, 172, 184, 197, 211, 225, 241};

template <uint32_t kSize>
struct Table {
  constexpr float operator[](uint32_t index) const { return values[index]; }
  float values[kSize] = {};
};

constexpr auto kSine = [] {  // a quarter turn in 128 steps
  Table<kPoints / 2 + 1> table;
  for (uint32_t i = 0; i <= kPoints / 2; ++i) {
    table.values[i] = static_cast<float>(rune_block::constant_sine(kTurn * i / kRealPoints));
  }
  return table;
}();

constexpr auto kHann = [] {  // the first half; the window is symmetric
  Table<kPoints> table;
  for (uint32_t i = 0; i < kPoints; ++i) {
    table.values[i] =
        static_cast<float>(0.5 - 0.5 * rune_block::constant_cosine(kTurn * i / (kRealPoints - 1)));
  }
  return table;
}();

struct Complex {
  float re;
  float im;
};
Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
// Field by field: copying the whole structure becomes 64-bit loads, shifts and reinterpretations.
Complex get(const Complex& from) { return {from.re, from.im}; }
void set(Complex& to, Complex value) {
  to.re = value.re;
  to.im = value.im;
}
float power(Complex a) { return a.re * a.re + a.im * a.im; }

using Buffer = Complex[kPoints];

// exp(-2 pi i k / 512), k below 384.
Complex twiddle(uint32_t k) {
  if (k <= 128) return {kSine[128 - k], -kSine[k]};
  if (k <= 256) return {-kSine[k - 128], -kSine[256 - k]};
  return {-kSine[384 - k], kSine[k - 256]};
}

// The order in which radix 4 wants its input: the four base-4 digits of the index reversed.
uint32_t reversed(uint32_t i) { return (i & 3) << 6 | (i & 12) << 2 | (i >> 2 & 12) | i >> 6; }

// Four points at distance `quarter` become their 4-point transform.
void butterfly(Complex* z, uint32_t quarter, Complex b, Complex c, Complex d) {
  const Complex a = get(*z);
  const Complex ac = a + c;
  const Complex a_c = a - c;
  const Complex bd = b + d;
  const Complex b_d = b - d;
  set(z[0], ac + bd);
  set(z[quarter], {a_c.re + b_d.im, a_c.im - b_d.re});
  set(z[2 * quarter], ac - bd);
  set(z[3 * quarter], {a_c.re - b_d.im, a_c.im + b_d.re});
}

// In place, from digit-reversed to natural order.
void transform(Buffer& buffer) {
  for (Complex* z = buffer; z != buffer + kPoints; z += 4) butterfly(z, 1, get(z[1]), get(z[2]), get(z[3]));
  for (uint32_t quarter = 4; quarter < kPoints; quarter *= 4) {
    const uint32_t stride = kRealPoints / (4 * quarter);
    for (uint32_t j = 0; j < quarter; ++j) {
      const Complex w1 = twiddle(j * stride);
      const Complex w2 = twiddle(2 * j * stride);
      const Complex w3 = twiddle(3 * j * stride);
      for (Complex* z = buffer + j; z < buffer + kPoints; z += 4 * quarter) {
        butterfly(z, quarter, get(z[quarter]) * w1, get(z[2 * quarter]) * w2, get(z[3 * quarter]) * w3);
      }
    }
  }
}

// From the transform of even + i * odd samples: four times the power of bin k to z[k].re.
void power_of_real(Buffer& z) {
  const float dc = z[0].re + z[0].im;
  z[0].re = 4 * dc * dc;
  for (uint32_t k = 1; k <= kPoints / 2; ++k) {
    const Complex a = get(z[k]);
    const Complex b = get(z[kPoints - k]);
    const Complex even = {a.re + b.re, a.im - b.im};
    const Complex odd = Complex{a.im + b.im, b.re - a.re} * Complex{kSine[128 - k], -kSine[k]};
    z[kPoints - k].re = power(even - odd);
    z[k].re = power(even + odd);
  }
}

// Windows a frame into the order that transform() wants; what lies beyond the sound is zero.
void load_frame(const View<const int16_t>& sound, uint32_t start, uint32_t bins, Buffer& z) {
  const uint32_t left = start < sound.size() ? sound.size() - start : 0;
  const uint32_t size = left < bins ? left : bins;
  const int16_t* const frame = sound.begin() + start;
  for (uint32_t i = 0; i < kPoints; ++i) {
    const uint32_t n = 2 * i;
    Complex& to = z[reversed(i)];
    if (n >= size) {
      set(to, {0, 0});
      continue;
    }
    const bool rising = n < kPoints;
    const float first = rising ? kHann[n] : kHann[kRealPoints - 1 - n];
    const float second = rising ? kHann[n + 1] : kHann[kRealPoints - 2 - n];
    set(to,
        {static_cast<float>(frame[n]) * first, n + 1 < size ? static_cast<float>(frame[n + 1]) * second : 0});
  }
}

void filter_frame(const Buffer& z, float* bands) {
  for (uint32_t f = 0; f < kFilters; ++f) {
    const uint32_t first = kEdges[f];
    const uint32_t size = kEdges[f + 2] - first;
    uint32_t bin = first * kPoints / kRows;
    uint32_t rest = first * kPoints % kRows;
    const auto next = [&] {  // row to row: bin 256 / 241 of a row further, in whole numbers
      const float value = z[bin].re;
      ++bin;
      rest += kPoints - kRows;
      if (rest >= kRows) rest -= kRows, ++bin;
      return value;
    };
    // The triangle's weights are the odd numbers 1, 3, 5 ... 3, 1 over size squared.
    float sum = 0;
    float weight = 1;
    const uint32_t top = (size + 1) / 2;
    for (uint32_t n = 0; n < top; ++n, weight += 2) sum += weight * next();
    weight -= size % 2 == 0 ? 2.0F : 4.0F;
    for (uint32_t n = top; n < size; ++n, weight -= 2) sum += weight * next();
    bands[f] = rune_block::square_root(sum) / static_cast<float>(size);
  }
}

void short_time_spectrum(const View<const int16_t>& sound, uint32_t bins, float overlap, float* values) {
  const uint32_t step = rune_block::to_u32(static_cast<float>(bins) * (1.0F - overlap));
  const uint32_t windows = sound.size() > bins ? (sound.size() - bins + step - 1) / step + 1 : 1;
  Buffer z;
  for (uint32_t frame = 0; frame < kFrames; ++frame) {
    load_frame(sound, frame * windows / kFrames * step, bins, z);
    transform(z);
    power_of_real(z);
    filter_frame(z, values + frame * kFilters);
  }
}

// Decimation in frequency: with L = R * 256 points, the bins R * m + residue are the 256-point
// transform of exp(-2 pi i n residue / L) * sum over r of x[n + 256 r] exp(-2 pi i r residue / R).
void load_residue(const View<const int16_t>& sound, uint32_t residue, uint32_t rows, Buffer& z) {
  for (Complex& value : z) value = {0, 0};
  for (uint32_t r = 0; r < rows; ++r) {
    const auto turn = rune_block::sine_cosine_of_turn(r * residue % rows, rows);
    for (uint32_t n = 0; n < kPoints && r * kPoints + n < sound.size(); ++n) {
      const auto sample = static_cast<float>(sound[r * kPoints + n]);
      set(z[n], get(z[n]) + Complex{sample * turn.cosine, -sample * turn.sine});
    }
  }
  for (uint32_t n = 0; n < kPoints; ++n) {
    const auto turn = rune_block::sine_cosine_of_turn(n * residue, rows * kPoints);
    set(z[n], get(z[n]) * Complex{turn.cosine, -turn.sine});
  }
  for (uint32_t n = 0; n < kPoints; ++n) {
    const uint32_t other = reversed(n);
    if (n >= other) continue;
    const Complex kept = get(z[n]);
    set(z[n], get(z[other]));
    set(z[other], kept);
  }
}

uint32_t first_band(uint32_t bin, uint32_t bands, uint32_t bins) {
  return static_cast<uint32_t>(static_cast<uint64_t>(bin) * bands / bins);
}

void whole_spectrum(const View<const int16_t>& sound, float* values, uint32_t bands) {
  const uint32_t rows = (sound.size() + kPoints - 1) / kPoints;
  const uint32_t half = rows * kPoints / 2;
  for (uint32_t b = 0; b < bands; ++b) values[b] = 0;
  Buffer z;
  for (uint32_t residue = 0; 2 * residue <= rows; ++residue) {
    load_residue(sound, residue, rows, z);
    transform(z);
    const bool mirrored = residue == 0 || 2 * residue == rows;
    for (uint32_t m = 0; m < kPoints; ++m) {
      uint32_t bin = rows * m + residue;
      if (bin >= half) bin = mirrored ? half : 2 * half - bin;
      if (bin >= half) continue;
      const uint32_t first = first_band(bin, bands, half);
      const uint32_t end = first_band(bin + 1, bands, half);
      for (uint32_t b = first; b < end || b == first; ++b) values[b] += power(get(z[m]));
    }
  }
  for (uint32_t b = 0; b < bands; ++b) {
    // The first bin of a band, when there are more bins than bands.
    const auto bins_before = [&](uint32_t band) {
      return static_cast<uint32_t>((static_cast<uint64_t>(band) * half + bands - 1) / bands);
    };
    const uint32_t bins = bins_before(b + 1) - bins_before(b);
    values[b] = rune_block::square_root(values[b] / static_cast<float>(bins > 1 ? bins : 1));
  }
}

// `values` may be the output itself.
void scale_to_output(const float* values, uint32_t count, const RuneTensor& output) {
  float low = values[0];
  float high = values[0];
  for (uint32_t i = 1; i < count; ++i) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  const float range = high - low;
  for (uint32_t i = 0; i < count; ++i) {
    const float above = range > 0 ? values[i] - low : 0;
    const float divisor = range > 0 ? range : 1;
    if (output.element == RUNE_U32) {
      static_cast<uint32_t*>(output.data)[i] = rune_block::to_u32(65536.0F * above / divisor);
    } else if (output.element == RUNE_F32) {
      static_cast<float*>(output.data)[i] = above / divisor;
    } else {
      const float scaled = range > 0 ? 255.0F * (above / divisor) - 128.0F : 0;
      static_cast<int8_t*>(output.data)[i] = static_cast<int8_t>(rune_block::to_i32(scaled, -128, 127));
    }
  }
}

}  // namespace

RUNE_BLOCK(fft, {
  "summary": "Spectrum of sound: 49 frames of 40 mel bands, or N bands of the whole input.",
  "arguments": [
    {"name": "sample_rate", "aliases": ["hz"], "type": "int", "default": 16000, "range": [1, 1000000]},
    {"name": "bins", "type": "int", "default": 480, "range": [257, 512]},
    {"name": "window_overlap", "type": "float", "default": 0.6666667, "range": [0, 0.99]}
  ],
  "inputs": [{"name": "sound", "elements": ["i16"], "shape": "any"}],
  "outputs": [{"name": "spectrum", "elements": ["u32", "f32", "i8"], "shape": "any", "default": [1, 1960]}],
  "stack_bytes": 2560,
  "state": {"bytes_per_output_element": 4, "element": "i8"},
  "fuel": 300000,
  "fuel_per_element": 64
}) {
  const auto sound = call.input<int16_t>(0);
  const RuneTensor& output = call.output_tensor(0);
  const bool small = output.element == RUNE_I8;
  const uint32_t count = small ? output.size_bytes : output.size_bytes / 4;
  if (count == 0 || sound.size() == 0) return RUNE_INVALID_ARGUMENT;
  float* const values = small ? &call.state<float>() : static_cast<float*>(output.data);
  if (count == kFrames * kFilters) {
    short_time_spectrum(sound, static_cast<uint32_t>(call.i32(1)), call.f32(2), values);
  } else {
    whole_spectrum(sound, values, count);
  }
  scale_to_output(values, count, output);
  return RUNE_OK;
}
