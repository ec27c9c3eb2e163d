// Models and blocks for tests, without files: the environment that checking asks.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "host/runefile/runefile.h"

namespace rune::runefile {

inline TensorType tensor(ElementType element, std::vector<uint32_t> dims, float scale = 0,
                         int32_t zero_point = 0) {
  TensorType type;
  type.element = element;
  type.shape.rank = static_cast<uint8_t>(dims.size());
  std::copy(dims.begin(), dims.end(), type.shape.dims.begin());
  type.scale = scale;
  type.zero_point = zero_point;
  return type;
}

inline const std::map<std::string, std::string>& test_blocks() {
  static const std::map<std::string, std::string> kBlocks = {
      {"fft", R"({"summary": "s", "arguments": [],
        "inputs": [{"name": "sound", "elements": ["i16"], "shape": "any"}],
        "outputs": [{"name": "spectrum", "elements": ["u32", "f32", "i8"], "shape": "any", "default": [1, 1960],
                     "quantised": "like consumer"}]})"},
      {"modulo", R"({"summary": "s",
        "arguments": [{"name": "modulus", "aliases": ["modulo"], "type": "float", "range": [0.001, 1000000]}],
        "inputs": [{"name": "x", "elements": ["f32"], "shape": "any"}],
        "outputs": [{"name": "y", "elements": "same as 0", "shape": "same as 0"}]})"},
      {"normalize", R"({"summary": "s", "arguments": [],
        "inputs": [{"name": "x", "elements": ["f32"], "shape": "any"}],
        "outputs": [{"name": "y", "elements": ["f32"], "shape": "same as 0"}]})"},
      {"most-confident-indices", R"({"summary": "s",
        "arguments": [{"name": "count", "type": "int", "default": 1, "range": [1, 1000]}],
        "inputs": [{"name": "x", "elements": ["f32", "i8", "u8"], "shape": "any"}],
        "outputs": [{"name": "indices", "elements": ["u32"], "shape": ["$count"]},
                    {"name": "confidences", "elements": ["f32"], "shape": ["$count"]}]})"},
      {"label",
       R"({"summary": "s", "arguments": [{"name": "wordlist", "aliases": ["labels"], "type": "list"}],
        "inputs": [{"name": "x", "elements": ["u32"], "shape": "any"}],
        "outputs": [{"name": "y", "elements": ["utf8"], "shape": "same as 0"}]})"},
      {"dequantize", R"({"summary": "s", "arguments": [],
        "inputs": [{"name": "x", "elements": ["i8", "u8"], "shape": "any"}],
        "outputs": [{"name": "y", "elements": ["f32"], "shape": "same as 0"}]})"},
      {"quantize", R"({"summary": "s", "arguments": [],
        "inputs": [{"name": "x", "elements": ["f32", "u8"], "shape": "any"}],
        "outputs": [{"name": "y", "elements": ["i8", "u8"], "shape": "same as 0", "quantised": "like consumer"}]})"},
  };
  return kBlocks;
}

inline std::map<std::string, ModelInterface> test_models() {
  const auto f32 = ElementType::kF32;
  const auto i8 = ElementType::kI8;
  return {
      {"sine.tflite", {{tensor(f32, {1, 1})}, {tensor(f32, {1, 1})}}},
      {"example.tflite", {{tensor(f32, {150, 1})}, {tensor(f32, {1})}}},
      {"speech.tflite", {{tensor(i8, {1, 1960}, 0.1F, -128)}, {tensor(i8, {1, 4}, 0.00390625F, -128)}}},
      {"gesture.tflite", {{tensor(f32, {1, 128, 3, 1})}, {tensor(f32, {1, 4})}}},
      {"person.tflite", {{tensor(i8, {1, 96, 96, 1}, 0.0078F, -1)}, {tensor(i8, {1, 2}, 0.00390625F, -128)}}},
      {"two.tflite",
       {{tensor(f32, {1, 2}), tensor(f32, {1, 3})}, {tensor(f32, {1, 5}), tensor(f32, {1, 6})}}},
  };
}

inline Environment test_environment() {
  Environment environment;
  for (const auto& [name, json] : test_blocks()) environment.standard_blocks.push_back(name);
  environment.standard_block = [](const std::string& name) -> Result<BlockSource, Diagnostic> {
    auto descriptor = parse_block_descriptor(canonical_block_name(name) + " " + test_blocks().at(name), name);
    if (!descriptor.ok()) {
      descriptor = parse_block_descriptor(test_blocks().at(name), name);
    }
    if (!descriptor.ok()) return descriptor.error();
    descriptor.value().name = name;
    return BlockSource{descriptor.value(), ""};
  };
  environment.read_block = [](const std::string& path) -> Result<BlockSource, Diagnostic> {
    Diagnostic one;
    one.where.file = path;
    one.what = "no such file";
    return one;
  };
  environment.read_model = [](const std::string& path) -> Result<ModelInterface, Diagnostic> {
    const auto models = test_models();
    const auto found = models.find(path);
    if (found != models.end()) return found->second;
    Diagnostic one;
    one.where.file = path;
    one.what = "no such file";
    return one;
  };
  return environment;
}

inline Result<Checked, Diagnostics> check(const std::string& text) {
  return check_runefile_text(text, "Runefile", test_environment());
}

// The pipeline of a Runefile that is right.
inline Pipeline pipeline_of(const std::string& text) {
  auto checked = check(text);
  EXPECT_TRUE(checked.ok()) << (checked.ok() ? "" : checked.error().text());
  return checked.ok() ? checked.value().pipeline : Pipeline{};
}

// The findings of one that is wrong, as they are printed.
inline std::string errors_of(const std::string& text) {
  const auto checked = check(text);
  EXPECT_FALSE(checked.ok()) << text;
  return checked.ok() ? std::string() : checked.error().text();
}

inline const Stage& stage_named(const Pipeline& pipeline, const std::string& name) {
  static const Stage kNone{};
  for (const Stage& each : pipeline.stages) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no stage " << name;
  return kNone;
}

inline std::string type_of(const Pipeline& pipeline, const std::string& name, size_t output = 0) {
  const Stage& stage = stage_named(pipeline, name);
  return output < stage.outputs.size() ? type_text(stage.outputs[output]) : "?";
}

}  // namespace rune::runefile
