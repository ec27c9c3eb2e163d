// most-confident-indices: where the `count` greatest elements are, greatest first; of equal ones
// the earlier. Output 1 is their values, as real numbers when the input is quantised.
// No copy is made: each rank is found by a pass over the input. Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

RUNE_BLOCK(most_confident_indices, {
  "summary": "Positions of the greatest elements, greatest first, and their values.",
  "arguments": [{"name": "count", "type": "int", "default": 1, "range": [1, 65535]}],
  "inputs": [{"name": "confidences", "elements": ["f32", "i8", "u8", "i16", "u16"], "shape": "any"}],
  "outputs": [
    {"name": "indices", "elements": ["u32"], "shape": ["$count"]},
    {"name": "values", "elements": ["f32"], "shape": ["$count"]}
  ],
  "stack_bytes": 0,
  "fuel_per_element": 2000
}) {
  const RuneTensor& confidences = call.input_tensor(0);
  const auto indices = call.output<uint32_t>(0);
  const auto values = call.output<float>(1);
  const uint32_t size = rune_block::element_count(confidences);
  if (indices.size() > size) return RUNE_TOO_LARGE;
  const float scale = confidences.scale != 0 ? confidences.scale : 1;
  const float zero = confidences.scale != 0 ? static_cast<float>(confidences.zero_point) : 0;

  float last = 0;
  uint32_t last_index = 0;
  for (uint32_t rank = 0; rank < indices.size(); ++rank) {
    bool found = false;
    float best = 0;
    uint32_t best_index = 0;
    for (uint32_t i = 0; i < size; ++i) {
      const float value = rune_block::element_as_f32(confidences, i);
      const bool taken = rank > 0 && (value > last || (value == last && i <= last_index));
      if (taken || value != value || (found && value <= best)) continue;
      found = true;
      best = value;
      best_index = i;
    }
    if (!found) return RUNE_INVALID_ARGUMENT;  // too many that are not a number
    indices[rank] = last_index = best_index;
    last = best;
    values[rank] = (best - zero) * scale;
  }
  return RUNE_OK;
}
