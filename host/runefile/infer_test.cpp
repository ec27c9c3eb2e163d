// Types that flow both ways, conversions, and the order of stages.
#include "host/runefile/stage_internal.h"
#include "host/runefile/test_support.h"

namespace rune::runefile {
namespace {

const std::string kHead = "FROM runicos/base\n";

TEST(Infer, AFloatInputOfAQuantisedModelIsQuantised) {
  const Pipeline pipeline = pipeline_of(
      kHead + "CAPABILITY RAND r\nPROC_BLOCK normalize n\nMODEL speech.tflite m\nRUN r n m\nOUT serial\n");
  EXPECT_EQ(type_of(pipeline, "n"), "f32[1, 1960]");
  EXPECT_EQ(type_of(pipeline, "quantize"), "i8[1, 1960] scale 0.1 zero -128");
  ASSERT_EQ(pipeline.stages.size(), 5u);
  EXPECT_EQ(pipeline.stages[2].name, "quantize");
  EXPECT_EQ(pipeline.stages[3].inputs[0], (Edge{2, 0}));
  EXPECT_EQ(pipeline.stages[4].inputs[0], (Edge{3, 0}));
}

TEST(Infer, AQuantisedOutputIsMadeRealForABlock) {
  const Pipeline pipeline = pipeline_of(
      kHead + "CAPABILITY RAW r\nMODEL speech.tflite m\nPROC_BLOCK normalize n\nRUN r m n\nOUT serial\n");
  EXPECT_EQ(type_of(pipeline, "r"), "i8[1, 1960] scale 0.1 zero -128");
  EXPECT_EQ(type_of(pipeline, "dequantize"), "f32[1, 4]");
  EXPECT_EQ(type_of(pipeline, "n"), "f32[1, 4]");
}

TEST(Infer, TwoConversionsHaveTwoNames) {
  const Pipeline pipeline = pipeline_of(
      kHead +
      "CAPABILITY RAND r\nPROC_BLOCK normalize quantize\nMODEL speech.tflite a\nMODEL speech.tflite b\n"
      "RUN r quantize a\nRUN quantize b\nOUT serial\n");
  EXPECT_EQ(type_of(pipeline, "quantize-1").substr(0, 2), "i8");
  EXPECT_EQ(type_of(pipeline, "quantize-2").substr(0, 2), "i8");
  EXPECT_EQ(stage_named(pipeline, "serial").inputs.size(), 2u);
}

TEST(Infer, StagesRunInTheOrderOfTheirData) {
  const Pipeline pipeline =
      pipeline_of(kHead +
                  "OUT serial\nMODEL sine.tflite second\nMODEL sine.tflite first\nCAPABILITY RAND r\n"
                  "RUN r first second\n");
  std::string order;
  for (const Stage& each : pipeline.stages) order += each.name + " ";
  EXPECT_EQ(order, "r first second serial ");
}

TEST(Infer, ConsumersThatDisagreeAreNamed) {
  EXPECT_EQ(
      errors_of(
          kHead +
          "CAPABILITY RAW r\nMODEL sine.tflite a\nMODEL gesture.tflite b\nRUN r a\nRUN r b\nOUT serial\n"),
      "Runefile:6: shape mismatch: r gives f32[1, 1], b takes f32[1, 128, 3, 1]; try leaving out its "
      "shape\n");
}

TEST(Infer, DeclaredTypesOfBlocksCount) {
  const std::string tail = "RUN a fft\nOUT serial\n";
  EXPECT_EQ(
      type_of(pipeline_of(kHead + "CAPABILITY SOUND a\nPROC_BLOCK<_, f32[1, 40]> fft runicos/fft\n" + tail),
              "fft"),
      "f32[1, 40]");
  EXPECT_EQ(type_of(pipeline_of(kHead + "CAPABILITY SOUND a\nPROC_BLOCK fft fft\n" + tail), "fft"),
            "u32[1, 1960]");
  EXPECT_EQ(errors_of(kHead + "CAPABILITY SOUND a\nPROC_BLOCK<_, f64> fft runicos/fft\n" + tail),
            "Runefile:3: the output of fft is u32[1, 1960], not f64; try u32[1, 1960]\n");
}

TEST(Infer, ShapesMayDifferInOnesOnly) {
  EXPECT_TRUE(same_but_ones({1, 128, 3}, {128, 3, 1}));
  EXPECT_TRUE(same_but_ones({}, {1, 1}));
  EXPECT_FALSE(same_but_ones({3, 128}, {128, 3}));
}

}  // namespace
}  // namespace rune::runefile
