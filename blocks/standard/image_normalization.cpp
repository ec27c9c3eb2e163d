// image-normalization: integers to [0, 1], the type's least value to 0 and its greatest to 1.
// Tested by small_blocks_test.cpp.
#include "blocks/standard/elements.h"

namespace {

struct Range {
  float low;
  float high;
};

Range range_of(uint8_t element) {
  switch (element) {
    case RUNE_U8: return {0, 255};
    case RUNE_I8: return {-128, 127};
    case RUNE_U16: return {0, 65535};
    case RUNE_I16: return {-32768, 32767};
    case RUNE_U32: return {0, 4294967295.0F};
    default: return {-2147483648.0F, 2147483647.0F};
  }
}

}  // namespace

RUNE_BLOCK(image_normalization, {
  "summary": "Scales the values of an image from their type's range to 0 to 1.",
  "inputs": [{"name": "image", "elements": ["u8", "i8", "u16", "i16", "u32", "i32"], "shape": "any"}],
  "outputs": [{"name": "normalized", "elements": ["f32"], "shape": "same as 0"}],
  "stack_bytes": 32,
  "fuel_per_element": 4
}) {
  const RuneTensor& image = call.input_tensor(0);
  const auto normalized = call.output<float>(0);
  const Range range = range_of(image.element);
  for (uint32_t i = 0; i < normalized.size(); ++i) {
    normalized[i] = (rune_block::element_as_f32(image, i) - range.low) / (range.high - range.low);
  }
  return RUNE_OK;
}
