// Row pipelines over rings against the same network layer by layer, and what load() must refuse.
#include "device/executor/executor.h"

#include <gtest/gtest.h>

#include "device/executor/test_image.h"
#include "device/kernels/add_params.h"
#include "device/kernels/kernel_table.h"
#include "device/kernels/test_blocks.h"

namespace rune::executor {
namespace {

using format::GroupKind;
using test::AlignedBytes;
using test::Random;
using test::TestImage;

constexpr uint32_t kHeight = 13;
constexpr uint32_t kWidth = 9;
constexpr kernels::Window kSame3 = {3, 3, 1, 1, 1, 1, 1, 1};
constexpr kernels::Window kStride2 = {3, 3, 2, 2, 1, 1, 1, 1};
constexpr kernels::Window kPointwise = {1, 1, 1, 1, 1, 1, 0, 0};

std::vector<uint8_t> add_block() {
  kernels::AddS8Params params{};
  params.first_multiplier = params.second_multiplier = params.output_multiplier = 1 << 30;
  params.first_shift = params.second_shift = 0;
  params.output_shift = -19;
  params.left_shift = 20;
  params.activation_min = -128;
  params.activation_max = 127;
  std::vector<uint8_t> block(sizeof(params));
  std::memcpy(block.data(), &params, sizeof(params));
  return block;
}

// conv 3x3, conv 1x1, depthwise 3x3, add of the second and third, conv 3x3 stride 2; a group over
// all of it, or each operator whole.
TestImage residual_network(GroupKind kind, uint8_t rows_per_step) {
  const bool rows = kind != GroupKind::kWhole;
  Random random(7);
  TestImage image;
  const uint16_t input = image.tensor(ElementType::kI8, {1, kHeight, kWidth, 3});
  const uint16_t first = image.tensor(ElementType::kI8, {1, kHeight, kWidth, 8}, rows ? 1 : 0);
  const uint16_t second = image.tensor(ElementType::kI8, {1, kHeight, kWidth, 5}, rows ? 4 : 0);
  const uint16_t third = image.tensor(ElementType::kI8, {1, kHeight, kWidth, 5}, rows ? 1 : 0);
  const uint16_t sum =
      image.tensor(ElementType::kI8, {1, kHeight, kWidth, 5}, rows ? 3 + 2 * (rows_per_step - 1) : 0);
  const uint16_t output = image.tensor(ElementType::kI8, {1, 7, 5, 6});
  image.op("conv_2d_s8", {input}, {first}, test::random_conv_2d_s8(random, kSame3, 3, 8));
  image.op("conv_2d_s8", {first}, {second}, test::random_conv_2d_s8(random, kPointwise, 8, 5));
  image.op("depthwise_conv_2d_s8", {second}, {third},
           test::random_depthwise_conv_2d_s8(random, kSame3, 5, 1));
  image.op("add_s8", {second, third}, {sum}, add_block());
  image.op("conv_2d_s8", {sum}, {output}, test::random_conv_2d_s8(random, kStride2, 5, 6));
  image.group(kind, 5, rows_per_step);
  return image;
}

struct Loaded {
  explicit Loaded(AlignedBytes image_bytes)
      : bytes(std::move(image_bytes)), image(format::ModelImage::open(bytes.view())) {
    if (!image.ok()) {
      status = image.status();
      return;
    }
    state = AlignedBytes(Executor::state_bytes(image.value()));
    arena = AlignedBytes(image.value().header().arena_bytes);
    status = executor.load(image.value(), kernels::reference_kernels(), state.span(), arena.span());
  }

  AlignedBytes bytes;
  Result<format::ModelImage> image;
  AlignedBytes state, arena;
  Executor executor;
  Status status = Status::kInternal;
};

std::vector<uint8_t> run_network(const TestImage& network, uint32_t seed) {
  Loaded loaded(network.build({0}, {5}));
  EXPECT_EQ(loaded.status, Status::kOk) << "operator " << loaded.executor.failed_operator();
  Random random(seed);
  const std::vector<int8_t> input = test::random_bytes(random, kHeight * kWidth * 3);
  std::vector<uint8_t> output(7 * 5 * 6);
  const Bytes inputs[] = {{reinterpret_cast<const uint8_t*>(input.data()), input.size()}};
  const MutableBytes outputs[] = {output};
  EXPECT_EQ(loaded.executor.run(inputs, outputs), Status::kOk);
  return output;
}

TEST(Executor, RingPipelineEqualsLayerByLayer) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const std::vector<uint8_t> whole = run_network(residual_network(GroupKind::kWhole, 1), seed);
    // Not all the same value, or the comparison would say nothing.
    EXPECT_NE(std::count(whole.begin(), whole.end(), whole[0]), static_cast<long>(whole.size()));
    for (uint8_t step = 1; step <= 3; ++step) {
      EXPECT_EQ(run_network(residual_network(GroupKind::kRowsAscending, step), seed), whole)
          << "step " << int{step};
      EXPECT_EQ(run_network(residual_network(GroupKind::kRowsDescending, step), seed), whole)
          << "step " << int{step};
    }
  }
}

TEST(Executor, RingsSaveArena) {
  EXPECT_LT(residual_network(GroupKind::kRowsAscending, 1).arena_bytes,
            residual_network(GroupKind::kWhole, 1).arena_bytes / 2);
}

TEST(Executor, RefusesARingTooSmallForTheWindow) {
  TestImage network = residual_network(GroupKind::kRowsAscending, 1);
  network.tensors[4].ring_rows = 2;  // the last convolution reads three rows
  Loaded loaded(network.build({0}, {5}));
  EXPECT_EQ(loaded.status, Status::kInvalid);
  EXPECT_EQ(loaded.executor.failed_operator(), 4);
}

TEST(Executor, RefusesARingOutsideARowGroup) {
  TestImage network = residual_network(GroupKind::kRowsAscending, 1);
  network.groups.clear();
  network.group(GroupKind::kWhole, 5);
  EXPECT_EQ(Loaded(network.build({0}, {5})).status, Status::kInvalid);
  // A ring does not outlive its group either.
  network.groups.clear();
  network.group(GroupKind::kRowsAscending, 3);
  network.group(GroupKind::kRowsAscending, 2);
  EXPECT_EQ(Loaded(network.build({0}, {5})).status, Status::kInvalid);
}

TEST(Executor, NamesAMissingKernel) {
  Random random(1);
  TestImage network;
  const uint16_t input = network.tensor(ElementType::kI8, {1, 4, 4, 2});
  const uint16_t output = network.tensor(ElementType::kI8, {1, 4, 4, 2});
  network.op("conv_3d_s8", {input}, {output}, test::random_conv_2d_s8(random, kPointwise, 2, 2));
  network.group(GroupKind::kWhole, 1);
  Loaded loaded(network.build({0}, {1}));
  EXPECT_EQ(loaded.status, Status::kUnsupported);
  EXPECT_EQ(loaded.executor.missing_kernel(), "conv_3d_s8");
}

TEST(Executor, RefusesBuffersOfAnotherSize) {
  Loaded loaded(residual_network(GroupKind::kWhole, 1).build({0}, {5}));
  std::vector<uint8_t> input(kHeight * kWidth * 3);
  std::vector<uint8_t> output(7 * 5 * 6 + 1);
  const Bytes inputs[] = {input};
  const MutableBytes outputs[] = {output};
  EXPECT_EQ(loaded.executor.run(inputs, outputs), Status::kMismatch);
  EXPECT_EQ(loaded.executor.run({}, outputs), Status::kMismatch);
  EXPECT_EQ(Executor().run(inputs, outputs), Status::kBadState);
}

TEST(Executor, RefusesTooLittleMemory) {
  const AlignedBytes bytes = residual_network(GroupKind::kRowsAscending, 1).build({0}, {5});
  const format::ModelImage image = format::ModelImage::open(bytes.view()).value();
  const uint32_t state_bytes = Executor::state_bytes(image);
  AlignedBytes state(state_bytes);
  AlignedBytes arena(image.header().arena_bytes);
  Executor executor;
  const kernels::KernelTable table = kernels::reference_kernels();
  EXPECT_EQ(executor.load(image, table, state.span().first(state_bytes - 1), arena.span()),
            Status::kNoMemory);
  EXPECT_EQ(executor.load(image, table, state.span(), arena.span().first(image.header().arena_bytes - 1)),
            Status::kNoMemory);
  EXPECT_EQ(executor.load(image, table, state.span(), arena.span().subspan(4)), Status::kInvalidArgument);
  EXPECT_EQ(executor.load(image, table, state.span(), arena.span()), Status::kOk);
}

TEST(Executor, ObserverSeesEachOperator) {
  struct Counts {
    int before[5] = {};
    int after[5] = {};
  } counts;
  const Observer observer = {
      [](void* context, uint16_t index) { ++static_cast<Counts*>(context)->before[index]; },
      [](void* context, uint16_t index) { ++static_cast<Counts*>(context)->after[index]; }, &counts};
  Loaded loaded(residual_network(GroupKind::kRowsAscending, 1).build({0}, {5}));
  std::vector<uint8_t> input(kHeight * kWidth * 3);
  std::vector<uint8_t> output(7 * 5 * 6);
  const Bytes inputs[] = {input};
  const MutableBytes outputs[] = {output};
  EXPECT_EQ(loaded.executor.run(inputs, outputs, &observer), Status::kOk);
  const int rows[] = {13, 13, 13, 13, 7};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(counts.before[i], rows[i]);
    EXPECT_EQ(counts.after[i], rows[i]);
  }
}

}  // namespace
}  // namespace rune::executor
