// Builds runes from plans made by hand; wabt's validator is the judge of each.
#include "host/wasmtool/wasmtool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "device/format/rune.h"
#include "host/wasmtool/test_support.h"

namespace rune::wasmtool {
namespace {

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
  PlanModel model{.name = "model",
                  .arena_bytes = 512,
                  .inputs = {one},
                  .outputs = {one},
                  .kernels = {"fully_connected_f32"},
                  .sections = {}};
  model.sections = {{"", ByteVector(2500, 0xAB)}, {"cortex-m4", ByteVector(2700, 0xCD)}};
  plan.models = {model};
  plan.outputs = {{OutputKind::kSerial}};
  plan.resources = {{"words", {'a', 'b'}}};
  plan.graph_json = "{\"name\":\"sine\"}";
  plan.steps = {step(PlanStep::Kind::kRead, 0, {}, {0}), step(PlanStep::Kind::kBlock, 0, {0}, {1}, {360.0F}),
                step(PlanStep::Kind::kModel, 0, {1}, {2}), step(PlanStep::Kind::kWrite, 0, {2}, {})};
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
    const auto rune = build_rune(alone_plan(standard(name)), {});
    ASSERT_TRUE(rune.ok()) << name << ": " << rune.error().text();
    EXPECT_EQ(validate(rune.value().bytes), "valid") << name;
  }
}

TEST(BuildRune, SpeechFitsAPage) {
  const auto rune = build_rune(speech_plan(), {});
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

TEST(BuildRune, ShowsWhatTheLinkerSays) {
  BuildPlan plan = sine_plan();
  plan.blocks[0].descriptor.name = "missing";
  const auto rune = build_rune(plan, {});
  ASSERT_FALSE(rune.ok());
  EXPECT_NE(rune.error().text().find("undefined symbol: rune_block_missing"), std::string::npos)
      << rune.error().text();
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
      "  std::transform(x.begin(), x.end(), call.output<float>(0).begin(), [](float v) { return std::min(v, "
      "1.0F); });\n"
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
  plan.steps = {step(PlanStep::Kind::kRead, 0, {}, {0}),
                step(PlanStep::Kind::kBlock, 0, {0}, {1}, {0.8F, -90.0F}),
                step(PlanStep::Kind::kWrite, 0, {1}, {})};
  const auto work = WorkFolder::create();
  const auto source = library.load("./loudness.cpp", folder);
  ASSERT_TRUE(source.ok()) << source.error().text();
  ASSERT_TRUE(write_file(work.value().file("ready.o"), source.value().object).ok());
  std::filesystem::create_directory(work.value().file("sources"));
  std::filesystem::copy(folder + "/loudness.cpp", work.value().file("sources"));
  ASSERT_TRUE(
      write_text_file(work.value().file("sources/more.cpp"), "int unused_helper(int x) { return x + 1; }")
          .ok());
  for (const std::string& reference :
       {folder + "/loudness.cpp", work.value().file("ready.o"), work.value().file("sources")}) {
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
