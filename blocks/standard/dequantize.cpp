// dequantize: a quantised model's integers to real numbers, (stored - zero point) * scale.
// Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

RUNE_BLOCK(dequantize, {
  "summary": "The real numbers that a quantised model's integers stand for.",
  "inputs": [{"name": "stored", "elements": ["i8", "u8", "i16"], "shape": "any"}],
  "outputs": [{"name": "real", "elements": ["f32"], "shape": "same as 0"}],
  "stack_bytes": 0,
  "fuel_per_element": 2
}) {
  const RuneTensor& stored = call.input_tensor(0);
  const auto real = call.output<float>(0);
  const float scale = stored.scale != 0 ? stored.scale : 1;
  const auto zero = static_cast<float>(stored.zero_point);
  for (uint32_t i = 0; i < real.size(); ++i) real[i] = (rune_block::element_as_f32(stored, i) - zero) * scale;
  return RUNE_OK;
}
