// Chooses a kernel for a node: the reference kernel's block first, then the target's faster form of it.
#include <algorithm>

#include "device/kernels/dsp/dsp_packing.h"
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
    case ir::Op::kMean: return pack_mean(source);
    case ir::Op::kQuantize: return pack_quantize(source);
    case ir::Op::kRelu: return pack_relu(source);
    case ir::Op::kReshape: return source.lowered("reshape", 1);
    case ir::Op::kSoftmax: return pack_softmax(source);
    case ir::Op::kTranspose: return pack_transpose(source);
  }
  return source.refuse("no kernel", "reporting this");
}

kernels::Tensor device_tensor(const ir::Tensor& tensor) {
  kernels::Tensor result;
  result.element = tensor.element;
  result.shape = tensor.shape;
  result.ring_rows = result.rows();
  result.row_bytes = tensor.size_bytes() / result.rows();
  return result;
}

// The node with its DSP kernel, where there is one that gives the reference's bits; else as it was.
LoweredNode with_dsp_kernel(const ir::Graph& graph, LoweredNode node) {
  std::vector<kernels::Tensor> tensors;
  for (const ir::TensorId id : node.inputs) tensors.push_back(device_tensor(graph.tensors[id]));
  for (const ir::TensorId id : node.outputs) tensors.push_back(device_tensor(graph.tensors[id]));
  kernels::Plan plan;
  plan.inputs = {tensors.data(), node.inputs.size()};
  plan.outputs = {tensors.data() + node.inputs.size(), node.outputs.size()};
  plan.params = node.params;
  for (const kernels::DspPacker& packer : kernels::dsp_packers()) {
    if (node.kernel != packer.reference) continue;
    const rune::Result<kernels::DspPacked> size = packer.pack(plan, {});
    if (!size.ok()) continue;
    ByteVector block(size.value().params_bytes);
    if (!packer.pack(plan, block).ok()) continue;
    node.kernel = packer.name;
    node.params = std::move(block);
    node.needs = {.scratch_bytes = size.value().scratch_bytes};
    break;
  }
  return node;
}

}  // namespace

Result<LoweredNode, Diagnostic> lower(const ir::Graph& graph, const ir::Node& node, const Target& target,
                                      format::Rounding rounding) {
  Packed packed = pack_reference({graph, node, rounding});
  const bool has_dsp =
      std::find(target.kernel_sets.begin(), target.kernel_sets.end(), "dsp") != target.kernel_sets.end();
  if (!packed.ok() || !has_dsp) return packed;
  return with_dsp_kernel(graph, std::move(packed.value()));
}

}  // namespace rune::compiler::emit
