// label: the word of each index. An index outside the list gives `fallback`, or ends the call when
// there is none. Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

RUNE_BLOCK(label, {
  "summary": "Words for indices, from a list.",
  "arguments": [
    {"name": "wordlist", "aliases": ["labels", "words"], "type": "list"},
    {"name": "fallback", "aliases": ["unknown"], "type": "text", "default": ""}
  ],
  "inputs": [{"name": "indices", "elements": ["u32", "i32", "u8", "i8", "u16", "i16", "f32"], "shape": "any"}],
  "outputs": [{"name": "labels", "elements": ["utf8"], "shape": "same as 0"}],
  "stack_bytes": 32,
  "fuel_per_element": 4
}) {
  const RuneTensor& indices = call.input_tensor(0);
  const auto labels = call.output<RuneText>(0);
  const auto words = call.list(0);
  const RuneText fallback = call.text(1);
  for (uint32_t i = 0; i < labels.size(); ++i) {
    const float index = rune_block::element_as_f32(indices, i);
    const bool known = index >= 0 && index < static_cast<float>(words.size());
    if (!known && fallback.size_bytes == 0) return RUNE_NOT_FOUND;
    labels[i] = known ? words[static_cast<uint32_t>(index)] : fallback;
  }
  return RUNE_OK;
}
