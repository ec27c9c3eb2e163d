#include "host/compiler/passes/passes.h"

#include <algorithm>

namespace rune::compiler::passes {
namespace {

bool has_weights(ir::Op op) {
  return op == ir::Op::kConv2d || op == ir::Op::kDepthwiseConv2d || op == ir::Op::kFullyConnected;
}

// Times that nodes and the graph's outputs read the bytes of `id`, under any alias.
size_t readers(const ir::Graph& graph, ir::TensorId id) {
  size_t count = 0;
  auto reads = [&](ir::TensorId other) {
    if (other != ir::kNoTensor && graph.storage(other) == graph.storage(id)) ++count;
  };
  for (const ir::Node& node : graph.nodes) std::for_each(node.inputs.begin(), node.inputs.end(), reads);
  std::for_each(graph.outputs.begin(), graph.outputs.end(), reads);
  return count;
}

bool can_hold_activation(const ir::Node& node) {
  if (node.activation != ir::Activation::kNone) return false;
  return has_weights(node.op) || node.op == ir::Op::kAdd || node.op == ir::Op::kAveragePool2d ||
         node.op == ir::Op::kMaxPool2d;
}

bool same_values(const ir::Tensor& a, const ir::Tensor& b) {
  if (a.element == ElementType::kF32) return b.element == ElementType::kF32;
  return a.element == b.element && a.quantization.scale(0) == b.quantization.scale(0) &&
         a.quantization.zero_point(0) == b.quantization.zero_point(0);
}

}  // namespace

void fuse_activations(ir::Graph& graph) {
  std::vector<ir::Node> kept;
  for (ir::Node& node : graph.nodes) {
    // Nodes come in order, so the producer is among those already kept.
    auto before = std::find_if(kept.begin(), kept.end(), [&](const ir::Node& one) {
      return node.op == ir::Op::kRelu && one.outputs[0] == node.inputs[0];
    });
    if (before == kept.end() || !can_hold_activation(*before) || readers(graph, node.inputs[0]) != 1 ||
        !same_values(graph.tensors[node.inputs[0]], graph.tensors[node.outputs[0]])) {
      kept.push_back(node);
      continue;
    }
    before->activation = node.activation;
    before->outputs = node.outputs;
  }
  graph.nodes = std::move(kept);
}

void remove_reshapes(ir::Graph& graph) {
  std::erase_if(graph.nodes, [&](const ir::Node& node) {
    if (node.op != ir::Op::kReshape) return false;
    graph.tensors[node.outputs[0]].alias_of = graph.storage(node.inputs[0]);
    return true;
  });
}

void remove_dead_nodes(ir::Graph& graph) {
  bool changed = true;
  while (changed) {
    changed = std::erase_if(graph.nodes,
                            [&](const ir::Node& node) { return readers(graph, node.outputs[0]) == 0; }) != 0;
  }
}

}  // namespace rune::compiler::passes
