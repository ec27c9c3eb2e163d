// Multipliers against values worked out by hand from the definition real = multiplier * 2^(shift - 31).
#include "host/compiler/emit/requantization.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rune::compiler::emit {
namespace {

TEST(Requantization, SplitsRealMultipliers) {
  EXPECT_EQ(quantize_multiplier(0).multiplier, 0);
  EXPECT_EQ(quantize_multiplier(0.5).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(0.5).shift, 0);
  EXPECT_EQ(quantize_multiplier(1.0).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(1.0).shift, 1);
  EXPECT_EQ(quantize_multiplier(0.75 / 256).multiplier, 3 << 29);
  EXPECT_EQ(quantize_multiplier(0.75 / 256).shift, -8);
}

TEST(Requantization, CarriesAFractionThatRoundsUpToOne) {
  const double just_below_one = std::nextafter(1.0, 0.0);
  EXPECT_EQ(quantize_multiplier(just_below_one).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(just_below_one).shift, 1);
}

TEST(Requantization, GivesZeroForMultipliersThatNoAccumulatorCanShow) {
  EXPECT_EQ(quantize_multiplier(std::ldexp(0.75, -32)).multiplier, 0);
  EXPECT_NE(quantize_multiplier(std::ldexp(0.75, -31)).multiplier, 0);
}

TEST(Requantization, BoundsActivations) {
  ir::Tensor output;
  output.element = ElementType::kI8;
  output.quantization = {.scales = {0.05f}, .zero_points = {-100}};
  EXPECT_EQ(quantized_range(ir::Activation::kNone, output).minimum, -128);
  EXPECT_EQ(quantized_range(ir::Activation::kRelu, output).minimum, -100);
  EXPECT_EQ(quantized_range(ir::Activation::kRelu, output).maximum, 127);
  EXPECT_EQ(quantized_range(ir::Activation::kRelu6, output).maximum, 20);
  EXPECT_EQ(quantized_range(ir::Activation::kReluN1To1, output).minimum, -120);
  output.quantization.scales = {1e-30f};
  EXPECT_EQ(quantized_range(ir::Activation::kRelu6, output).maximum, 127);
}

}  // namespace
}  // namespace rune::compiler::emit
