// Type inference: a small constraint solver over the graph.
//
// Each output starts with what its port fixes. Then, until nothing changes: knowledge flows
// forwards (a block whose output is "same as 0" takes its input's type) and wishes flow
// backwards (an open output takes what its first consumer wants, if it can). When nothing
// moves, the first open output takes its preferred type or default shape, and the flow starts
// again. Every step closes an output and none reopens one, so the number of rounds is bounded
// by the number of outputs. Afterwards every edge is compared with what its consumer takes;
// where only the element type differs and one side is quantised, a `quantize` or `dequantize`
// block goes between. Tested by infer_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/runefile/stage_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

// What is known of one output, or wanted of it.
struct Known {
  ElementType element = ElementType::kNone;
  std::optional<Dims> dims = {};
};

bool is_open(const Dims& dims) { return std::find(dims.begin(), dims.end(), 0U) != dims.end(); }

Shape to_shape(const Dims& dims) {
  Shape shape;
  shape.rank = static_cast<uint8_t>(dims.size());
  std::copy(dims.begin(), dims.end(), shape.dims.begin());
  return shape;
}

Dims to_dims(const Shape& shape) { return Dims(shape.dims.begin(), shape.dims.begin() + shape.rank); }

std::string dims_text(const Dims& dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i == 0 ? "" : ", ") + (dims[i] == 0 ? "_" : std::to_string(dims[i]));
  return text + "]";
}

bool allows(const Port& port, ElementType element) {
  return port.elements.empty() ||
         std::find(port.elements.begin(), port.elements.end(), element) != port.elements.end();
}

class Solver {
 public:
  Solver(std::vector<Node>& nodes, Diagnostics& findings) : nodes_(nodes), findings_(findings) {
    for (const Node& node : nodes_) outputs_.emplace_back(node.outputs.size());
  }

  bool solve() {
    do {
      while (flow_forwards() || flow_backwards()) {
      }
    } while (take_a_default());
    return report_open() && store();
  }

 private:
  const Known& known(const Edge& edge) const { return outputs_[edge.stage][edge.output]; }

  bool flow_forwards() {
    bool changed = false;
    for (size_t n = 0; n < nodes_.size(); ++n) {
      for (size_t o = 0; o < outputs_[n].size(); ++o)
        changed = forward_output(nodes_[n], nodes_[n].outputs[o], outputs_[n][o]) || changed;
    }
    return changed;
  }

  bool forward_output(const Node& node, const Port& port, Known& out) const {
    bool changed = false;
    if (out.element == ElementType::kNone) {
      if (port.element_of_input >= 0) {
        out.element = known(node.edges[static_cast<size_t>(port.element_of_input)]).element;
      } else if (port.elements.size() == 1) {
        out.element = port.elements.front();
      }
      changed = out.element != ElementType::kNone;
    }
    if (!out.dims) {
      if (port.shape_of_input >= 0) {
        out.dims = known(node.edges[static_cast<size_t>(port.shape_of_input)]).dims;
      } else if (port.dims && !is_open(*port.dims)) {
        out.dims = port.dims;
      }
      changed = changed || out.dims.has_value();
    }
    return changed;
  }

  // What input `index` of node `n` would like to receive, as far as that is known.
  Known wish_of_input(size_t n, size_t index) const {
    const Node& node = nodes_[n];
    Known wish;
    if (index >= node.inputs.size()) return wish;  // outputs of the rune take anything
    const Port& port = node.inputs[index];
    if (port.elements.size() == 1) wish.element = port.elements.front();
    if (port.dims && !is_open(*port.dims)) wish.dims = port.dims;
    for (size_t o = 0; o < node.outputs.size(); ++o) {
      const bool same_element = node.outputs[o].element_of_input == static_cast<int>(index);
      const bool same_shape = node.outputs[o].shape_of_input == static_cast<int>(index);
      if (!same_element && !same_shape) continue;
      const Known further = wish_of_output(n, o);
      if (same_element && wish.element == ElementType::kNone) wish.element = further.element;
      if (same_shape && !wish.dims) wish.dims = further.dims;
    }
    return wish;
  }

  // The first wish for each part among the consumers of output `o` of node `n`.
  Known wish_of_output(size_t n, size_t o) const {
    Known wish;
    for (size_t consumer = n + 1; consumer < nodes_.size(); ++consumer) {
      const auto& edges = nodes_[consumer].edges;
      for (size_t i = 0; i < edges.size(); ++i) {
        if (edges[i].stage != n || edges[i].output != o) continue;
        const Known each = wish_of_input(consumer, i);
        if (wish.element == ElementType::kNone) wish.element = each.element;
        if (!wish.dims) wish.dims = each.dims;
      }
    }
    return wish;
  }

  bool flow_backwards() {
    bool changed = false;
    for (size_t n = nodes_.size(); n-- > 0;) {
      for (size_t o = 0; o < outputs_[n].size(); ++o) {
        Known& out = outputs_[n][o];
        if (out.element != ElementType::kNone && out.dims) continue;
        changed = take_wish(nodes_[n].outputs[o], wish_of_output(n, o), out) || changed;
      }
    }
    return changed;
  }

  static bool take_wish(const Port& port, const Known& wish, Known& out) {
    bool changed = false;
    if (out.element == ElementType::kNone && port.element_of_input < 0 &&
        wish.element != ElementType::kNone && allows(port, wish.element)) {
      out.element = wish.element;
      changed = true;
    }
    if (out.dims || port.shape_of_input >= 0 || !wish.dims) return changed;
    if (!port.dims) {
      out.dims = wish.dims;
      return true;
    }
    if (port.dims->size() != wish.dims->size()) return changed;
    Dims filled = *port.dims;
    for (size_t i = 0; i < filled.size(); ++i) {
      if (filled[i] == 0) filled[i] = (*wish.dims)[i];
    }
    out.dims = filled;
    return true;
  }

  bool take_a_default() {
    for (size_t n = 0; n < nodes_.size(); ++n) {
      for (size_t o = 0; o < outputs_[n].size(); ++o) {
        const Port& port = nodes_[n].outputs[o];
        Known& out = outputs_[n][o];
        if (out.element == ElementType::kNone && port.element_of_input < 0) {
          out.element = port.elements.empty() ? ElementType::kF32 : port.elements.front();
          return true;
        }
        if (!out.dims && port.shape_of_input < 0 && port.fallback && !is_open(*port.fallback)) {
          out.dims = port.fallback;
          return true;
        }
      }
    }
    return false;
  }

  bool report_open() {
    bool open = false;
    for (size_t n = 0; n < nodes_.size(); ++n) {
      for (size_t o = 0; o < outputs_[n].size(); ++o) {
        const Port& port = nodes_[n].outputs[o];
        if (outputs_[n][o].dims || port.shape_of_input >= 0) continue;  // the cause is further up
        open = true;
        findings_.add(finding(nodes_[n].stage.where,
                              fmt::format("the shape of {} follows from nothing", nodes_[n].stage.name),
                              port.need.empty() ? "stating the shape of its output" : port.need));
      }
    }
    return !open;
  }

  bool store() {
    bool fits = true;
    for (size_t n = 0; n < nodes_.size(); ++n) {
      Stage& stage = nodes_[n].stage;
      for (size_t o = 0; o < outputs_[n].size(); ++o) {
        const Known& out = outputs_[n][o];
        TensorType type;
        type.element = out.element;
        type.shape = to_shape(*out.dims);
        type.scale = nodes_[n].outputs[o].scale;
        type.zero_point = nodes_[n].outputs[o].zero_point;
        if (type.size_bytes() >= (1U << 30)) {
          findings_.add(finding(stage.where,
                                fmt::format("{} gives {}, 1 GiB or more", stage.name, type_text(type)),
                                "a smaller shape"));
          fits = false;
        }
        stage.outputs.push_back(type);
      }
    }
    return fits;
  }

  std::vector<Node>& nodes_;
  Diagnostics& findings_;
  std::vector<std::vector<Known>> outputs_;
};

// After solving: scales, conversions, and what was written against what was found.
class Checker {
 public:
  Checker(std::vector<Node>& nodes, const Environment& environment, Diagnostics& findings)
      : nodes_(nodes), environment_(environment), findings_(findings) {}

  void run() {
    for (size_t n = nodes_.size(); n-- > 0;) take_scales(n);
    for (size_t n = 0; n < nodes_.size(); ++n) {
      check_written(nodes_[n]);
      // Inserting a conversion moves the nodes that follow: `n` follows its node.
      for (size_t i = 0; i < nodes_[n].edges.size() && i < nodes_[n].inputs.size(); ++i)
        n += check_edge(n, i);
    }
  }

 private:
  TensorType& type(const Edge& edge) { return nodes_[edge.stage].stage.outputs[edge.output]; }

  // Scale and zero point of an output that takes them from its consumer.
  void take_scales(size_t n) {
    Node& node = nodes_[n];
    const bool capability = std::holds_alternative<CapabilityStage>(node.stage.what);
    for (size_t o = 0; o < node.outputs.size(); ++o) {
      TensorType& out = node.stage.outputs[o];
      const bool is_8_bit = out.element == ElementType::kI8 || out.element == ElementType::kU8;
      if (!(capability && is_8_bit) && !node.outputs[o].quantised_like_consumer) continue;
      const Port* consumer = first_quantised_consumer(n, o);
      if (consumer == nullptr) continue;
      if (consumer->elements.front() == out.element) {
        out.scale = consumer->scale;
        out.zero_point = consumer->zero_point;
      } else if (out.element == ElementType::kU8 && consumer->elements.front() == ElementType::kI8) {
        out.scale = consumer->scale;  // the same real values, stored 128 higher
        out.zero_point = consumer->zero_point + 128;
      }
    }
  }

  const Port* first_quantised_consumer(size_t n, size_t o) const {
    for (size_t consumer = n + 1; consumer < nodes_.size(); ++consumer) {
      const Node& node = nodes_[consumer];
      for (size_t i = 0; i < node.edges.size() && i < node.inputs.size(); ++i) {
        const bool here = node.edges[i].stage == n && node.edges[i].output == o;
        if (here && node.inputs[i].scale != 0) return &node.inputs[i];
      }
    }
    return nullptr;
  }

  // Compares input `index` of node `n` with what arrives. Returns the number of nodes inserted before it.
  size_t check_edge(size_t n, size_t index) {
    const Port& port = nodes_[n].inputs[index];
    const Edge edge = nodes_[n].edges[index];
    const TensorType& given = type(edge);
    bool shape_fits = fits_shape(port, to_dims(given.shape));
    if (port.shape_of_input >= 0) {
      const Edge& other = nodes_[n].edges[static_cast<size_t>(port.shape_of_input)];
      shape_fits = same_but_ones(to_dims(type(other).shape), to_dims(given.shape));
    }
    const bool same_type_fits =
        port.element_of_input < 0 ||
        type(nodes_[n].edges[static_cast<size_t>(port.element_of_input)]).element == given.element;
    const bool element_fits = allows(port, given.element) && same_type_fits;
    const char* conversion = element_fits                        ? nullptr
                             : can_quantise(port, given.element) ? "quantize"
                             : can_dequantise(port, given)       ? "dequantize"
                                                                 : nullptr;
    if (!element_fits && conversion == nullptr) {
      report(n, index, given, Mismatch::kElement);
    } else if (!shape_fits) {
      report(n, index, given, Mismatch::kShape);
    } else if (conversion != nullptr) {
      return insert_conversion(conversion, n, index);
    }
    return 0;
  }

  static bool fits_shape(const Port& port, const Dims& given) {
    if (!port.dims) return true;
    if (!is_open(*port.dims)) return same_but_ones(*port.dims, given);
    if (port.dims->size() != given.size()) return false;
    for (size_t i = 0; i < given.size(); ++i) {
      if ((*port.dims)[i] != 0 && (*port.dims)[i] != given[i]) return false;
    }
    return true;
  }

  static bool can_quantise(const Port& port, ElementType given) {
    if (port.elements.size() != 1 || port.scale == 0) return false;
    const ElementType wanted = port.elements.front();
    if (given == ElementType::kF32) return wanted == ElementType::kI8 || wanted == ElementType::kU8;
    return given == ElementType::kU8 && wanted == ElementType::kI8;
  }

  static bool can_dequantise(const Port& port, const TensorType& given) {
    const bool is_8_bit = given.element == ElementType::kI8 || given.element == ElementType::kU8;
    return is_8_bit && given.scale != 0 && port.scale == 0 && !port.elements.empty() &&
           allows(port, ElementType::kF32);
  }

  std::string unused_name(const std::string& block) const {
    for (int number = 0;; ++number) {
      std::string name = number == 0 ? block : fmt::format("{}-{}", block, number);
      if (std::none_of(nodes_.begin(), nodes_.end(),
                       [&name](const Node& node) { return node.stage.name == name; }))
        return name;
    }
  }

  size_t insert_conversion(const char* block_name, size_t n, size_t index) {
    auto source = environment_.standard_block(block_name);
    if (!source.ok()) {
      report(n, index, type(nodes_[n].edges[index]), Mismatch::kElement);
      return 0;
    }
    const Port port = nodes_[n].inputs[index];
    Node node;
    BlockStage block;
    block.descriptor = std::move(source.value().descriptor);
    block.reference = std::move(source.value().reference);
    for (const BlockArgument& each : block.descriptor.arguments)
      block.arguments.push_back(each.default_value);
    node.stage.name = unused_name(block_name);
    node.stage.where = nodes_[n].edge_lines[index];
    node.stage.what = std::move(block);
    TensorType out = type(nodes_[n].edges[index]);
    out.element = port.scale != 0 ? port.elements.front() : ElementType::kF32;
    out.scale = port.scale;
    out.zero_point = port.zero_point;
    node.stage.outputs = {out};
    node.edges = {nodes_[n].edges[index]};
    node.edge_lines = {nodes_[n].edge_lines[index]};
    nodes_.insert(nodes_.begin() + static_cast<ptrdiff_t>(n), std::move(node));
    for (size_t later = n + 1; later < nodes_.size(); ++later) {
      for (Edge& each : nodes_[later].edges) each.stage += each.stage >= n ? 1 : 0;
    }
    nodes_[n + 1].edges[index] = {static_cast<uint32_t>(n), 0};
    return 1;
  }

  enum class Mismatch { kShape, kElement };

  void report(size_t n, size_t index, const TensorType& given, Mismatch mismatch) {
    const Node& node = nodes_[n];
    const Port& port = node.inputs[index];
    std::string wanted;
    for (const ElementType each : port.elements) {
      if (!wanted.empty()) wanted += '|';
      wanted += element_name(each);
    }
    if (port.dims) wanted += dims_text(*port.dims);
    if (wanted.empty()) wanted = "the type of its other input";
    const std::string from = nodes_[node.edges[index].stage].stage.name;
    findings_.add(finding(node.edge_lines[index],
                          fmt::format("{} mismatch: {} gives {}, {} takes {}",
                                      mismatch == Mismatch::kShape ? "shape" : "element type", from,
                                      plain_text(given), node.stage.name, wanted),
                          mismatch == Mismatch::kShape ? shape_hint(node.edges[index], from)
                                                       : element_hint(node, port, given, from)));
  }

  static std::string plain_text(TensorType given) {
    given.scale = 0;
    return type_text(given);
  }

  // What usually mends it: the block that converts, or the argument that sizes the input.
  static std::string element_hint(const Node& node, const Port& port, const TensorType& given,
                                  const std::string& from) {
    const bool wants_float = allows(port, ElementType::kF32) && !port.elements.empty();
    if (given.element == ElementType::kI16 && wants_float)
      return "PROC_BLOCK runicos/audio-float-conversion between them";
    if (given.element == ElementType::kU8 && wants_float)
      return "PROC_BLOCK runicos/image-normalization between them";
    return fmt::format("a block between {} and {} that gives {}", from, node.stage.name,
                       port.elements.empty() ? "the same type" : element_name(port.elements.front()));
  }

  std::string shape_hint(const Edge& edge, const std::string& from) const {
    const auto* capability = std::get_if<CapabilityStage>(&nodes_[edge.stage].stage.what);
    if (capability == nullptr) return fmt::format("another shape of {}, or a block between them", from);
    switch (capability->kind) {
      case CapabilityKind::kSound: return "--sample-size, or --hz and --sample-duration-ms, to match";
      case CapabilityKind::kAccelerometer: return "--n to match";
      case CapabilityKind::kImage:
      case CapabilityKind::kFloatImage: return "--width, --height and --pixel-format to match";
      default: return "leaving out its shape";
    }
  }

  // Types that the Runefile states against those that follow.
  void check_written(const Node& node) {
    if (std::holds_alternative<ModelStage>(node.stage.what)) {
      const auto& model = std::get<ModelStage>(node.stage.what);
      check_written_list(node, node.written_inputs, model.inputs, "input");
    } else {
      std::vector<TensorType> inputs;
      for (const Edge& each : node.edges) inputs.push_back(type(each));
      check_written_list(node, node.written_inputs, inputs, "input");
    }
    check_written_list(node, node.written_outputs, node.stage.outputs, "output");
  }

  void check_written_list(const Node& node, const std::vector<PartialType>& written,
                          const std::vector<TensorType>& actual, const char* what) {
    if (written.size() > actual.size()) {
      findings_.add(finding(written.back().where,
                            fmt::format("{} has {} {}{}, {} are written", node.stage.name, actual.size(),
                                        what, actual.size() == 1 ? "" : "s", written.size()),
                            "one type for each"));
      return;
    }
    for (size_t i = 0; i < written.size(); ++i) {
      if (agrees(written[i], actual[i])) continue;
      const std::string text =
          written[i].element_count
              ? fmt::format("{} elements", *written[i].element_count)
              : (written[i].element == ElementType::kNone ? "" : element_name(written[i].element)) +
                    (written[i].dims ? dims_text(*written[i].dims) : std::string());
      findings_.add(finding(
          written[i].where,
          fmt::format("the {} of {} is {}, not {}", what, node.stage.name, plain_text(actual[i]), text),
          std::holds_alternative<ModelStage>(node.stage.what)
              ? fmt::format("--{} {}", what, dims_text(to_dims(actual[i].shape)))
              : plain_text(actual[i])));
    }
  }

  static bool agrees(const PartialType& written, const TensorType& actual) {
    if (written.element != ElementType::kNone && written.element != actual.element) return false;
    if (written.element_count && *written.element_count != actual.shape.elements()) return false;
    if (!written.dims) return true;
    const Dims dims = to_dims(actual.shape);
    if (!is_open(*written.dims)) return same_but_ones(*written.dims, dims);
    if (written.dims->size() != dims.size()) return false;
    for (size_t i = 0; i < dims.size(); ++i) {
      if ((*written.dims)[i] != 0 && (*written.dims)[i] != dims[i]) return false;
    }
    return true;
  }

  std::vector<Node>& nodes_;
  const Environment& environment_;
  Diagnostics& findings_;
};

}  // namespace

bool same_but_ones(const Dims& a, const Dims& b) {
  const auto without_ones = [](Dims dims) {
    dims.erase(std::remove(dims.begin(), dims.end(), 1U), dims.end());
    return dims;
  };
  return without_ones(a) == without_ones(b);
}

void infer_types(std::vector<Node>& nodes, const Environment& environment, Diagnostics& findings) {
  if (!Solver(nodes, findings).solve()) return;
  Checker(nodes, environment, findings).run();
  for (Node& node : nodes) {
    if (std::holds_alternative<CapabilityStage>(node.stage.what)) complete_capability(node, findings);
  }
}

}  // namespace rune::runefile
