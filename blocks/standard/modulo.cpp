// modulo: the remainder of each element, with the sign of the element. Integers go through f32,
// as in the block whose definition this is. Tested by small_blocks_test.cpp against fmod.
#include "blocks/standard/elements.h"

namespace {

// The exact remainder by long division: the modulus times falling powers of two is taken away, and
// each difference is exact because the rest is always below twice what is taken.
// Requires 1e-30 <= modulus <= 1e30. NaN for infinities and NaN.
float remainder_of(float x, float modulus) {
  float rest = x < 0 ? -x : x;
  if (rest < modulus) return x;
  if (!(rest <= 3.402823466e38F)) return x - x;
  float step = modulus;
  while (step <= rest * 0.5F) step *= 2;
  for (; rest >= modulus; step *= 0.5F) {
    if (rest >= step) rest -= step;
  }
  return x < 0 ? -rest : rest;
}

}  // namespace

RUNE_BLOCK(modulo, {
  "summary": "The remainder of a division, element by element.",
  "arguments": [{"name": "modulus", "aliases": ["modulo"], "type": "float", "default": 1, "range": [1e-30, 1e30]}],
  "inputs": [{"name": "numbers", "elements": ["f32", "i32", "u32", "i16", "u16", "i8", "u8"], "shape": "any"}],
  "outputs": [{"name": "remainders", "elements": "same as 0", "shape": "same as 0"}],
  "stack_bytes": 0,
  "fuel_per_element": 600
}) {
  const RuneTensor& numbers = call.input_tensor(0);
  const RuneTensor& remainders = call.output_tensor(0);
  const uint32_t count = rune_block::element_count(numbers);
  if (numbers.element == RUNE_F32) {  // the usual type, without a switch for each element
    const auto from = call.input<float>(0);
    const auto to = call.output<float>(0);
    for (uint32_t i = 0; i < count; ++i) to[i] = remainder_of(from[i], call.f32(0));
    return RUNE_OK;
  }
  for (uint32_t i = 0; i < count; ++i) {
    rune_block::set_element(remainders, i, remainder_of(rune_block::element_as_f32(numbers, i), call.f32(0)));
  }
  return RUNE_OK;
}
