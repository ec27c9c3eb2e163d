// Names, text and counts of the intermediate representation.
#include "host/compiler/ir/ir.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rune::compiler::ir {

const char* op_name(Op op) {
  switch (op) {
    case Op::kAdd: return "add";
    case Op::kAveragePool2d: return "average_pool_2d";
    case Op::kConv2d: return "conv_2d";
    case Op::kDepthwiseConv2d: return "depthwise_conv_2d";
    case Op::kDequantize: return "dequantize";
    case Op::kFullyConnected: return "fully_connected";
    case Op::kMaxPool2d: return "max_pool_2d";
    case Op::kMean: return "mean";
    case Op::kQuantize: return "quantize";
    case Op::kRelu: return "relu";
    case Op::kReshape: return "reshape";
    case Op::kSoftmax: return "softmax";
    case Op::kTranspose: return "transpose";
  }
  return "?";
}

const char* activation_name(Activation activation) {
  switch (activation) {
    case Activation::kNone: return "none";
    case Activation::kRelu: return "relu";
    case Activation::kReluN1To1: return "relu_n1_to_1";
    case Activation::kRelu6: return "relu6";
  }
  return "?";
}

uint64_t multiply_accumulates(const Graph& graph, const Node& node) {
  if (node.outputs.empty()) return 0;
  const uint64_t outputs = graph.tensors[node.outputs[0]].shape.elements();
  switch (node.op) {
    case Op::kConv2d:
    case Op::kFullyConnected: {
      const Tensor& weights = graph.tensors[node.inputs[1]];
      return outputs * (weights.shape.elements() / weights.shape.dims[0]);
    }
    case Op::kDepthwiseConv2d: return outputs * node.window.filter_height * node.window.filter_width;
    default: return 0;
  }
}

uint64_t multiply_accumulates(const Graph& graph) {
  uint64_t total = 0;
  for (const Node& node : graph.nodes) total += multiply_accumulates(graph, node);
  return total;
}

std::string to_text(ElementType element, const Shape& shape) {
  return fmt::format("{}[{}]", element_name(element),
                     fmt::join(shape.dims.begin(), shape.dims.begin() + shape.rank, ","));
}

std::string to_text(const Graph& graph) {
  auto list = [&](const std::vector<TensorId>& ids) {
    std::string text;
    for (TensorId id : ids) {
      text += id == kNoTensor ? std::string(" none")
                              : " " + to_text(graph.tensors[id].element, graph.tensors[id].shape);
    }
    return text;
  };
  std::string text;
  for (const Node& node : graph.nodes) {
    text += fmt::format("{} {}:{} ->{}", op_name(node.op), node.name, list(node.inputs), list(node.outputs));
    if (node.activation != Activation::kNone) text += fmt::format(" {}", activation_name(node.activation));
    text += "\n";
  }
  return text;
}

}  // namespace rune::compiler::ir
