// noise-filtering: a spectrum (u32) made ready for a speech model (i8).
//
// For each element, with an integer arithmetic that the TensorFlow microfrontend made known:
// the noise estimate is a share of the signal (even and odd elements have their own), what is above
// it is kept (at least `min_signal_remaining`); a gain that falls with the estimate, (x + offset) to
// the power -strength in a table with quadratic interpolation, evens out loudness; small values are
// squared, large ones pass; log2(1 + v). At last all values are scaled linearly to -128..127, cut
// towards zero; when all are equal, 0.
//
// Each call starts from an estimate of zero. The block whose definition this is keeps the estimate
// between calls without ever letting it decay, so that it only grows; models are trained on first calls.
//
// The logarithm rises with its argument, so least and greatest are found among the integers and the
// second pass recomputes each value: no scratch. The gain table is computed at the first call and
// kept in the state. Tested by noise_filtering_test.cpp against a double-precision oracle.
#include "blocks/sdk/rune_block.h"
#include "blocks/sdk/rune_math.h"

namespace {

constexpr int kNoiseBits = 14;
constexpr int kSignalBits = 12;  // of the signal-to-noise ratio
constexpr int kOutputBits = 6;
constexpr int kCorrectionBits = -1;
constexpr uint32_t kIntervals = 32;
constexpr uint32_t kTableSize = 4 * kIntervals - 3;

struct State {
  int16_t gain[kTableSize];  // value, slope, curvature and a gap for each power of two
  uint16_t filled;
};

struct Settings {
  float strength;
  float offset;
  int32_t gain_bits;
  int32_t smoothing_bits;
  uint32_t smoothing[2];  // even, odd
  uint32_t min_signal_remaining;
};

uint32_t share(float fraction) {
  const float scaled = fraction * static_cast<float>(1 << kNoiseBits);
  return static_cast<uint32_t>(rune_block::to_i32(scaled, 0, 1 << kNoiseBits));
}

int32_t gain_at(const Settings& settings, uint32_t x) {
  const int32_t input_bits = settings.smoothing_bits - kCorrectionBits;
  const float shifted = static_cast<float>(x) / static_cast<float>(1U << input_bits) + settings.offset;
  const auto fall =
      static_cast<float>(rune_block::power_f64(shifted, -static_cast<double>(settings.strength)));
  const float gain = static_cast<float>(1 << settings.gain_bits) * fall;
  return gain < 32767.0F ? static_cast<int32_t>(gain + 0.5F) : 32767;
}

void fill_table(const Settings& settings, State& state) {
  state.gain[0] = static_cast<int16_t>(gain_at(settings, 0));
  state.gain[1] = static_cast<int16_t>(gain_at(settings, 1));
  for (uint32_t interval = 2; interval <= kIntervals; ++interval) {
    const uint32_t from = 1U << (interval - 1);
    const uint32_t to = interval == kIntervals ? from + (from - 1) : 2 * from;
    const int32_t start = gain_at(settings, from);
    const int32_t middle = gain_at(settings, from + (from >> 1)) - start;
    const int32_t end = gain_at(settings, to) - start;
    const int32_t slope = 4 * middle - end;
    int16_t* const entry = &state.gain[4 * interval - 6];
    entry[0] = static_cast<int16_t>(start);
    entry[1] = static_cast<int16_t>(slope);
    entry[2] = static_cast<int16_t>(end - slope);
  }
  state.filled = 1;
}

int32_t interpolated_gain(const State& state, uint32_t x) {
  if (x <= 2) return state.gain[x];
  const int interval = 32 - __builtin_clz(x);
  const int16_t* const entry = &state.gain[4 * interval - 6];
  const uint32_t fraction = (interval < 11 ? x << (11 - interval) : x >> (interval - 11)) & 0x3FF;
  const auto f = static_cast<int32_t>(fraction);
  int32_t result = (entry[2] * f) >> 5;
  result += entry[1] * 32;
  result = (result * f + (1 << 14)) >> 15;
  return static_cast<int16_t>(result + entry[0]);
}

// The energy of one element, before the logarithm.
uint32_t energy(const Settings& settings, const State& state, uint32_t signal, uint32_t index) {
  const uint64_t scaled = static_cast<uint32_t>(signal << settings.smoothing_bits);
  const auto estimate = static_cast<uint32_t>((scaled * settings.smoothing[index & 1]) >> kNoiseBits);
  const uint64_t noise = estimate < scaled ? estimate : scaled;
  const uint64_t floor = (static_cast<uint64_t>(signal) * settings.min_signal_remaining) >> kNoiseBits;
  const uint64_t above = (scaled - noise) >> settings.smoothing_bits;
  const auto kept = static_cast<uint32_t>(above > floor ? above : floor);

  const auto gain = static_cast<uint32_t>(interpolated_gain(state, estimate));
  const int32_t shift = settings.gain_bits - kCorrectionBits - kSignalBits;
  const auto ratio = static_cast<uint32_t>((static_cast<uint64_t>(kept) * gain) >> shift);
  if (ratio < 2U << kSignalBits) return (ratio * ratio) >> (2 + 2 * kSignalBits - kOutputBits);
  return (ratio >> (kSignalBits - kOutputBits)) - (1U << kOutputBits);
}

float loudness(uint32_t value) { return rune_block::log2_f32(static_cast<float>(value) + 1.0F); }

}  // namespace

RUNE_BLOCK(noise_filtering, {
  "summary": "Noise reduction, gain control and logarithm of a spectrum, scaled to i8.",
  "arguments": [
    {"name": "strength", "type": "float", "default": 0.95, "range": [0, 4]},
    {"name": "offset", "type": "float", "default": 80, "range": [0.001, 1000000]},
    {"name": "gain_bits", "type": "int", "default": 21, "range": [11, 30]},
    {"name": "smoothing_bits", "type": "int", "default": 10, "range": [0, 15]},
    {"name": "even_smoothing", "type": "float", "default": 0.025, "range": [0, 1]},
    {"name": "odd_smoothing", "type": "float", "default": 0.06, "range": [0, 1]},
    {"name": "min_signal_remaining", "type": "float", "default": 0.05, "range": [0, 1]}
  ],
  "inputs": [{"name": "spectrum", "elements": ["u32"], "shape": "any"}],
  "outputs": [{"name": "features", "elements": ["i8"], "shape": "same as 0"}],
  "stack_bytes": 256,
  "state": {"bytes": 256},
  "fuel": 10000,
  "fuel_per_element": 16
}) {
  const Settings settings = {
      call.f32(0),       call.f32(1), call.i32(2), call.i32(3), {share(call.f32(4)), share(call.f32(5))},
      share(call.f32(6))};
  auto& state = call.state<State>();
  if (state.filled == 0) fill_table(settings, state);
  const auto spectrum = call.input<uint32_t>(0);
  const auto features = call.output<int8_t>(0);
  if (spectrum.size() == 0 || features.size() < spectrum.size()) return RUNE_MISMATCH;

  uint32_t low = UINT32_MAX;
  uint32_t high = 0;
  for (uint32_t i = 0; i < spectrum.size(); ++i) {
    const uint32_t value = energy(settings, state, spectrum[i], i);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const float least = loudness(low);
  const float range = loudness(high) - least;
  for (uint32_t i = 0; i < spectrum.size(); ++i) {
    const float above = loudness(energy(settings, state, spectrum[i], i)) - least;
    const float scaled = range > 0 ? 255.0F * (above / range) - 128.0F : 0.0F;
    features[i] = static_cast<int8_t>(rune_block::to_i32(scaled, -128, 127));
  }
  return RUNE_OK;
}
