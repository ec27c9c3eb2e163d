// The one graph that every Runefile dialect becomes: checked, typed, in execution order.
//
// host/runefile makes it (parse, infer, check); host/wasmtool turns it into a module. It lives
// in host/support because those two layers are strangers to each other.
//
//   for (const Stage& stage : pipeline.stages) {           // each after all its inputs
//     if (const auto* block = std::get_if<BlockStage>(&stage.what)) link(block->reference);
//     for (const Edge& edge : stage.inputs) use(pipeline.type(edge));
//   }
//
// Invariants of a checked pipeline: edges point backwards; every output of every stage has an
// element type and a shape; the type of each edge is one that its consumer takes; names of
// stages are distinct and are valid names of device/format/manifest.h; there is at least one
// OutputStage, each with at least one input; within the manifest's limits.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "device/base/capability.h"
#include "host/support/block_descriptor.h"
#include "host/support/diagnostic.h"
#include "host/support/files.h"

namespace rune {

// Output number `output` of stage number `stage`.
struct Edge {
  uint32_t stage = 0;
  uint32_t output = 0;
  bool operator==(const Edge&) const = default;
};

struct CapabilityStage {
  CapabilityKind kind = CapabilityKind::kRaw;
  std::vector<std::pair<std::string, int32_t>> arguments;  // the manifest's, canonical names
};

struct BlockStage {
  BlockDescriptor descriptor;
  std::string reference;                 // as wasmtool's BlockLibrary finds it: "fft", "./block.cpp"
  std::vector<ArgumentValue> arguments;  // in the descriptor's order, defaults filled in
};

struct ModelStage {
  std::string path;                // the model's file, relative to the current folder
  std::vector<TensorType> inputs;  // the model's own, in its order; outputs are Stage::outputs
};

struct OutputStage {
  OutputKind kind = OutputKind::kSerial;
};

struct Stage {
  std::string name;
  Location where = {};  // the line that declares it
  std::variant<CapabilityStage, BlockStage, ModelStage, OutputStage> what = {};
  std::vector<Edge> inputs = {};
  std::vector<TensorType> outputs = {};
};

// A file or text that the rune carries: the section rune.resource.<name>.
struct Resource {
  std::string name;
  ByteVector bytes;
  Location where = {};
};

struct Pipeline {
  std::string name;  // of the rune
  std::string file;  // the Runefile
  std::string base;  // what FROM or `image` says
  std::vector<Stage> stages;
  std::vector<Resource> resources;

  const TensorType& type(const Edge& edge) const { return stages[edge.stage].outputs[edge.output]; }
};

// "i8[1, 1960]"; with scale and zero point when quantised: "i8[1, 4] scale 0.00390625 zero -128".
std::string type_text(const TensorType& type);

// The section rune.graph and `rune graph --json`; docs/spec/runefile.md is the page.
nlohmann::json to_json(const Pipeline& pipeline);

}  // namespace rune
