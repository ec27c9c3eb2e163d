// A block of one's own: how loud the sound is, in decibels below full scale, smoothed from call to
// call. `rune build` compiles it with the SDK and links it into the rune; README.md tells how.
#include "rune_block.h"
#include "rune_math.h"

namespace {

struct State {
  float mean_square;  // smoothed; full scale is 1
  uint32_t calls;
};

// 10 log10(x) from log2: 10 / log2(10) = 3.0103.
float decibels(float power) { return 3.0103F * rune_block::log2_f32(power); }

}  // namespace

RUNE_BLOCK(loudness, {
  "summary": "Loudness of sound in dB below full scale, smoothed over calls.",
  "arguments": [
    {"name": "smoothing", "type": "float", "default": 0.5, "range": [0, 0.999]},
    {"name": "floor_db", "type": "float", "default": -90, "range": [-200, 0]}
  ],
  "inputs": [{"name": "sound", "elements": ["i16"], "shape": "any"}],
  "outputs": [{"name": "decibels", "elements": ["f32"], "shape": [1]}],
  "stack_bytes": 32,
  "state": {"bytes": 8},
  "fuel_per_element": 2
}) {
  const auto sound = call.input<int16_t>(0);
  float sum = 0;
  for (const int16_t sample : sound) {
    const float value = static_cast<float>(sample) / 32768.0F;
    sum += value * value;
  }
  const float mean_square = sum / static_cast<float>(sound.size());

  auto& state = call.state<State>();
  const float smoothing = state.calls == 0 ? 0 : call.f32(0);
  state.mean_square = smoothing * state.mean_square + (1 - smoothing) * mean_square;
  ++state.calls;

  const float floor_db = call.f32(1);
  const float level = state.mean_square > 0 ? decibels(state.mean_square) : floor_db;
  call.output<float>(0)[0] = level > floor_db ? level : floor_db;
  return RUNE_OK;
}
