// Each DSP kernel against the reference kernel of its operator, bit for bit: small shapes exhaustively, then
// larger ones at random. A failure prints the seed; RUNE_SEED in the environment reruns it.
#include "device/kernels/dsp/dsp.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "device/kernels/dsp/dsp_packing.h"
#include "device/kernels/reference/reference.h"
#include "device/kernels/test_blocks.h"

namespace rune::kernels {
namespace {

using test::Random;
using test::random_between;

struct alignas(16) Unit {
  uint8_t bytes[16];
};
using Block = std::vector<Unit>;

Block aligned(size_t size) { return Block(size / 16 + 1); }

uint32_t first_seed() {
  const char* text = std::getenv("RUNE_SEED");
  return text != nullptr ? static_cast<uint32_t>(std::strtoul(text, nullptr, 10)) : 1;
}

// An operator with its tensors: inputs and outputs whole, or the input a ring of all its rows and one more.
class Case {
 public:
  Case(const Kernel& reference, std::vector<uint32_t> input, std::vector<uint32_t> output,
       const std::vector<uint8_t>& block)
      : reference_(reference),
        params_(aligned(block.size())),
        params_bytes_(static_cast<uint32_t>(block.size())) {
    std::memcpy(params_.data(), block.data(), block.size());
    set_up(input_, input);
    set_up(output_, output);
  }

  // Runs both kernels on random input, in one call and in rows, and compares. False: no packer takes it.
  bool agrees(Random& random) {
    const std::vector<int8_t> x = test::random_bytes(random, input_.shape.elements());
    std::vector<int8_t> input(x);
    Plan plan;
    plan.inputs = {&input_, 1};
    plan.outputs = {&output_, 1};
    plan.params = {params_.data()->bytes, params_bytes_};
    EXPECT_EQ(reference_.verify(plan), Status::kOk);
    const std::vector<int8_t> expected = run(reference_, plan, input, 0);
    const Kernel* kernel = nullptr;
    Block packed;
    plan.params = pack(plan, packed, plan.scratch_bytes, kernel);
    if (kernel == nullptr) return false;
    EXPECT_EQ(kernel->verify(plan), Status::kOk) << kernel->name;
    EXPECT_EQ(run(*kernel, plan, input, 0), expected) << kernel->name;
    if (kernel->row_splittable) {
      EXPECT_EQ(run(*kernel, plan, input, 1), expected) << kernel->name << " by rows";
    }
    plan.scratch_bytes -= 1;
    EXPECT_EQ(kernel->verify(plan), Status::kInvalid) << "scratch too small";
    return true;
  }

 private:
  static void set_up(Tensor& tensor, const std::vector<uint32_t>& dims) {
    tensor.element = ElementType::kI8;
    tensor.shape.rank = static_cast<uint8_t>(dims.size());
    std::copy(dims.begin(), dims.end(), tensor.shape.dims.begin());
    tensor.ring_rows = tensor.rows();
    tensor.row_bytes = tensor.shape.elements() / tensor.rows();
  }

  Bytes pack(const Plan& plan, Block& block, uint32_t& scratch_bytes, const Kernel*& kernel) const {
    for (const DspPacker& packer : dsp_packers()) {
      if (std::strcmp(packer.reference, reference_.name) != 0) continue;
      const Result<DspPacked> size = packer.pack(plan, {});
      if (!size.ok()) continue;
      block = aligned(size.value().params_bytes);
      EXPECT_TRUE(packer.pack(plan, {block.data()->bytes, size.value().params_bytes}).ok());
      EXPECT_EQ(packer.pack(plan, {block.data()->bytes, size.value().params_bytes - 1}).status(),
                Status::kNoMemory);
      scratch_bytes = size.value().scratch_bytes;
      for (const Kernel* candidate : {&kConv2dS8Dsp, &kDepthwiseConv2dS8Dsp, &kFullyConnectedS8Dsp}) {
        if (std::strcmp(candidate->name, packer.name) == 0) kernel = candidate;
      }
      return {block.data()->bytes, size.value().params_bytes};
    }
    return {};
  }

  // step 0: all rows at once.
  std::vector<int8_t> run(const Kernel& kernel, const Plan& plan, std::vector<int8_t>& input,
                          uint32_t step) const {
    std::vector<int8_t> output(output_.shape.elements(), 99);
    Block scratch = aligned(plan.scratch_bytes);
    Tensor in = input_;
    Tensor out = output_;
    in.data = reinterpret_cast<uint8_t*>(input.data());
    out.data = reinterpret_cast<uint8_t*>(output.data());
    Call call;
    call.inputs = {&in, 1};
    call.outputs = {&out, 1};
    call.params = plan.params.data();
    call.scratch = scratch.data()->bytes;
    const uint32_t rows = out.rows();
    for (uint32_t row = 0; row < rows; row += step == 0 ? rows : step) {
      call.row_begin = row;
      call.row_end = step == 0 ? rows : std::min(row + step, rows);
      kernel.run(call);
    }
    return output;
  }

  const Kernel& reference_;
  Block params_;
  uint32_t params_bytes_;
  Tensor input_, output_;
};

// SAME-like padding of either parity, or none.
Window window_of(uint32_t kernel_h, uint32_t kernel_w, uint32_t stride, uint32_t dilation, uint32_t pad) {
  const auto narrow = [](uint32_t value) { return static_cast<uint16_t>(value); };
  return {narrow(kernel_h), narrow(kernel_w), narrow(stride), narrow(stride),
          narrow(dilation), narrow(dilation), narrow(pad),    narrow(pad)};
}
uint32_t output_size(uint32_t input, uint32_t kernel, const Window& window, uint32_t pad) {
  const uint32_t reach = (kernel - 1) * window.dilation_height + 1;
  return input + 2 * pad < reach ? 1 : (input + 2 * pad - reach) / window.stride_height + 1;
}

TEST(Conv2dS8Dsp, SmallShapesExhaustively) {
  Random random(first_seed());
  uint32_t taken = 0;
  uint32_t cases = 0;
  for (uint32_t size = 1; size <= 4; ++size) {
    for (uint32_t kernel = 1; kernel <= 3; ++kernel) {
      for (uint32_t pad = 0; pad < kernel; ++pad) {
        for (uint32_t stride = 1; stride <= 2; ++stride) {
          for (uint32_t inputs = 1; inputs <= 5; ++inputs) {
            for (uint32_t outputs = 1; outputs <= 5; outputs += 2) {
              const Window window = window_of(kernel, kernel, stride, 1, pad);
              const uint32_t out = output_size(size, kernel, window, pad);
              Case test(kConv2dS8, {1, size, size, inputs}, {1, out, out, outputs},
                        test::random_conv_2d_s8(random, window, inputs, outputs, 1, random() % 2 == 0));
              taken += test.agrees(random) ? 1 : 0;
              ++cases;
              ASSERT_FALSE(testing::Test::HasFailure())
                  << size << " kernel " << kernel << " pad " << pad << " stride " << stride << " " << inputs
                  << "->" << outputs << " seed " << first_seed();
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(taken, cases);
}

TEST(Conv2dS8Dsp, RandomShapes) {
  for (uint32_t seed = first_seed(); seed < first_seed() + 40; ++seed) {
    Random random(seed);
    const auto kernel_h = static_cast<uint32_t>(random_between(random, 1, 5));
    const auto kernel_w = static_cast<uint32_t>(random_between(random, 1, 5));
    const auto pad = static_cast<uint32_t>(
        random_between(random, 0, static_cast<int32_t>(std::min(kernel_h, kernel_w)) - 1));
    const Window window = window_of(kernel_h, kernel_w, static_cast<uint32_t>(random_between(random, 1, 3)),
                                    static_cast<uint32_t>(random_between(random, 1, 2)), pad);
    const auto height = static_cast<uint32_t>(random_between(random, 3, 12));
    const auto width = static_cast<uint32_t>(random_between(random, 3, 12));
    const auto inputs = static_cast<uint32_t>(random_between(random, 1, 40));
    const auto outputs = static_cast<uint32_t>(random_between(random, 1, 40));
    Case test(
        kConv2dS8, {1, height, width, inputs},
        {1, output_size(height, kernel_h, window, pad), output_size(width, kernel_w, window, pad), outputs},
        test::random_conv_2d_s8(random, window, inputs, outputs, 1, random() % 2 == 0));
    test.agrees(random);
    ASSERT_FALSE(testing::Test::HasFailure()) << "RUNE_SEED=" << seed;
  }
}

TEST(Conv2dS8Dsp, SingleRounding) {
  Random random(first_seed());
  const Window window = window_of(1, 1, 1, 1, 0);
  std::vector<uint8_t> block = test::random_conv_2d_s8(random, window, 16, 24);
  reinterpret_cast<Conv2dS8Params*>(block.data())->stage.rounding = 1;
  Case test(kConv2dS8, {1, 20, 20, 16}, {1, 20, 20, 24}, block);
  EXPECT_TRUE(test.agrees(random));
}

// Trained networks have channels that are dead (no weights, any bias and factor) and channels of a tiny
// factor under a huge bias: the packer finds another form for them and proves it.
TEST(Conv2dS8Dsp, DeadChannelsAndHugeBiases) {
  const Window window = window_of(1, 1, 1, 1, 0);
  for (uint32_t seed = first_seed(); seed < first_seed() + 10; ++seed) {
    Random random(seed);
    std::vector<uint8_t> block = test::random_conv_2d_s8(random, window, 24, 12, 1, true);
    const Conv2dLayout layout = conv_2d_s8_layout(window, 12, 24);
    auto* channels = reinterpret_cast<ChannelScale*>(block.data() + layout.channels);
    for (uint32_t c = 0; c < 4; ++c) {
      std::memset(block.data() + layout.weights + 24 * c, 0, 24);
      channels[c].bias = random_between(random, -(1 << 29), 1 << 29);
      channels[c].shift = -random_between(random, 20, 29);
    }
    for (uint32_t c = 4; c < 8; ++c) {
      channels[c].bias = random_between(random, 1 << 20, 1 << 24);
      channels[c].shift = -random_between(random, 14, 18);
    }
    Case test(kConv2dS8, {1, 9, 9, 24}, {1, 9, 9, 12}, block);
    EXPECT_TRUE(test.agrees(random));
    ASSERT_FALSE(testing::Test::HasFailure()) << "RUNE_SEED=" << seed;
  }
}

TEST(Conv2dS8Dsp, RefusesSumsThatDoNotFit) {
  Random random(first_seed());
  const Window window = window_of(1, 1, 1, 1, 0);
  std::vector<uint8_t> block = test::random_conv_2d_s8(random, window, 512, 4);
  std::memset(block.data() + conv_2d_s8_layout(window, 4, 512).weights, 127, 512 * 4);
  Case test(kConv2dS8, {1, 1, 1, 512}, {1, 1, 1, 4}, block);
  EXPECT_FALSE(test.agrees(random));
}

TEST(DepthwiseConv2dS8Dsp, SmallShapesExhaustively) {
  Random random(first_seed());
  for (uint32_t size = 1; size <= 9; ++size) {
    for (uint32_t pad = 0; pad <= 1; ++pad) {
      for (uint32_t stride = 1; stride <= 2; ++stride) {
        for (uint32_t channels = 4; channels <= 9; ++channels) {
          const Window window = window_of(3, 3, stride, 1, pad);
          const uint32_t out = output_size(size, 3, window, pad);
          Case test(kDepthwiseConv2dS8, {1, size, size, channels}, {1, out, out, channels},
                    test::random_depthwise_conv_2d_s8(random, window, channels, 1, random() % 2 == 0));
          EXPECT_TRUE(test.agrees(random));
          ASSERT_FALSE(testing::Test::HasFailure()) << size << " pad " << pad << " stride " << stride
                                                    << " channels " << channels << " seed " << first_seed();
        }
      }
    }
  }
}

TEST(DepthwiseConv2dS8Dsp, BandsOfLargeImages) {
  for (uint32_t seed = first_seed(); seed < first_seed() + 6; ++seed) {
    Random random(seed);
    const Window window = window_of(3, 3, 1 + seed % 2, 1, seed % 3 == 0 ? 0 : 1);
    const auto height = static_cast<uint32_t>(random_between(random, 30, 60));
    const auto width = static_cast<uint32_t>(random_between(random, 30, 60));
    const uint32_t pad = window.pad_top;
    Case test(kDepthwiseConv2dS8, {1, height, width, 8},
              {1, output_size(height, 3, window, pad), output_size(width, 3, window, pad), 8},
              test::random_depthwise_conv_2d_s8(random, window, 8, 1, true));
    EXPECT_TRUE(test.agrees(random));
    ASSERT_FALSE(testing::Test::HasFailure()) << "RUNE_SEED=" << seed;
  }
}

TEST(DepthwiseConv2dS8Dsp, OneChannelSpreadIsAConvolution) {
  Random random(first_seed());
  const Window window = window_of(10, 8, 2, 1, 4);
  Case test(kDepthwiseConv2dS8, {1, 24, 20, 1}, {1, 12, 10, 8},
            test::random_depthwise_conv_2d_s8(random, window, 1, 8, true));
  EXPECT_TRUE(test.agrees(random));
}

TEST(FullyConnectedS8Dsp, AllSmallAndRandomSizes) {
  Random random(first_seed());
  for (uint32_t depth = 1; depth <= 9; ++depth) {
    for (uint32_t units = 1; units <= 9; ++units) {
      Case test(kFullyConnectedS8, {2, depth}, {2, units},
                test::random_fully_connected_s8(random, depth, units, random() % 2 == 0));
      EXPECT_TRUE(test.agrees(random));
    }
  }
  for (uint32_t seed = first_seed(); seed < first_seed() + 20; ++seed) {
    Random more(seed);
    const auto depth = static_cast<uint32_t>(random_between(more, 10, 300));
    const auto units = static_cast<uint32_t>(random_between(more, 1, 60));
    Case test(kFullyConnectedS8, {1, depth}, {1, units},
              test::random_fully_connected_s8(more, depth, units, more() % 2 == 0));
    test.agrees(more);
    ASSERT_FALSE(testing::Test::HasFailure()) << "RUNE_SEED=" << seed;
  }
}

}  // namespace
}  // namespace rune::kernels
