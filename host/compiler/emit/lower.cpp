// Chooses a kernel for a node: the reference kernel's block first, then the target's faster form of it.
#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {
namespace {

Packed pack_reference(const Source& source) {
  switch (source.node.op) {
    case ir::Op::kAdd: return pack_add(source);
    case ir::Op::kAveragePool2d:
    case ir::Op::kMaxPool2d: return pack_pool(source);
    case ir::Op::kConv2d: return pack_convolution(source);
    case ir::Op::kDepthwiseConv2d: return pack_depthwise_convolution(source);
    case ir::Op::kDequantize: return pack_dequantize(source);
    case ir::Op::kFullyConnected: return pack_fully_connected(source);
    case ir::Op::kLogSoftmax: return pack_log_softmax(source);
    case ir::Op::kMean: return pack_mean(source);
    case ir::Op::kQuantize: return pack_quantize(source);
    case ir::Op::kRelu: return pack_relu(source);
    case ir::Op::kReshape: return source.lowered("reshape", 1);
    case ir::Op::kSoftmax: return pack_softmax(source);
    case ir::Op::kTranspose: return pack_transpose(source);
  }
  return source.refuse("no kernel", "reporting this");
}

}  // namespace

Result<LoweredNode, Diagnostic> lower(const ir::Graph& graph, const ir::Node& node, const Target&,
                                      format::Rounding rounding) {
  return pack_reference({graph, node, rounding});
}

}  // namespace rune::compiler::emit
