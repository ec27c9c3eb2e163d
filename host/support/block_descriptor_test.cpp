#include "host/support/block_descriptor.h"

#include <gtest/gtest.h>

namespace rune {
namespace {

Result<BlockDescriptor, Diagnostic> parse(const std::string& descriptor) {
  return parse_block_descriptor(descriptor, "block.o");
}

constexpr const char* kWhole = R"(top_two {
  "summary": "The greatest.",
  "arguments": [{"name": "count", "aliases": ["n"], "type": "int", "default": 1, "range": [1, 9]},
                {"name": "labels", "type": "list"}],
  "inputs": [{"name": "scores", "elements": ["f32", "i8"], "shape": [1, "_"]}],
  "outputs": [{"name": "indices", "elements": ["u32"], "shape": ["$count"]},
              {"name": "scores", "elements": "same as 0", "shape": "same as 0"},
              {"name": "free", "elements": ["i8"], "shape": "any", "default": [2, 3], "quantised": "like consumer"},
              {"name": "part", "elements": ["f32"], "shape": [1, "_"], "default": [1, 7]}],
  "stack_bytes": 64, "state": {"bytes": 8, "bytes_per_output_element": 4, "element": "i8"}, "fuel": 7, "fuel_per_element": 2})";

TEST(BlockDescriptor, ReadsEverything) {
  const auto read = parse(kWhole);
  ASSERT_TRUE(read.ok()) << read.error().text();
  const BlockDescriptor& block = read.value();
  EXPECT_EQ(block.name, "top_two");
  EXPECT_EQ(block.symbol(), "rune_block_top_two");
  ASSERT_EQ(block.arguments.size(), 2U);
  EXPECT_EQ(std::get<int32_t>(block.arguments[0].default_value), 1);
  EXPECT_EQ(block.arguments[0].maximum, 9);
  EXPECT_TRUE(block.arguments[1].required);
  EXPECT_EQ(block.find_argument("n"), &block.arguments[0]);
  EXPECT_EQ(block.find_argument("nothing"), nullptr);
  EXPECT_EQ(block.inputs[0].shape.dimensions[1].kind, DimensionRule::Kind::kAny);
  EXPECT_EQ(block.outputs[0].shape.dimensions[0].argument, "count");
  EXPECT_EQ(block.outputs[1].elements.same_as_input, 0);
  EXPECT_EQ(block.outputs[2].shape.dimensions[1].extent, 3U);
  EXPECT_TRUE(block.outputs[2].quantised_like_consumer);
  EXPECT_EQ(block.outputs[3].shape.dimensions[1].extent, 7U);
  EXPECT_EQ(block.state_element, ElementType::kI8);
  EXPECT_EQ(block.fuel_per_element, 2U);
}

TEST(BlockDescriptor, RefusesWhatBreaksARule) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no name and JSON"},
      {"b {", "not JSON"},
      {"b []", "an object is needed"},
      {"b {}", "\"inputs\" is missing"},
      {"b-c {\"inputs\": [], \"outputs\": []}", "is no name"},
      {"b {\"inputs\": [], \"outputs\": [], \"extra\": 1}", "unknown key \"extra\""},
      {"b {\"inputs\": [{\"name\": \"x\", \"elements\": [\"i5\"], \"shape\": \"any\"}], \"outputs\": []}",
       "i5"},
      {"b {\"inputs\": [{\"name\": \"x\", \"elements\": [\"i8\"], \"shape\": [0]}], \"outputs\": []}",
       "at least 1"},
      {"b {\"inputs\": [], \"outputs\": [{\"name\": \"x\", \"elements\": [\"i8\"], \"shape\": \"same as "
       "0\"}]}",
       "no input"},
      {"b {\"inputs\": [], \"outputs\": [{\"name\": \"x\", \"elements\": [\"i8\"], \"shape\": [\"$n\"]}]}",
       "$n"},
      {"b {\"arguments\": [{\"name\": \"a\", \"type\": \"int\", \"default\": 1.5}], \"inputs\": [], "
       "\"outputs\": []}",
       "whole number"},
  };
  for (const auto& [descriptor, message] : cases) {
    const auto read = parse(descriptor);
    ASSERT_FALSE(read.ok()) << descriptor;
    EXPECT_NE(read.error().text().find(message), std::string::npos) << read.error().text();
  }
}

TEST(BlockDescriptor, NeedsTheSection) {
  const uint8_t module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const auto read = read_block_descriptor(module, "empty.o");
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().text().find("rune.block"), std::string::npos);
  EXPECT_FALSE(read_block_descriptor(as_bytes("text"), "text").ok());
}

}  // namespace
}  // namespace rune
