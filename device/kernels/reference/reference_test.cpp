// The reference kernels against the definitions of docs/spec/quantisation.md, computed here the slow and
// plain way, and what their verify functions must refuse.
#include "device/kernels/reference/reference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "device/kernels/elementwise_params.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/kernel_table.h"
#include "device/kernels/mean_params.h"
#include "device/kernels/pool_2d_params.h"
#include "device/kernels/softmax_params.h"
#include "device/kernels/test_blocks.h"

namespace rune::kernels {
namespace {

using test::Random;
using test::random_between;
using Dims = std::vector<uint32_t>;

struct alignas(16) Unit {
  uint8_t bytes[16];
};

template <typename Params>
std::vector<uint8_t> block_of(const Params& params) {
  std::vector<uint8_t> block(sizeof(params));
  std::memcpy(block.data(), &params, sizeof(params));
  return block;
}

Tensor tensor_of(ElementType element, const Dims& dims, void* data) {
  Tensor tensor;
  tensor.element = element;
  tensor.shape.rank = static_cast<uint8_t>(dims.size());
  std::copy(dims.begin(), dims.end(), tensor.shape.dims.begin());
  tensor.data = static_cast<uint8_t*>(data);
  tensor.ring_rows = tensor.rows();
  tensor.row_bytes = tensor.shape.elements() * element_bytes(element) / tensor.rows();
  return tensor;
}

// Verifies and runs an operator of one input; empty when verify refuses.
template <typename In, typename Out>
std::vector<Out> run(const Kernel& kernel, ElementType in, const Dims& in_dims, std::vector<In> x,
                     ElementType out, const Dims& out_dims, const std::vector<uint8_t>& block) {
  std::vector<Unit> params(block.size() / 16 + 1);
  if (!block.empty()) std::memcpy(params.data(), block.data(), block.size());
  Tensor input = tensor_of(in, in_dims, x.data());
  std::vector<Out> result(Shape(tensor_of(out, out_dims, nullptr).shape).elements());
  Tensor output = tensor_of(out, out_dims, result.data());
  Plan plan;
  plan.inputs = {&input, 1};
  plan.outputs = {&output, 1};
  plan.params = {params.data()->bytes, block.size()};
  if (kernel.verify(plan) != Status::kOk) return {};
  Call call;
  call.inputs = plan.inputs;
  call.outputs = plan.outputs;
  call.params = plan.params.data();
  call.row_end = output.rows();
  kernel.run(call);
  return result;
}

std::vector<int8_t> run_s8(const Kernel& kernel, const Dims& in, const std::vector<int8_t>& x,
                           const Dims& out, const std::vector<uint8_t>& block) {
  return run<int8_t, int8_t>(kernel, ElementType::kI8, in, x, ElementType::kI8, out, block);
}

// The definition, cell by cell: convolution when multiplier is 0, else depthwise.
std::vector<int8_t> convolve(const Window& w, const OutputStage& stage, const ChannelScale* channels,
                             const int8_t* weights, const Dims& in, const std::vector<int8_t>& x,
                             const Dims& out, int32_t groups, int32_t multiplier) {
  std::vector<int8_t> result;
  const auto dim = [](uint32_t value) { return static_cast<int32_t>(value); };
  const int32_t depth = multiplier != 0 ? 1 : dim(in[3]) / groups;
  for (int32_t y = 0; y < dim(out[1]); ++y) {
    for (int32_t column = 0; column < dim(out[2]); ++column) {
      for (int32_t c = 0; c < dim(out[3]); ++c) {
        int32_t sum = channels[c].bias;
        for (int32_t tap = 0; tap < w.kernel_height * w.kernel_width * depth; ++tap) {
          const int32_t k = tap % depth;
          const int32_t i = tap / depth % w.kernel_width;
          const int32_t j = tap / depth / w.kernel_width;
          const int32_t iy = y * w.stride_height - w.pad_top + j * w.dilation_height;
          const int32_t ix = column * w.stride_width - w.pad_left + i * w.dilation_width;
          if (iy < 0 || ix < 0 || iy >= dim(in[1]) || ix >= dim(in[2])) continue;
          const int32_t from = multiplier != 0 ? c / multiplier : c / (dim(out[3]) / groups) * depth + k;
          const int32_t weight = multiplier != 0
                                     ? weights[(j * w.kernel_width + i) * dim(out[3]) + c]
                                     : weights[c * w.kernel_height * w.kernel_width * depth + tap];
          sum += (x[static_cast<size_t>((iy * dim(in[2]) + ix) * dim(in[3]) + from)] + stage.input_offset) *
                 weight;
        }
        const int32_t value = requantise(sum, channels[c].multiplier, channels[c].shift, stage.rounding);
        result.push_back(static_cast<int8_t>(
            clamp(value + stage.output_offset, stage.activation_min, stage.activation_max)));
      }
    }
  }
  return result;
}

Window random_window(Random& random) {
  const auto pick = [&](int32_t low, int32_t high) {
    return static_cast<uint16_t>(random_between(random, low, high));
  };
  const uint16_t height = pick(1, 4);
  const uint16_t width = pick(1, 4);
  return {height,     width,      pick(1, 3),          pick(1, 3),
          pick(1, 2), pick(1, 2), pick(0, height - 1), pick(0, width - 1)};
}

TEST(Reference, Conv2dS8IsTheDefinition) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const Window window = random_window(random);
    const uint32_t groups = seed % 5 == 0 ? 2 : 1;
    const uint32_t inputs = groups * static_cast<uint32_t>(random_between(random, 1, 6));
    const uint32_t outputs = groups * static_cast<uint32_t>(random_between(random, 1, 5));
    const Dims in = {1, 7, 8, inputs};
    const Dims out = {1, static_cast<uint32_t>(random_between(random, 1, 6)), 4, outputs};
    std::vector<uint8_t> block =
        test::random_conv_2d_s8(random, window, inputs, outputs, groups, seed % 3 == 0);
    auto& params = *reinterpret_cast<Conv2dS8Params*>(block.data());
    params.stage.rounding = seed % 4 == 0 ? 1 : 0;
    const Conv2dLayout layout = conv_2d_s8_layout(window, outputs, inputs / groups);
    const std::vector<int8_t> x = test::random_bytes(random, 7 * 8 * inputs);
    const std::vector<int8_t> expected =
        convolve(window, params.stage, reinterpret_cast<const ChannelScale*>(block.data() + layout.channels),
                 reinterpret_cast<const int8_t*>(block.data() + layout.weights), in, x, out,
                 static_cast<int32_t>(groups), 0);
    EXPECT_EQ(run_s8(kConv2dS8, in, x, out, block), expected) << "seed " << seed;
  }
}

TEST(Reference, DepthwiseConv2dS8IsTheDefinition) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const Window window = random_window(random);
    const auto inputs = static_cast<uint32_t>(random_between(random, 1, 40));
    const auto multiplier = static_cast<uint32_t>(seed % 3 + 1);
    const Dims in = {1, 6, 5, inputs};
    const Dims out = {1, static_cast<uint32_t>(random_between(random, 1, 5)), 4, inputs * multiplier};
    const std::vector<uint8_t> block = test::random_depthwise_conv_2d_s8(random, window, inputs, multiplier);
    const auto& params = *reinterpret_cast<const DepthwiseConv2dS8Params*>(block.data());
    const DepthwiseConv2dLayout layout = depthwise_conv_2d_s8_layout(window, out[3]);
    const std::vector<int8_t> x = test::random_bytes(random, 6 * 5 * inputs);
    const std::vector<int8_t> expected =
        convolve(window, params.stage, reinterpret_cast<const ChannelScale*>(block.data() + layout.channels),
                 reinterpret_cast<const int8_t*>(block.data() + layout.weights), in, x, out, 1,
                 static_cast<int32_t>(multiplier));
    EXPECT_EQ(run_s8(kDepthwiseConv2dS8, in, x, out, block), expected) << "seed " << seed;
  }
}

TEST(Reference, PoolsCountOnlyCellsInside) {
  const Pool2dS8Params params = {{2, 2, 2, 2, 1, 1, 1, 1}, -128, 127, {}};
  const std::vector<int8_t> x = {1, 2, 3, -4, -5, -6, 7, 8, 10};
  // Windows of 1, 2, 2 and 4 cells; ties away from zero: (2+3)/2 = 3, (-4+7)/2 = 2, (-5-6+8+10)/4 = 2.
  EXPECT_EQ(run_s8(kAveragePool2dS8, {1, 3, 3, 1}, x, {1, 2, 2, 1}, block_of(params)),
            (std::vector<int8_t>{1, 3, 2, 2}));
  EXPECT_EQ(run_s8(kMaxPool2dS8, {1, 3, 3, 1}, x, {1, 2, 2, 1}, block_of(params)),
            (std::vector<int8_t>{1, 3, 7, 10}));
  Pool2dS8Params outside = params;
  outside.window.pad_top = 2;  // the first window would meet no cell
  EXPECT_TRUE(run_s8(kAveragePool2dS8, {1, 3, 3, 1}, x, {1, 2, 2, 1}, block_of(outside)).empty());
}

TEST(Reference, SoftmaxIsCloseToTheRealOne) {
  Random random(3);
  const double scale = 0.1;
  const SoftmaxS8Params params = {1717986918, 23, -248, 0};  // 0.1 * 2^26
  const std::vector<int8_t> x = test::random_bytes(random, 12, -100, 100);
  const std::vector<int8_t> y = run_s8(kSoftmaxS8, {1, 12}, x, {1, 12}, block_of(params));
  ASSERT_EQ(y.size(), x.size());
  double sum = 0;
  for (const int8_t value : x) sum += std::exp(scale * value);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR((y[i] + 128) / 256.0, std::exp(scale * x[i]) / sum, 1.5 / 256);
  const LogSoftmaxS8Params log_params = {1717986918, 23, 1342177280, 22, -248, {}};
  const std::vector<int8_t> z = run_s8(kLogSoftmaxS8, {1, 12}, x, {1, 12}, block_of(log_params));
  ASSERT_EQ(z.size(), x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR((z[i] - 127) / 16.0, std::max(scale * x[i] - std::log(sum), -255 / 16.0), 1.1 / 16);
  }
}

TEST(Reference, QuantizeRoundsHalfAwayFromZeroAndSaturates) {
  const QuantizeParams params = {0.5F, 3, {}};
  const std::vector<float> x = {0.0F, 0.25F, -0.25F, 0.24F, 1e30F, -1e30F, std::nanf(""), 62.0F};
  EXPECT_EQ((run<float, int8_t>(kQuantizeF32S8, ElementType::kF32, {8}, x, ElementType::kI8, {8},
                                block_of(params))),
            (std::vector<int8_t>{3, 4, 2, 3, 127, -128, 3, 127}));
  EXPECT_EQ((run<int8_t, float>(kDequantizeS8F32, ElementType::kI8, {3}, std::vector<int8_t>{3, 4, -128},
                                ElementType::kF32, {3}, block_of(params))),
            (std::vector<float>{0.0F, 0.5F, -65.5F}));
}

TEST(Reference, TransposeReshapeAndPadMoveElements) {
  const std::vector<int8_t> x = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(run_s8(kTranspose, {2, 3}, x, {3, 2}, block_of(TransposeParams{{1, 0}, {}})),
            (std::vector<int8_t>{1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(run_s8(kTranspose, {2, 3}, x, {3, 2}, block_of(TransposeParams{{1, 1}, {}})).empty());
  EXPECT_EQ(run_s8(kReshape, {2, 3}, x, {6}, {}), x);
  EXPECT_TRUE(run_s8(kReshape, {2, 3}, x, {5}, {}).empty());
  EXPECT_EQ(run_s8(kPadS8, {2, 3}, x, {3, 4}, block_of(PadParams{{1, 0}, -7, 0})),
            (std::vector<int8_t>{-7, -7, -7, -7, 1, 2, 3, -7, 4, 5, 6, -7}));
  EXPECT_TRUE(run_s8(kPadS8, {2, 3}, x, {2, 3}, block_of(PadParams{{1, 0}, 0, 0})).empty());
}

TEST(Reference, MeanOverHeightAndWidth) {
  // Scale 1 to 1, three cells: multiplier 2^30 * 2 / 3, shift 1 - 1.
  const MeanS8Params params = {1, 3, 2, 0, 0, 715827882 * 2, 0, 0, {}};
  EXPECT_EQ(run_s8(kMeanS8, {1, 3, 1, 2}, {1, 10, 2, 20, 5, -33}, {1, 2}, block_of(params)),
            (std::vector<int8_t>{5, -2}));
}

TEST(Reference, VerifyRefusesABlockOfAnotherSize) {
  Random random(1);
  std::vector<uint8_t> block = test::random_conv_2d_s8(random, {1, 1, 1, 1, 1, 1, 0, 0}, 4, 4);
  const std::vector<int8_t> x(16);
  EXPECT_FALSE(run_s8(kConv2dS8, {1, 2, 2, 4}, x, {1, 2, 2, 4}, block).empty());
  EXPECT_TRUE(run_s8(kConv2dS8, {1, 2, 2, 4}, x, {1, 2, 2, 5}, block).empty());
  block.pop_back();
  EXPECT_TRUE(run_s8(kConv2dS8, {1, 2, 2, 4}, x, {1, 2, 2, 4}, block).empty());
}

TEST(Reference, VerifyRefusesAShiftOutOfRange) {
  Random random(1);
  std::vector<uint8_t> block = test::random_fully_connected_s8(random, 4, 4);
  const std::vector<int8_t> x(4);
  EXPECT_FALSE(run_s8(kFullyConnectedS8, {1, 4}, x, {1, 4}, block).empty());
  reinterpret_cast<ChannelScale*>(block.data() + sizeof(FullyConnectedS8Params))[3].shift = -32;
  EXPECT_TRUE(run_s8(kFullyConnectedS8, {1, 4}, x, {1, 4}, block).empty());
}

TEST(Reference, TableNamesAreUnique) {
  for (const Kernel* kernel : reference_kernels())
    EXPECT_EQ(find_kernel(reference_kernels(), kernel->name), kernel);
  EXPECT_EQ(find_kernel(reference_kernels(), "conv_2d"), nullptr);
}

}  // namespace
}  // namespace rune::kernels
