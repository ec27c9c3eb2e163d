// What holds for a graph before and after every pass.
//
// - every index is in range, every constant has exactly the bytes of its shape;
// - a tensor is a graph input, a constant, an alias, or the output of exactly one node, which comes before
//   every use; aliases name storage of the same size and type and do not chain;
// - graph inputs and outputs are no constants; every node has the operands of its operator.
#pragma once

#include <optional>
#include <string>

#include "host/compiler/ir/ir.h"

namespace rune::compiler::ir {

// Nothing when the graph is sound, else the first rule it breaks, in words.
std::optional<std::string> verify(const Graph& graph);

}  // namespace rune::compiler::ir
