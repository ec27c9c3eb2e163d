// What the parts of the .tflite front end share: the file, the graph under construction, and refusals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/compiler/frontends/tflite/tflite.h"
#include "tflite_subset_generated.h"

namespace rune::compiler::tflite {

// Nothing, or the reason why the file is refused.
using Refusal = std::optional<Diagnostic>;

// One operator being converted: its options in the file, its node in the graph.
struct Context {
  ir::Graph& graph;
  const Operator& source;
  ir::Node& node;
  std::string operator_name;

  // "net.tflite: node 3 (conv1, CONV_2D): <what>; <hint>".
  Refusal refuse(std::string what, std::string hint) const;

  size_t inputs() const { return node.inputs.size(); }
  bool has_input(size_t index) const { return index < inputs() && node.inputs[index] != ir::kNoTensor; }
  // Requires has_input(index).
  const ir::Tensor& input(size_t index) const { return graph.tensors[node.inputs[index]]; }
  const ir::Tensor& output() const { return graph.tensors[node.outputs[0]]; }
};

// Fills context.node from the operator's options and checks its tensors against what the operator requires.
// Inputs that only carry parameters (shapes, axes) are moved into the node.
Refusal convert_operator(BuiltinOperator code, Context& context);

// The part of convert_operator() for convolutions, dense layers and pools.
Refusal convert_layer(BuiltinOperator code, Context& context);

Refusal set_activation(Context& context, ActivationFunctionType activation);
// Sets the leading padding of node.window; refuses windows that make no sense, or an output of another size.
Refusal set_padding(Context& context, Padding padding);
// Activations of one type: int8 with a scale, or float32.
Refusal check_activation_type(const Context& context, const ir::Tensor& tensor);
// Weights and bias of input, weights, bias; `channel_axis` is the axis of output channels in the weights.
Refusal check_weights(const Context& context, uint32_t channel_axis);

// Readable text for messages and names: other bytes than printable ASCII become '?', long text is cut.
std::string printable(std::string_view text);

}  // namespace rune::compiler::tflite
