// The example's block, natively: what its README promises.
#include <gtest/gtest.h>

#include <cmath>

#include "blocks/block_test_support.h"

extern "C" RuneBlockFunction rune_block_loudness;

namespace rune_block {
namespace {

std::vector<float> levels(const std::vector<std::vector<int16_t>>& reads, float smoothing) {
  const std::vector<RuneArgument> arguments = {argument(smoothing), argument(-90.0F)};
  std::vector<uint64_t> state(1);
  std::vector<float> result;
  for (const auto& read : reads) {
    TestTensor sound = TestTensor::of(RUNE_I16, read);
    TestTensor output = TestTensor::of<float>(RUNE_F32, {0});
    const RuneTensor in = sound.view();
    RuneTensor out = output.view();
    EXPECT_EQ(rune_block_loudness(&in, 1, &out, 1, arguments.data(), state.data()), RUNE_OK);
    result.push_back(output.values<float>()[0]);
  }
  return result;
}

TEST(Loudness, FullScaleIsZeroAndSilenceIsTheFloor) {
  const std::vector<int16_t> full(1600, -32768);
  const std::vector<int16_t> tenth(1600, 3277);
  const std::vector<int16_t> silence(1600, 0);
  EXPECT_NEAR(levels({full}, 0.8F)[0], 0, 1e-4);
  EXPECT_NEAR(levels({tenth}, 0.8F)[0], -20, 1e-2);
  EXPECT_EQ(levels({silence}, 0.8F)[0], -90);
}

TEST(Loudness, SmoothsFromCallToCall) {
  const std::vector<int16_t> full(1600, -32768);
  const std::vector<int16_t> silence(1600, 0);
  const auto result = levels({full, silence, silence}, 0.5F);
  EXPECT_NEAR(result[1], 10 * std::log10(0.5), 1e-3);
  EXPECT_NEAR(result[2], 10 * std::log10(0.25), 1e-3);
}

}  // namespace
}  // namespace rune_block
