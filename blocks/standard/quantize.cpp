// quantize: real numbers to a model's integers: value / scale, rounded half away from zero, plus
// the zero point, held in the type's range. u8 stands for (stored - zero point) * scale: of the same
// scale, as the pixels of an image are, it is moved by the difference of the zero points exactly.
// Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

namespace {

float round_half_away(float x) {
  if (!(x > -8388608.0F && x < 8388608.0F)) return x;  // whole already
  const auto cut = static_cast<float>(static_cast<int32_t>(x));
  const float rest = x - cut;
  if (rest >= 0.5F) return cut + 1;
  return rest <= -0.5F ? cut - 1 : cut;
}

}  // namespace

RUNE_BLOCK(quantize, {
  "summary": "Real numbers as the integers that a quantised model takes.",
  "inputs": [{"name": "real", "elements": ["f32", "u8"], "shape": "any"}],
  "outputs": [{"name": "stored", "elements": ["i8", "u8", "i16"], "shape": "same as 0", "quantised": "like consumer"}],
  "stack_bytes": 0,
  "fuel_per_element": 2
}) {
  const RuneTensor& real = call.input_tensor(0);
  const RuneTensor& stored = call.output_tensor(0);
  const float scale = stored.scale != 0 ? stored.scale : 1;
  const float ratio = real.scale != 0 ? real.scale / scale : 1 / scale;
  const uint32_t count = rune_block::element_count(real);
  for (uint32_t i = 0; i < count; ++i) {
    const float value = rune_block::element_as_f32(real, i);
    const float units =
        real.element == RUNE_F32 ? value / scale : (value - static_cast<float>(real.zero_point)) * ratio;
    rune_block::set_element(stored, i, round_half_away(units) + static_cast<float>(stored.zero_point));
  }
  return RUNE_OK;
}
