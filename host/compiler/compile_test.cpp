// From a .tflite file built here to values: compiled, loaded by the executor, run by the reference kernels,
// and compared with results worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/executor/executor.h"
#include "device/kernels/kernel_table.h"
#include "host/compiler/compiler.h"
#include "host/compiler/testing/model_builder.h"

namespace rune::compiler {
namespace {

using testing::ActivationFunctionType;
using testing::BuiltinOperator;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ModelBuilder;

template <typename T>
std::vector<T> run(const ByteVector& file, const std::vector<T>& input, size_t outputs) {
  Result<CompiledModel, Diagnostic> model = compile_model(file, "net.tflite", {});
  EXPECT_TRUE(model.ok()) << model.error().text();
  if (!model.ok()) return {};
  Result<format::ModelImage> image = format::ModelImage::open(model.value().image);
  EXPECT_TRUE(image.ok()) << status_name(image.status());
  if (!image.ok()) return {};
  alignas(16) static uint8_t arena[4096], state[1024];
  executor::Executor executor;
  EXPECT_EQ(executor.load(image.value(), kernels::reference_kernels(), state, arena), Status::kOk);
  std::vector<T> result(outputs);
  const Bytes in(reinterpret_cast<const uint8_t*>(input.data()), input.size() * sizeof(T));
  const MutableBytes out(reinterpret_cast<uint8_t*>(result.data()), outputs * sizeof(T));
  EXPECT_EQ(executor.run({&in, 1}, {&out, 1}), Status::kOk);
  return result;
}

// y = relu(2x + 1) and -x - 1, all scales 1.
ByteVector dense_int8() {
  ModelBuilder model;
  const int in = model.activation("in", {1, 1}, 1.0f, 10);
  const int weights = model.constant<int8_t>("w", {2, 1}, {2, -1}, {1.0f});
  const int bias = model.constant<int32_t>("b", {2}, {1, -1}, {1.0f});
  const int out = model.activation("out", {1, 2}, 1.0f, -5);
  model.fully_connected({in, weights, bias}, out, ActivationFunctionType::RELU);
  return model.finish({in}, {out});
}

TEST(Compile, RunsAnInt8DenseLayer) {
  // x = 13 - 10 = 3: 7 and -4, clamped to 0; stored with zero point -5.
  EXPECT_THAT(run<int8_t>(dense_int8(), {13}, 2), ElementsAre(2, -5));
  // x = -6: -11, clamped to 0, and 5.
  EXPECT_THAT(run<int8_t>(dense_int8(), {4}, 2), ElementsAre(-5, 0));
}

TEST(Compile, RunsAFloatChainWithAnAliasedReshape) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 2, 2, 1}, 0);
  const int pooled = model.activation("pooled", {1, 1, 1, 1}, 0);
  model.pool(BuiltinOperator::MAX_POOL_2D, in, pooled,
             {.stride_height = 2, .stride_width = 2, .filter_height = 2, .filter_width = 2});
  const int flat = model.activation("flat", {1, 1}, 0);
  model.node(BuiltinOperator::RESHAPE, {pooled}, {flat});
  const int weights = model.constant<float>("w", {1, 1}, {0.5f});
  const int out = model.activation("out", {1, 1}, 0);
  model.fully_connected({flat, weights}, out);
  EXPECT_THAT(run<float>(model.finish({in}, {out}), {1, 7, -3, 2}, 1), ElementsAre(3.5f));
}

TEST(Compile, RunsHybridWeightsWithTheirChannelScales) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 1, 1, 2}, 0);
  const int weights = model.constant<int8_t>("w", {2, 1, 1, 2}, {1, 2, 3, 4}, {0.5f, 0.25f});
  const int out = model.activation("out", {1, 1, 1, 2}, 0);
  model.convolution({in, weights}, out, {});
  EXPECT_THAT(run<float>(model.finish({in}, {out}), {2, 10}, 2), ElementsAre(11.0f, 11.5f));
}

TEST(Compile, GivesTheSameBytesAgainAndAnImageThatCanBeInspected) {
  const ByteVector file = dense_int8();
  Result<CompiledModel, Diagnostic> first = compile_model(file, "net.tflite", {});
  Result<CompiledModel, Diagnostic> second = compile_model(file, "net.tflite", {});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first.value().image, second.value().image);
  Result<ModelSummary, Diagnostic> summary = inspect_model(first.value().image, "net.rim");
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(summary.value().format, "image");
  EXPECT_EQ(summary.value().inputs[0].name, "in");
  EXPECT_EQ(summary.value().operators[0].name, "fully_connected_s8");
}

TEST(Compile, NamesTheTargetsThatThereAre) {
  CompileOptions toaster;
  toaster.target = "toaster";
  Result<CompiledModel, Diagnostic> model = compile_model(dense_int8(), "net.tflite", toaster);
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().text(), HasSubstr("mps2-an386"));
}

}  // namespace
}  // namespace rune::compiler
