// Runefiles: any text, both dialects; what is accepted keeps the invariants of pipeline.h.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "host/runefile/graph.h"
#include "host/runefile/runefile.h"

namespace {

using namespace rune;

Result<runefile::BlockSource, Diagnostic> any_block(const std::string& name) {
  static const char* const kDescriptor = R"(block {"summary": "s",
    "arguments": [{"name": "count", "type": "int", "default": 1, "range": [1, 1000]},
                  {"name": "factor", "type": "float", "default": 1},
                  {"name": "labels", "type": "list", "default": ["a"]}],
    "inputs": [{"name": "x", "elements": ["f32", "i8", "u8", "i16"], "shape": "any"}],
    "outputs": [{"name": "y", "elements": "same as 0", "shape": "same as 0"},
                {"name": "z", "elements": ["u32", "i8"], "shape": ["$count", "_"], "quantised": "like consumer"}]})";
  auto descriptor = parse_block_descriptor(kDescriptor, name);
  if (!descriptor.ok()) std::abort();
  return runefile::BlockSource{descriptor.value(), name};
}

Result<runefile::ModelInterface, Diagnostic> any_model(const std::string&) {
  TensorType in;
  in.element = ElementType::kI8;
  in.shape = {2, {1, 8}};
  in.scale = 0.5F;
  return runefile::ModelInterface{{in}, {in}};
}

void check_invariants(const Pipeline& pipeline) {
  std::set<std::string> names;
  for (size_t i = 0; i < pipeline.stages.size(); ++i) {
    const Stage& stage = pipeline.stages[i];
    if (!names.insert(stage.name).second) std::abort();
    for (const Edge& edge : stage.inputs) {
      if (edge.stage >= i || edge.output >= pipeline.stages[edge.stage].outputs.size()) std::abort();
    }
    for (const TensorType& type : stage.outputs) {
      if (element_bytes(type.element) == 0 || type.size_bytes() == 0 || type.shape.rank > Shape::kMaxRank)
        std::abort();
    }
    if (const auto* block = std::get_if<BlockStage>(&stage.what)) {
      if (block->arguments.size() != block->descriptor.arguments.size()) std::abort();
      if (stage.inputs.size() != block->descriptor.inputs.size()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  runefile::Environment environment;
  environment.standard_blocks = {"fft", "label", "quantize"};
  environment.standard_block = any_block;
  environment.read_block = any_block;
  environment.read_model = any_model;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto checked = runefile::check_runefile_text(text, "no-such-folder/Runefile", environment);
  if (checked.ok()) {
    check_invariants(checked.value().pipeline);
    (void)runefile::to_dot(to_json(checked.value().pipeline));
  } else {
    if (checked.error().empty() || checked.error().text().empty()) std::abort();
    // Words that are not UTF-8 stand in messages as they are; JSON replaces them.
    (void)checked.error().json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return 0;
}
