#include "host/compiler/ir/verify.h"

#include <fmt/format.h>

namespace rune::compiler::ir {
namespace {

using Broken = std::optional<std::string>;

struct Arity {
  size_t minimum;
  size_t maximum;
};

Arity input_arity(Op op) {
  switch (op) {
    case Op::kAdd: return {2, 2};
    case Op::kConv2d:
    case Op::kDepthwiseConv2d:
    case Op::kFullyConnected: return {2, 3};
    default: return {1, 1};
  }
}

Broken verify_tensor(const Graph& graph, const Tensor& tensor) {
  if (tensor.constant && tensor.data.size() != tensor.size_bytes()) {
    return fmt::format("constant {} has {} bytes instead of {}", tensor.name, tensor.data.size(),
                       tensor.size_bytes());
  }
  if (tensor.alias_of == kNoTensor) return {};
  if (tensor.alias_of >= graph.tensors.size()) return fmt::format("alias {} names no tensor", tensor.name);
  const Tensor& storage = graph.tensors[tensor.alias_of];
  if (tensor.constant || storage.constant || storage.alias_of != kNoTensor ||
      storage.size_bytes() != tensor.size_bytes()) {
    return fmt::format("alias {} does not fit {}", tensor.name, storage.name);
  }
  return {};
}

// Walks the nodes in order and keeps which storage has been written.
class OrderCheck {
 public:
  explicit OrderCheck(const Graph& graph) : graph_(graph), written_(graph.tensors.size(), false) {}

  Broken run() {
    for (TensorId id : graph_.inputs) {
      if (Broken broken = check_boundary(id, "input")) return broken;
      if (written_[id]) return fmt::format("input {} is listed twice", graph_.tensors[id].name);
      written_[id] = true;
    }
    for (const Node& node : graph_.nodes) {
      if (Broken broken = check_node(node)) return broken;
    }
    for (TensorId id : graph_.outputs) {
      if (Broken broken = check_boundary(id, "output")) return broken;
      if (!written_[graph_.storage(id)])
        return fmt::format("nothing computes the output {}", graph_.tensors[id].name);
    }
    return {};
  }

 private:
  Broken check_boundary(TensorId id, const char* role) const {
    if (id >= graph_.tensors.size()) return fmt::format("{} {} names no tensor", role, id);
    if (graph_.tensors[id].constant) return fmt::format("{} {} is a constant", role, graph_.tensors[id].name);
    return {};
  }

  Broken check_node(const Node& node) {
    const Arity arity = input_arity(node.op);
    if (node.inputs.size() < arity.minimum || node.inputs.size() > arity.maximum ||
        node.outputs.size() != 1) {
      return fmt::format("node {} has {} inputs and {} outputs", node.name, node.inputs.size(),
                         node.outputs.size());
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const TensorId id = node.inputs[i];
      if (id == kNoTensor && i >= arity.minimum) continue;
      if (id >= graph_.tensors.size()) return fmt::format("node {}: input {} names no tensor", node.name, i);
      if (!graph_.tensors[id].constant && !written_[graph_.storage(id)]) {
        return fmt::format("node {} reads {} before it is computed", node.name, graph_.tensors[id].name);
      }
    }
    const TensorId out = node.outputs[0];
    if (out >= graph_.tensors.size()) return fmt::format("node {} writes no tensor", node.name);
    if (graph_.tensors[out].constant || graph_.tensors[out].alias_of != kNoTensor || written_[out]) {
      return fmt::format("node {} writes {}, which is not its own", node.name, graph_.tensors[out].name);
    }
    written_[out] = true;
    return {};
  }

  const Graph& graph_;
  std::vector<bool> written_;
};

}  // namespace

std::optional<std::string> verify(const Graph& graph) {
  for (const Tensor& tensor : graph.tensors) {
    if (Broken broken = verify_tensor(graph, tensor)) return broken;
  }
  return OrderCheck(graph).run();
}

}  // namespace rune::compiler::ir
