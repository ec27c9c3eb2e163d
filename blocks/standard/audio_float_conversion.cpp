// audio-float-conversion: sound of 16 bits to [-1, 1], divided by 32767 and held at -1.
// Tested by small_blocks_test.cpp.
#include "blocks/sdk/rune_block.h"

RUNE_BLOCK(audio_float_conversion, {
  "summary": "Sound as floating-point numbers from -1 to 1.",
  "inputs": [{"name": "sound", "elements": ["i16"], "shape": "any"}],
  "outputs": [{"name": "floats", "elements": ["f32"], "shape": "same as 0"}],
  "stack_bytes": 0,
  "fuel_per_element": 2
}) {
  const auto sound = call.input<int16_t>(0);
  const auto floats = call.output<float>(0);
  for (uint32_t i = 0; i < sound.size(); ++i) {
    const float value = static_cast<float>(sound[i]) / 32767.0F;
    floats[i] = value < -1.0F ? -1.0F : value;
  }
  return RUNE_OK;
}
