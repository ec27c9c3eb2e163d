// Helpers that the sources of the compiler's front door share.
#pragma once

#include "host/compiler/compiler.h"
#include "host/compiler/ir/ir.h"

namespace rune::compiler {

// Whether `file` starts as a model image does.
bool is_image(Bytes file);

std::vector<NamedTensor> named_tensors(const ir::Graph& graph, const std::vector<ir::TensorId>& ids);
NamedTensor named_tensor(const format::ModelImage& image, uint16_t index);

}  // namespace rune::compiler
