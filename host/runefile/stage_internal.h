// What each stage can give and take: the constraints that infer.cpp solves.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/runefile/runefile.h"
#include "host/runefile/syntax_internal.h"

namespace rune::runefile {

// Dimensions of which some may be open (0).
using Dims = std::vector<uint32_t>;

struct Port {
  // Element types that it can have, the preferred first; empty: every type.
  std::vector<ElementType> elements = {};
  int element_of_input = -1;          // the element type of that input
  int shape_of_input = -1;            // the shape of that input
  std::optional<Dims> dims = {};      // none: every shape
  std::optional<Dims> fallback = {};  // an output's dimensions when its consumer does not say
  bool quantised_like_consumer = false;
  float scale = 0;
  int32_t zero_point = 0;
  std::string need = {};  // said when the shape cannot be inferred: "--n N"
};

// A stage with what is known of it before types are inferred.
struct Node {
  Stage stage;  // `inputs` and `outputs` are filled in later
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<PartialType> written_inputs;  // types that the Runefile states, checked at the end
  std::vector<PartialType> written_outputs;
  std::vector<Edge> edges;  // one for each input, indices into the list of nodes
  std::vector<Location> edge_lines;
};

std::optional<CapabilityKind> parse_capability_kind(const std::string& word);
std::optional<OutputKind> parse_output_kind(const std::string& word);

// A resource of the Runefile, already read; `path` is empty for inline text.
struct ReadResource {
  Resource resource;
  std::string path;
  mutable bool used = false;  // as an argument: then it need not be packed
};
using FindResource = std::function<const ReadResource*(const std::string& name)>;

// Each fills node.stage.what, node.inputs and node.outputs from what is written. Findings on failure.
void describe_capability(const WrittenStage& written, Node& node, Diagnostics& findings);
void describe_block(const WrittenStage& written, const Environment& environment, const FindResource& resource,
                    Node& node, Diagnostics& findings);
void describe_model(const WrittenStage& written, const Environment& environment, const FindResource& resource,
                    Node& node, Diagnostics& findings);

// After inference: the arguments of an image follow from its shape.
void complete_capability(Node& node, Diagnostics& findings);

// Solves for every type, inserts conversions, checks what is written. On failure only findings.
// `nodes` is in execution order and stays so.
void infer_types(std::vector<Node>& nodes, const Environment& environment, Diagnostics& findings);

// The merged Runefile of `path` and its bases, in which every path is relative to the current folder.
Runefile read_with_bases(const std::string& text, const std::string& path, Diagnostics& findings);

// Connects `nodes` (one for each of runefile.stages, in that order) as the RUN lines and `inputs`
// say; returns those that are connected, in execution order.
std::vector<Node> resolve(const Runefile& runefile, std::vector<Node> nodes, Diagnostics& findings);

// A path as the Runefile writes it, relative to the current folder.
std::string joined_path(const std::string& folder, const std::string& path);

// Whether two shapes hold the same elements in the same order: equal but for dimensions of 1.
bool same_but_ones(const Dims& a, const Dims& b);

}  // namespace rune::runefile
