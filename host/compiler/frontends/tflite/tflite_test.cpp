// The .tflite front end on models built here: what it reads, and what it refuses with which words.
#include "host/compiler/frontends/tflite/tflite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/compiler/testing/model_builder.h"

namespace rune::compiler {
namespace {

using testing::ActivationFunctionType;
using testing::BuiltinOperator;
using ::testing::HasSubstr;
using testing::ModelBuilder;
using testing::Padding;

ByteVector convolution_model(int output_height = 3) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 5, 4, 2}, 0.5f, -3);
  const int weights =
      model.constant<int8_t>("w", {3, 3, 3, 2}, std::vector<int8_t>(54, 1), {0.1f, 0.2f, 0.3f});
  const int bias = model.constant<int32_t>("b", {3}, {1, 2, 3}, {0.05f, 0.1f, 0.15f});
  const int out = model.activation("out", {1, output_height, 2, 3}, 0.25f, 4);
  model.convolution({in, weights, bias}, out,
                    {.padding = Padding::SAME,
                     .stride_height = 2,
                     .stride_width = 2,
                     .activation = ActivationFunctionType::RELU6});
  return model.finish({in}, {out});
}

std::string refusal_of(const ByteVector& file) {
  Result<ir::Graph, Diagnostic> graph = import_tflite(file, "net.tflite");
  return graph.ok() ? "accepted" : graph.error().text();
}

TEST(TfliteImport, ReadsAConvolution) {
  Result<ir::Graph, Diagnostic> graph = import_tflite(convolution_model(), "net.tflite");
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  ASSERT_EQ(graph.value().nodes.size(), 1u);
  const ir::Node& node = graph.value().nodes[0];
  EXPECT_EQ(node.op, ir::Op::kConv2d);
  EXPECT_EQ(node.name, "out");
  EXPECT_EQ(node.activation, ir::Activation::kRelu6);
  EXPECT_EQ(node.window.stride_height, 2u);
  // SAME on 5x4 with 3x3 and stride 2: (3-1)*2+3-5 = 2 rows, (2-1)*2+3-4 = 1 column of padding.
  EXPECT_EQ(node.window.pad_top, 1u);
  EXPECT_EQ(node.window.pad_left, 0u);
  EXPECT_EQ(ir::multiply_accumulates(graph.value()), 3u * 2 * 3 * 18);
  EXPECT_EQ(graph.value().tensors[node.inputs[1]].quantization.scales.size(), 3u);
}

TEST(TfliteImport, RefusesAnOutputThatTheWindowDoesNotMake) {
  EXPECT_THAT(refusal_of(convolution_model(4)),
              HasSubstr("net.tflite: node 0 (out, CONV_2D): the window makes 3x2"));
}

TEST(TfliteImport, RefusesEveryTruncationAndForeignBytes) {
  const ByteVector whole = convolution_model();
  for (size_t size = 0; size < whole.size(); ++size) {
    const ByteVector part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    ASSERT_NE(refusal_of(part), "accepted") << size << " bytes";
  }
  EXPECT_THAT(refusal_of(ByteVector(64, 0)), HasSubstr("no .tflite file"));
}

TEST(TfliteImport, NamesUnsupportedOperators) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 4}, 0.5f);
  const int out = model.activation("out", {1, 4}, 0.5f);
  model.node(BuiltinOperator::CUSTOM, {in}, {out}, tflite::BuiltinOptions::NONE, 0, "vendor-op");
  EXPECT_THAT(refusal_of(model.finish({in}, {out})), HasSubstr("node 0 (out, custom:vendor-op)"));

  ModelBuilder gather;
  const int a = gather.activation("in", {1, 4}, 0.5f);
  const int b = gather.activation("out", {1, 4}, 0.5f);
  gather.node(BuiltinOperator::GATHER, {a, a}, {b});
  EXPECT_THAT(refusal_of(gather.finish({a}, {b})), HasSubstr("operator GATHER is not supported"));
}

TEST(TfliteImport, RefusesIndicesOutOfRange) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 4}, 0.5f);
  const int out = model.activation("out", {1, 4}, 0.5f);
  model.node(BuiltinOperator::RELU, {7}, {out});
  EXPECT_THAT(refusal_of(model.finish({in}, {out})), HasSubstr("node 0 names tensor 7 of 2"));
}

TEST(TfliteImport, RefusesNodesOutOfOrder) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 4}, 0.5f);
  const int middle = model.activation("middle", {1, 4}, 0.5f);
  const int out = model.activation("out", {1, 4}, 0.5f);
  model.node(BuiltinOperator::RELU, {middle}, {out});
  model.node(BuiltinOperator::RELU, {in}, {middle});
  EXPECT_THAT(refusal_of(model.finish({in}, {out})), HasSubstr("reads middle before it is computed"));
}

TEST(TfliteImport, RefusesShapesOfZeroAndHugeOnes) {
  for (const std::vector<int>& shape : {std::vector<int>{1, 0}, {1, -4}, {1 << 20, 1 << 20}}) {
    ModelBuilder model;
    const int in = model.activation("in", shape, 0.5f);
    const int out = model.activation("out", shape, 0.5f);
    model.node(BuiltinOperator::RELU, {in}, {out});
    EXPECT_THAT(refusal_of(model.finish({in}, {out})), HasSubstr("tensor in "));
  }
}

TEST(TfliteImport, FoldsHalfPrecisionWeights) {
  ModelBuilder model;
  const int in = model.activation("in", {1, 2}, 0);
  const int half = model.constant<uint16_t>("half", {1, 2}, {0x3C00, 0xC100});  // 1, -2.5
  const int weights = model.activation("weights", {1, 2}, 0);
  const int out = model.activation("out", {1, 1}, 0);
  model.node(BuiltinOperator::DEQUANTIZE, {half}, {weights});
  model.fully_connected({in, weights}, out);
  Result<ir::Graph, Diagnostic> graph = import_tflite(model.finish({in}, {out}), "net.tflite");
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  ASSERT_EQ(graph.value().nodes.size(), 1u);
  const ir::Tensor& folded = graph.value().tensors[graph.value().nodes[0].inputs[1]];
  EXPECT_THAT(std::vector<float>(folded.as<float>(), folded.as<float>() + 2),
              ::testing::ElementsAre(1.0f, -2.5f));
}

}  // namespace
}  // namespace rune::compiler
