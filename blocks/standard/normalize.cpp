// normalize: all elements to [0, 1], the least to 0 and the greatest to 1. Elements that are all
// equal stay as they are. Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

RUNE_BLOCK(normalize, {
  "summary": "Scales a tensor linearly to the range 0 to 1.",
  "inputs": [{"name": "numbers", "elements": ["f32", "i32", "u32", "i16", "u16", "i8", "u8"], "shape": "any"}],
  "outputs": [{"name": "normalized", "elements": ["f32"], "shape": "same as 0"}],
  "stack_bytes": 0,
  "fuel_per_element": 8
}) {
  const RuneTensor& numbers = call.input_tensor(0);
  const auto normalized = call.output<float>(0);
  const uint32_t count = rune_block::element_count(numbers);
  if (count == 0 || count > normalized.size()) return RUNE_MISMATCH;
  float low = rune_block::element_as_f32(numbers, 0);
  float high = low;
  for (uint32_t i = 0; i < count; ++i) {
    const float value = rune_block::element_as_f32(numbers, i);
    normalized[i] = value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low == high) return RUNE_OK;
  for (float& value : normalized) value = (value - low) / (high - low);
  return RUNE_OK;
}
