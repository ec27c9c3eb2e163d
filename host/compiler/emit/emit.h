// From a graph to bytes: a kernel and a packed parameter block for each node, then the model image.
//
// lower() is the one place that knows which kernels there are. For each operator a file of this folder,
// named as the operator's parameter header in device/kernels/, packs the block that the kernel reads.
#pragma once

#include "host/compiler/compiler.h"
#include "host/compiler/ir/ir.h"
#include "host/compiler/passes/memory_plan.h"

namespace rune::compiler::emit {

// A node with its kernel chosen.
struct LoweredNode {
  std::string kernel;                // "conv_2d_s8_dsp"
  std::vector<ir::TensorId> inputs;  // what the kernel reads at run time; packed constants are not among them
  std::vector<ir::TensorId> outputs;
  ByteVector params;
  passes::KernelNeeds needs;
};

// Chooses the best kernel that the target has for the node and packs its parameters.
Result<LoweredNode, Diagnostic> lower(const ir::Graph& graph, const ir::Node& node, const Target& target,
                                      format::Rounding rounding);

// Everything that stands in an image.
struct ImageParts {
  const ir::Graph& graph;
  const std::vector<LoweredNode>& nodes;
  const passes::MemoryPlan& plan;
  std::string target;  // at most 15 characters
  format::Rounding rounding;
};

// The bytes of the image (docs/spec/model-image.md). A diagnostic when the model exceeds what the format's
// 16-bit counts can express.
Result<ByteVector, Diagnostic> write_image(const ImageParts& parts);

}  // namespace rune::compiler::emit
