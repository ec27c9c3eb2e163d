// Builds runes from plans made by hand; wabt's validator is the judge of each.
#include "host/wasmtool/wasmtool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "device/format/rune.h"
#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

TensorType tensor(ElementType element, std::initializer_list<uint32_t> dims) {
  TensorType type;
  type.element = element;
  for (const uint32_t extent : dims) type.shape.dims[type.shape.rank++] = extent;
  return type;
}

Block standard(const std::string& name) {
  auto block = BlockLibrary(RUNE_TEST_BLOCKS_DIR).load(name, ".");
  EXPECT_TRUE(block.ok()) << block.error().text();
  return block.ok() ? block.value() : Block{};
}

std::string validate(const ByteVector& rune) {
  const auto work = WorkFolder::create();
  const std::string file = work.value().file("x.rune");
  if (!write_file(file, rune).ok()) return "cannot write";
  const auto tool = find_tool("wasm-validate", "wabt");
  if (!tool.ok()) return tool.error().text();
  const auto done = run_tool({tool.value(), file}, "validating");
  return done.ok() ? "valid" : done.error().text();
}

// random f32[1,1] -> modulo 360 -> model -> serial.
BuildPlan sine_plan() {
  const TensorType one = tensor(ElementType::kF32, {1, 1});
  BuildPlan plan;
  plan.name = "sine";
  plan.tensors = {one, one, one};
  plan.capabilities = {{CapabilityKind::kRandom, one, {}}};
  plan.blocks = {standard("runicos/modulo")};
  PlanModel model{.name = "model", .arena_bytes = 512, .inputs = {one}, .outputs = {one}, .kernels = {"fully_connected_f32"}, .sections = {}};
  model.sections = {{"", ByteVector(2500, 0xAB)}, {"cortex-m4", ByteVector(2700, 0xCD)}};
  plan.models = {model};
  plan.outputs = {{OutputKind::kSerial}};
  plan.resources = {{"words", {'a', 'b'}}};
  plan.graph_json = "{\"name\":\"sine\"}";
  plan.steps = {{.kind = PlanStep::Kind::kRead, .index = 0, .inputs = {}, .outputs = {0}, .arguments = {}},
                {.kind = PlanStep::Kind::kBlock, .index = 0, .inputs = {0}, .outputs = {1}, .arguments = {360.0F}},
                {.kind = PlanStep::Kind::kModel, .index = 0, .inputs = {1}, .outputs = {2}, .arguments = {}},
                {.kind = PlanStep::Kind::kWrite, .index = 0, .inputs = {2}, .outputs = {}, .arguments = {}, .channel = 1}};
  return plan;
}

TEST(BuildRune, SineIsSmallAndValid) {
  const auto rune = build_rune(sine_plan(), {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  EXPECT_LE(rune.value().bytes.size(), 16U * 1024);
  EXPECT_LE(rune.value().memory_bytes, 8U * 1024);
  EXPECT_EQ(validate(rune.value().bytes), "valid");
  RecordProperty("memory_bytes", static_cast<int>(rune.value().memory_bytes));
}

TEST(BuildRune, SectionsAreInOrderAndAligned) {
  const auto rune = build_rune(sine_plan(), {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  const Bytes bytes = rune.value().bytes;
  const auto file = format::RuneFile::open(bytes);
  ASSERT_TRUE(file.ok()) << status_name(file.status());
  const auto manifest = format::parse_manifest(file.value().manifest_bytes());
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest.value().name, "sine");
  EXPECT_EQ(manifest.value().memory_bytes, rune.value().memory_bytes);
  EXPECT_EQ(manifest.value().models[0].image_bytes, 2500U);
  for (const char* target : {"", "cortex-m4"}) {
    const auto model = file.value().model("model", target);
    ASSERT_TRUE(model.ok());
    EXPECT_EQ((model.value().data() - bytes.data()) % 16, 0) << target;
    EXPECT_EQ(model.value()[0], *target == 0 ? 0xAB : 0xCD);
  }
  EXPECT_TRUE(file.value().section("rune.graph").ok());
  EXPECT_TRUE(file.value().resource("words").ok());
  EXPECT_FALSE(file.value().section("name").ok());
  EXPECT_FALSE(file.value().section("rune.block").ok());
}

TEST(BuildRune, EveryStandardBlockLinksAlone) {
  const BlockLibrary library(RUNE_TEST_BLOCKS_DIR);
  ASSERT_EQ(library.names().size(), 10U);
  for (const std::string& name : library.names()) {
    const Block block = standard(name);
    BuildPlan plan;
    plan.name = "alone";
    plan.blocks = {block};
    const BlockPort& in = block.descriptor.inputs[0];
    plan.tensors.push_back(tensor(in.elements.allowed[0], {1, 100}));
    plan.capabilities = {{CapabilityKind::kRaw, plan.tensors[0], {}}};
    PlanStep step{.kind = PlanStep::Kind::kBlock, .index = 0, .inputs = {0}, .outputs = {}, .arguments = {}};
    for (const BlockPort& out : block.descriptor.outputs) {
      step.outputs.push_back(static_cast<TensorIndex>(plan.tensors.size()));
      plan.tensors.push_back(tensor(out.elements.allowed.empty() ? plan.tensors[0].element : out.elements.allowed[0], {1, 100}));
    }
    for (const BlockArgument& argument : block.descriptor.arguments) {
      step.arguments.push_back(argument.required ? ArgumentValue(std::vector<std::string>{"yes", "no"}) : argument.default_value);
    }
    plan.outputs = {{OutputKind::kTensor}};
    plan.steps = {{.kind = PlanStep::Kind::kRead, .index = 0, .inputs = {}, .outputs = {0}, .arguments = {}}, step,
                  {.kind = PlanStep::Kind::kWrite, .index = 0, .inputs = step.outputs, .outputs = {}, .arguments = {}}};
    const auto rune = build_rune(plan, {});
    ASSERT_TRUE(rune.ok()) << name << ": " << rune.error().text();
    EXPECT_EQ(validate(rune.value().bytes), "valid") << name;
  }
}

TEST(BuildRune, SpeechFitsAPage) {
  BuildPlan plan = sine_plan();
  plan.name = "speech";
  plan.tensors = {tensor(ElementType::kI16, {1, 16000}), tensor(ElementType::kU32, {1, 1960}), tensor(ElementType::kI8, {1, 1960}),
                  tensor(ElementType::kI8, {1, 4}),      tensor(ElementType::kU32, {1}),       tensor(ElementType::kF32, {1}),
                  tensor(ElementType::kUtf8, {1})};
  plan.capabilities = {{CapabilityKind::kSound, plan.tensors[0], {{"hz", 16000}}}};
  plan.blocks = {standard("fft"), standard("noise-filtering"), standard("most-confident-indices"), standard("label")};
  plan.models[0].inputs = {plan.tensors[2]};
  plan.models[0].outputs = {plan.tensors[3]};
  const auto defaults = [&](uint32_t block) {
    std::vector<ArgumentValue> values;
    for (const BlockArgument& argument : plan.blocks[block].descriptor.arguments) {
      values.push_back(argument.required ? ArgumentValue(std::vector<std::string>{"silence", "unknown", "yes", "no"}) : argument.default_value);
    }
    return values;
  };
  plan.steps = {{.kind = PlanStep::Kind::kRead, .index = 0, .inputs = {}, .outputs = {0}, .arguments = {}},
                {.kind = PlanStep::Kind::kBlock, .index = 0, .inputs = {0}, .outputs = {1}, .arguments = defaults(0)},
                {.kind = PlanStep::Kind::kBlock, .index = 1, .inputs = {1}, .outputs = {2}, .arguments = defaults(1)},
                {.kind = PlanStep::Kind::kModel, .index = 0, .inputs = {2}, .outputs = {3}, .arguments = {}},
                {.kind = PlanStep::Kind::kBlock, .index = 2, .inputs = {3}, .outputs = {4, 5}, .arguments = defaults(2)},
                {.kind = PlanStep::Kind::kBlock, .index = 3, .inputs = {4}, .outputs = {6}, .arguments = defaults(3)},
                {.kind = PlanStep::Kind::kWrite, .index = 0, .inputs = {6, 5}, .outputs = {}, .arguments = {}}};
  const auto rune = build_rune(plan, {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  EXPECT_LT(rune.value().memory_bytes, 48U * 1024);
  EXPECT_EQ(rune.value().buffer_bytes, 32000U + 7840U) << "buffers must be reused";
  EXPECT_EQ(validate(rune.value().bytes), "valid");
}

TEST(BuildRune, TheProjectBuildsTheSameRune) {
  const auto work = WorkFolder::create();
  const auto rune = build_rune(sine_plan(), {.emit_project = work.value().path()});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  const auto built = run_tool({"/bin/sh", work.value().file("build.sh")}, "building");
  ASSERT_TRUE(built.ok()) << built.error().text();
  const auto again = read_file(work.value().file("sine.rune"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(validate(again.value()), "valid");
  const auto file = format::RuneFile::open(again.value());
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file.value().model("model", "cortex-m4").ok());
}

TEST(BuildRune, RefusesABrokenPlan) {
  BuildPlan plan = sine_plan();
  plan.steps[1].inputs = {2};
  EXPECT_FALSE(build_rune(plan, {}).ok());
  plan = sine_plan();
  plan.steps[1].arguments = {int32_t{360}};
  const auto wrong = build_rune(plan, {});
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().text().find("modulus"), std::string::npos) << wrong.error().text();
  plan = sine_plan();
  plan.models[0].inputs = {tensor(ElementType::kF32, {2})};
  EXPECT_FALSE(build_rune(plan, {}).ok());
  plan = sine_plan();
  plan.outputs.resize(5);
  const auto many = build_rune(plan, {});
  ASSERT_FALSE(many.ok());
  EXPECT_NE(many.error().text().find("too many outputs"), std::string::npos) << many.error().text();
}

TEST(BlockLibrary, NamesItsBlocksAndTheNearestToATypo) {
  const BlockLibrary library(RUNE_TEST_BLOCKS_DIR);
  EXPECT_TRUE(library.load("hotg-ai/rune@v0.11#proc-blocks/noise-filtering", ".").ok());
  const auto typo = library.load("runicos/moduol", ".");
  ASSERT_FALSE(typo.ok());
  EXPECT_NE(typo.error().text().find("try modulo"), std::string::npos) << typo.error().text();
  EXPECT_FALSE(library.load("./missing.cpp", ".").ok());
  EXPECT_FALSE(library.load("./x.rs", ".").ok());
}

TEST(BlockLibrary, CompilesSourcesAndShowsErrors) {
  const auto work = WorkFolder::create();
  const std::string good =
      "#include <algorithm>\n#include \"rune_block.h\"\n"
      "RUNE_BLOCK(limit, {\"inputs\": [{\"name\": \"x\", \"elements\": [\"f32\"], \"shape\": \"any\"}],"
      " \"outputs\": [{\"name\": \"y\", \"elements\": [\"f32\"], \"shape\": \"same as 0\"}]}) {\n"
      "  const auto x = call.input<float>(0);\n"
      "  std::transform(x.begin(), x.end(), call.output<float>(0).begin(), [](float v) { return std::min(v, 1.0F); });\n"
      "  return RUNE_OK;\n}\n";
  ASSERT_TRUE(write_text_file(work.value().file("limit.cpp"), good).ok());
  const BlockLibrary library(RUNE_TEST_BLOCKS_DIR);
  const auto block = library.load("./limit.cpp", work.value().path());
  ASSERT_TRUE(block.ok()) << block.error().text();
  EXPECT_EQ(block.value().descriptor.name, "limit");
  EXPECT_FALSE(block.value().standard);

  ASSERT_TRUE(write_text_file(work.value().file("broken.cpp"), "int main( {").ok());
  const auto broken = library.load("./broken.cpp", work.value().path());
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().text().find("error:"), std::string::npos) << broken.error().text();
}

TEST(BlockLibrary, TheExampleOfAnOwnBlockBuildsFromSourceFolderAndObject) {
  const BlockLibrary library(RUNE_TEST_BLOCKS_DIR);
  const std::string folder = RUNE_SOURCE_DIR "/examples/custom-block";
  BuildPlan plan;
  plan.name = "loud";
  plan.tensors = {tensor(ElementType::kI16, {1, 1600}), tensor(ElementType::kF32, {1})};
  plan.capabilities = {{CapabilityKind::kSound, plan.tensors[0], {{"hz", 16000}}}};
  plan.outputs = {{OutputKind::kSerial}};
  plan.steps = {{.kind = PlanStep::Kind::kRead, .index = 0, .inputs = {}, .outputs = {0}, .arguments = {}},
                {.kind = PlanStep::Kind::kBlock, .index = 0, .inputs = {0}, .outputs = {1}, .arguments = {0.8F, -90.0F}},
                {.kind = PlanStep::Kind::kWrite, .index = 0, .inputs = {1}, .outputs = {}, .arguments = {}}};
  const auto work = WorkFolder::create();
  const auto source = library.load("./loudness.cpp", folder);
  ASSERT_TRUE(source.ok()) << source.error().text();
  ASSERT_TRUE(write_file(work.value().file("ready.o"), source.value().object).ok());
  std::filesystem::create_directory(work.value().file("sources"));
  std::filesystem::copy(folder + "/loudness.cpp", work.value().file("sources"));
  ASSERT_TRUE(write_text_file(work.value().file("sources/more.cpp"), "int unused_helper(int x) { return x + 1; }").ok());
  for (const std::string& reference : {folder + "/loudness.cpp", work.value().file("ready.o"), work.value().file("sources")}) {
    const auto block = library.load(reference, ".");
    ASSERT_TRUE(block.ok()) << block.error().text();
    plan.blocks = {block.value()};
    const auto rune = build_rune(plan, {});
    ASSERT_TRUE(rune.ok()) << reference << ": " << rune.error().text();
    EXPECT_EQ(validate(rune.value().bytes), "valid") << reference;
    EXPECT_LT(rune.value().memory_bytes, 8U * 1024) << reference;
  }
}

}  // namespace
}  // namespace rune::wasmtool
