// Whole Runefiles: what they become, and what is said about those that are wrong.
#include <nlohmann/json.hpp>

#include "host/runefile/graph.h"
#include "host/runefile/test_support.h"

namespace rune::runefile {
namespace {

constexpr const char* kPaperExample = R"(FROM runicos/base
CAPABILITY AUDIO audio --hz 16000 --samples 150 --sample-size 1500
PROC_BLOCK runicos/fft fft
MODEL ./example.tflite model --input [150,1] --output 1
RUN audio fft model
OUT serial
)";

constexpr const char* kSine = R"(FROM runicos/base
CAPABILITY RAND rand
PROC_BLOCK runicos/modulo mod360 --modulo 360
MODEL ./sine.tflite sine --input [1,1] --output [1,1]
RUN rand mod360 sine
OUT serial
)";

TEST(Check, ThePapersExampleWorksAsItStands) {
  const Pipeline pipeline = pipeline_of(kPaperExample);
  ASSERT_EQ(pipeline.stages.size(), 4u);
  EXPECT_EQ(type_of(pipeline, "audio"), "i16[1, 1500]");
  EXPECT_EQ(type_of(pipeline, "fft"), "f32[150, 1]");
  EXPECT_EQ(type_of(pipeline, "model"), "f32[1]");
  const auto& audio = std::get<CapabilityStage>(stage_named(pipeline, "audio").what);
  EXPECT_EQ(audio.kind, CapabilityKind::kSound);
  const std::vector<std::pair<std::string, int32_t>> expected = {{"hz", 16000}, {"samples", 150}};
  EXPECT_EQ(audio.arguments, expected);
  EXPECT_EQ(stage_named(pipeline, "serial").inputs[0].stage, 2u);
}

TEST(Check, ShapesFlowBackwardsThroughBlocks) {
  const Pipeline pipeline = pipeline_of(kSine);
  EXPECT_EQ(type_of(pipeline, "rand"), "f32[1, 1]");
  EXPECT_EQ(type_of(pipeline, "mod360"), "f32[1, 1]");
  const auto& block = std::get<BlockStage>(stage_named(pipeline, "mod360").what);
  EXPECT_EQ(std::get<float>(block.arguments[0]), 360.0F);
}

TEST(Check, AnAccelerometerTakesTheShapeOfItsConsumer) {
  const std::string head =
      "FROM runicos/base\nMODEL gesture.tflite model\nPROC_BLOCK runicos/normalize normalize\n";
  const std::string tail = "RUN accel normalize model\nOUT serial\n";
  EXPECT_EQ(type_of(pipeline_of(head + "CAPABILITY ACCEL accel\n" + tail), "accel"), "f32[1, 128, 3, 1]");
  EXPECT_EQ(type_of(pipeline_of(head + "CAPABILITY accelerometer accel -n 128\n" + tail), "accel"),
            "f32[1, 128, 3]");
  EXPECT_EQ(errors_of(head + "CAPABILITY ACCEL accel -n 100\n" + tail),
            "Runefile:5: shape mismatch: normalize gives f32[1, 100, 3], model takes f32[1, 128, 3, 1]; "
            "try another shape of normalize, or a block between them\n");
}

TEST(Check, SoundToAQuantisedModel) {
  const Pipeline pipeline = pipeline_of(R"(FROM runicos/base
CAPABILITY SOUND audio --hz 16000 --sample-duration-ms 1000
PROC_BLOCK runicos/fft fft
MODEL speech.tflite model
PROC_BLOCK runicos/most-confident-indices best --count 1
PROC_BLOCK runicos/label label --labels=silence,unknown,yes,no
RUN audio fft model best label
RUN best.1
OUT serial
)");
  EXPECT_EQ(type_of(pipeline, "audio"), "i16[1, 16000]");
  EXPECT_EQ(type_of(pipeline, "fft"), "i8[1, 1960] scale 0.1 zero -128");
  EXPECT_EQ(type_of(pipeline, "best", 1), "f32[1]");
  EXPECT_EQ(type_of(pipeline, "label"), "utf8[1]");
  const Stage& serial = stage_named(pipeline, "serial");
  ASSERT_EQ(serial.inputs.size(), 2u);
  EXPECT_EQ(pipeline.stages[serial.inputs[0].stage].name, "label");
  EXPECT_EQ(pipeline.stages[serial.inputs[1].stage].name, "best");
  EXPECT_EQ(serial.inputs[1].output, 1u);
  const auto& label = std::get<BlockStage>(stage_named(pipeline, "label").what);
  EXPECT_EQ(std::get<std::vector<std::string>>(label.arguments[0]).size(), 4u);
}

TEST(Check, AnImageIsQuantisedForAnInt8Model) {
  const Pipeline pipeline = pipeline_of(
      "FROM runicos/base\nCAPABILITY IMAGE image --pixel-format GrayScale\n"
      "MODEL person.tflite model\nRUN image model\nOUT serial\n");
  EXPECT_EQ(type_of(pipeline, "image"), "u8[1, 96, 96, 1] scale 0.0078 zero 127");
  EXPECT_EQ(type_of(pipeline, "quantize"), "i8[1, 96, 96, 1] scale 0.0078 zero -1");
  const auto& image = std::get<CapabilityStage>(stage_named(pipeline, "image").what);
  const std::vector<std::pair<std::string, int32_t>> expected = {
      {"pixel_format", 2}, {"width", 96}, {"height", 96}};
  EXPECT_EQ(image.arguments, expected);
  EXPECT_EQ(stage_named(pipeline, "model").inputs[0].stage, 1u);
}

TEST(Check, SeveralInputsAndOutputs) {
  const Pipeline pipeline = pipeline_of(
      "FROM runicos/base\nCAPABILITY RAW a\nCAPABILITY RAW b --source 1\n"
      "MODEL two.tflite m\nRUN a m\nRUN b m\nRUN m.1\nOUT tensor\nOUT serial\n");
  EXPECT_EQ(type_of(pipeline, "a"), "f32[1, 2]");
  EXPECT_EQ(type_of(pipeline, "b"), "f32[1, 3]");
  EXPECT_EQ(stage_named(pipeline, "serial").inputs.size(), 2u);
  EXPECT_EQ(stage_named(pipeline, "tensor").inputs.size(), 2u);
}

TEST(Check, TypedDialectAndItsWordOrder) {
  const Pipeline pipeline = pipeline_of(R"(FROM runicos/base AS base
# name first, types in angle brackets, the sink listed
CAPABILITY<I16[16000]> audio SOUND --hz 16000 \
    --sample-duration-ms 1000
proc_block<_,I8[1, 1960]> fft runicos/fft
Model<I8[1,1960], I8[1,4]> model ./speech.tflite
OUT SERIAL
RUN audio fft model serial
)");
  EXPECT_EQ(type_of(pipeline, "audio"), "i16[16000]");
  EXPECT_EQ(stage_named(pipeline, "serial").inputs.size(), 1u);
}

TEST(Check, YamlVersionOne) {
  const Pipeline pipeline = pipeline_of(R"(version: 1
image: runicos/base
pipeline:
  audio:
    capability: SOUND
    outputs: [{type: I16, dimensions: [1, 16000]}]
    args: {hz: 16000, sample_duration_ms: 1000}
  fft:
    proc-block: "hotg-ai/rune@v0.5#proc_blocks/fft"
    inputs: [audio]
    outputs: [{type: I8, dimensions: [1, 1960]}]
  model:
    model: ./speech.tflite
    inputs: [fft]
  best: {proc-block: runicos/most_confident_indices, inputs: [model], args: {count: 1}}
  label:
    proc-block: runicos/label
    inputs: [best.0]
    args: {wordlist: $LABELS}
  output: {out: SERIAL, inputs: [label]}
resources:
  LABELS: {type: string, inline: "silence\nunknown\nyes\nno\n"}
)");
  EXPECT_EQ(type_of(pipeline, "fft"), "i8[1, 1960] scale 0.1 zero -128");
  const auto& label = std::get<BlockStage>(stage_named(pipeline, "label").what);
  const std::vector<std::string> words = {"silence", "unknown", "yes", "no"};
  EXPECT_EQ(std::get<std::vector<std::string>>(label.arguments[0]), words);
  EXPECT_TRUE(pipeline.resources.empty());
}

TEST(Check, EveryTypoIsNamedWithItsLineAndTheNearestWord) {
  const std::string text = errors_of(R"(FROM runicos/base
CAPABILTY AUDIO audio --hz 16000
CAPABILITY ADUIO sound
PROC_BLOCK runicos/ftt fft
PROC_BLOCK runicos/modulo mod --modlus 360
MODEL ./sine.tflite model --inptu [1,1]
OUT seriel
)");
  EXPECT_EQ(text,
            "Runefile:2: unknown instruction \"CAPABILTY\"; try CAPABILITY\n"
            "Runefile:3: unknown capability \"ADUIO\"; try AUDIO\n"
            "Runefile:4: unknown block \"runicos/ftt\"; try runicos/fft\n"
            "Runefile:5: unknown argument of modulo \"modlus\"; try modulus\n"
            "Runefile:5: mod needs --modulus; try --modulus VALUE\n"
            "Runefile:6: unknown argument of MODEL \"inptu\"; try input\n"
            "Runefile:7: unknown output \"seriel\"; try serial\n");
}

TEST(Check, NamesThatDoNotExist) {
  EXPECT_EQ(
      errors_of(
          "FROM runicos/base\nCAPABILITY RAND rand\nMODEL sine.tflite sine\nRUN rnad sine\nOUT serial\n"),
      "Runefile:4: unknown stage \"rnad\"; try rand\n");
  EXPECT_EQ(
      errors_of(
          "FROM runicos/base\nCAPABILITY RAND rand\nMODEL sine.tflite sine\nRUN rand sine.1\nOUT serial\n"),
      "Runefile:4: sine has 1 output, no number 1; try sine\n");
  EXPECT_EQ(errors_of("FROM runicos/bse\nCAPABILITY RAND rand\nRUN rand\nOUT serial\n"),
            "Runefile:1: no base \"runicos/bse\"; try runicos/base\n");
  EXPECT_EQ(
      errors_of(
          "FROM runicos/base\nCAPABILITY RAND rand\nMODEL cosine.tflite sine\nRUN rand sine\nOUT serial\n"),
      "Runefile:3: cosine.tflite: no such file\n");
}

TEST(Check, MismatchesSayWhatIsGivenAndTaken) {
  const std::string head = "FROM runicos/base\n";
  EXPECT_EQ(
      errors_of(
          head +
          "CAPABILITY IMAGE image --width 64 --height 96 --pixel-format grey\nMODEL person.tflite model\n"
          "RUN image model\nOUT serial\n"),
      "Runefile:4: shape mismatch: image gives u8[1, 96, 64, 1], model takes i8[1, 96, 96, 1]; "
      "try --width, --height and --pixel-format to match\n");
  EXPECT_EQ(
      errors_of(
          head +
          "CAPABILITY SOUND audio --sample-size 1\nMODEL sine.tflite model\nRUN audio model\nOUT serial\n"),
      "Runefile:4: element type mismatch: audio gives i16[1, 1], model takes f32[1, 1]; "
      "try PROC_BLOCK runicos/audio-float-conversion between them\n");
  EXPECT_EQ(
      errors_of(
          head +
          "CAPABILITY RAND r\nMODEL sine.tflite model --input [1,4] --output 2\nRUN r model\nOUT serial\n"),
      "Runefile:3: the input of model is f32[1, 1], not [1, 4]; try --input [1, 1]\n"
      "Runefile:3: the output of model is f32[1, 1], not 2 elements; try --output [1, 1]\n");
}

TEST(Check, GraphsThatCannotRun) {
  const std::string head =
      "FROM runicos/base\nCAPABILITY RAW a\nMODEL two.tflite m\nPROC_BLOCK runicos/normalize n\n";
  EXPECT_EQ(errors_of(head + "RUN a m\nOUT serial\n"),
            "Runefile:3: m takes 2 inputs, 1 is connected; try another RUN line with m in it\n"
            "Runefile:4: warning: n leads to no output and is left out; try adding it to a RUN line\n");
  EXPECT_EQ(errors_of(head + "RUN n n\nRUN n serial\nOUT serial\n").substr(0, 45),
            "Runefile:2: warning: a leads to no output and");
  EXPECT_EQ(errors_of("FROM runicos/base\nCAPABILITY RAW a\nRUN a\n"),
            "Runefile: no output; try OUT serial as the last line\n");
  EXPECT_EQ(errors_of("FROM runicos/base\nCAPABILITY RAW a\nCAPABILITY RAW a\nRUN a\nOUT serial\n"),
            "Runefile:3: stage a is already declared in line 2; try another name\n");
  EXPECT_EQ(
      errors_of("FROM runicos/base\nCAPABILITY RAW a\nPROC_BLOCK runicos/normalize n\nRUN n a\nOUT serial\n")
          .substr(0, 11),
      "Runefile:4:");
  EXPECT_EQ(errors_of(""), "Runefile: the Runefile is empty; try FROM runicos/base as the first line\n");
}

TEST(Check, YamlMistakesHaveTheirLines) {
  EXPECT_EQ(errors_of("version: 1\nimage: runicos/base\npipeline:\n  a: {capability: RAND, inptus: [b]}\n  "
                      "s: {out: serial, inputs: [a]}\n"),
            "Runefile:4: unknown key of a stage \"inptus\"; try inputs\n");
  EXPECT_EQ(errors_of("version: 2\npipeline: {}\n").substr(0, 55),
            "Runefile:1: this version of the dialect is not known; t");
  EXPECT_EQ(errors_of("version: 1\npipeline: [\n").substr(0, 22), "Runefile:3: not YAML: ");
  EXPECT_EQ(errors_of("version: 1\npipeline:\n  a: {capability: RAND, model: x}\n").substr(0, 60),
            "Runefile:3: stage a has several of capability, proc-block, m");
  EXPECT_EQ(errors_of("version: 1\nimage: runicos/base\npipline: {}\n").substr(0, 52),
            "Runefile:1: no pipeline; try pipeline: with its stag");
}

TEST(Check, AStageThatLeadsNowhereIsAWarning) {
  const auto checked = check(
      "FROM runicos/base\nCAPABILITY RAND r\nCAPABILITY SOUND s\nMODEL sine.tflite m\nRUN r m\nOUT serial\n");
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked.value().warnings.text(),
            "Runefile:3: warning: s leads to no output and is left out; try adding it to a RUN line\n");
  EXPECT_EQ(checked.value().pipeline.stages.size(), 3u);
}

TEST(Graph, DotNamesEveryStageAndType) {
  const std::string dot = to_dot(to_json(pipeline_of(kSine)));
  EXPECT_NE(dot.find("\"rand\" -> \"mod360\" [label=\"f32[1, 1]\"]"), std::string::npos) << dot;
  EXPECT_NE(dot.find("\"sine\" [shape=box3d, label=\"sine: sine.tflite\"]"), std::string::npos) << dot;
  EXPECT_EQ(to_dot(nlohmann::json::parse("[1, {}]")).substr(0, 10), "digraph \"\"");
}

}  // namespace
}  // namespace rune::runefile
