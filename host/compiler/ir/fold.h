// Evaluates nodes whose inputs are known when compiling.
#pragma once

#include "host/compiler/ir/ir.h"

namespace rune::compiler::ir {

// When `node` is a reshape or a dequantisation (from int8 or float16) of a constant, makes its output that
// constant and returns true: the node is not needed any more. Otherwise changes nothing.
bool fold(Graph& graph, const Node& node);

// The values of a constant of i8 (with its scales), f16 or f32 elements.
std::vector<float> constant_values(const Tensor& tensor);

// Makes `tensor` a float32 constant of these values, one for each element, without quantisation.
void set_constant(Tensor& tensor, const std::vector<float>& values);

}  // namespace rune::compiler::ir
