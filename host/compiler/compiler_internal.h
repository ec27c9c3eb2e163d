// Helpers that the sources of the compiler's front door share.
#pragma once

#include "host/compiler/compiler.h"
#include "host/compiler/ir/ir.h"

namespace rune::compiler {

std::vector<NamedTensor> named_tensors(const ir::Graph& graph, const std::vector<ir::TensorId>& ids);

}  // namespace rune::compiler
