// Summaries of models: what `rune model info` prints and what Runefile checks shapes against.
#include <algorithm>
#include <cstring>

#include "host/compiler/compiler.h"
#include "host/compiler/compiler_internal.h"
#include "host/compiler/frontends/tflite/tflite.h"

namespace rune::compiler {
namespace {

void count_operator(std::vector<OperatorSummary>& operators, const std::string& name, uint64_t macs) {
  auto found =
      std::find_if(operators.begin(), operators.end(), [&](const auto& one) { return one.name == name; });
  if (found == operators.end()) found = operators.insert(operators.end(), OperatorSummary{.name = name});
  found->count += 1;
  found->multiply_accumulates += macs;
}

// What the weights say: of several kinds of layer the most quantised one names the model.
std::string quantisation_of(const ir::Graph& graph) {
  bool int8 = false, per_channel = false, hybrid = false;
  for (const ir::Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || node.op == ir::Op::kAdd) continue;
    const ir::Tensor& weights = graph.tensors[node.inputs[1]];
    if (weights.element != ElementType::kI8) continue;
    const bool float_activations = graph.tensors[node.inputs[0]].element == ElementType::kF32;
    hybrid |= float_activations;
    int8 |= !float_activations;
    per_channel |= weights.quantization.scales.size() > 1;
  }
  if (hybrid) return "float32 with int8 weights";
  if (!int8) {
    const bool float_input =
        !graph.inputs.empty() && graph.tensors[graph.inputs[0]].element == ElementType::kF32;
    return float_input ? "float32" : "int8";
  }
  return per_channel ? "int8 per channel" : "int8 per tensor";
}

Result<ModelSummary, Diagnostic> inspect_tflite(Bytes file, std::string_view name) {
  Result<ir::Graph, Diagnostic> imported = import_tflite(file, name);
  if (!imported.ok()) return imported.error();
  const ir::Graph& graph = imported.value();
  ModelSummary summary;
  summary.format = "tflite";
  summary.inputs = named_tensors(graph, graph.inputs);
  summary.outputs = named_tensors(graph, graph.outputs);
  for (const ir::Node& node : graph.nodes) {
    count_operator(summary.operators, ir::op_name(node.op), ir::multiply_accumulates(graph, node));
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == ir::kNoTensor) continue;
      const ir::Tensor& constant = graph.tensors[node.inputs[i]];
      if (constant.constant) summary.weight_bytes += constant.size_bytes();
    }
  }
  summary.multiply_accumulates = ir::multiply_accumulates(graph);
  summary.quantisation = quantisation_of(graph);
  return summary;
}

NamedTensor named_tensor(const format::ModelImage& image, uint16_t index) {
  return {std::string(image.string(image.tensors()[index].name)), image.tensor_type(index)};
}

Result<ModelSummary, Diagnostic> inspect_image(Bytes file, std::string_view name) {
  Result<format::ModelImage> opened = format::ModelImage::open(file);
  if (!opened.ok()) {
    return from_status({.file = std::string(name)}, "the model image is not usable", opened.status(),
                       "compiling it again");
  }
  const format::ModelImage& image = opened.value();
  ModelSummary summary;
  summary.format = "image";
  summary.target = std::string(image.target());
  summary.arena_bytes = image.header().arena_bytes;
  summary.image_bytes = image.header().image_bytes;
  summary.weight_bytes = image.header().image_bytes - image.header().data_offset;
  for (uint16_t index : image.inputs()) summary.inputs.push_back(named_tensor(image, index));
  for (uint16_t index : image.outputs()) summary.outputs.push_back(named_tensor(image, index));
  bool float_seen = false, int8_seen = false;
  for (const format::OperatorRecord& record : image.operators()) {
    count_operator(summary.operators, std::string(image.string(image.kernel_names()[record.kernel].name)), 0);
  }
  for (uint16_t index = 0; index < image.tensors().size(); ++index) {
    float_seen |= image.tensor_type(index).element == ElementType::kF32;
    int8_seen |= image.tensor_type(index).element == ElementType::kI8;
  }
  summary.quantisation = int8_seen && float_seen ? "int8 and float32" : int8_seen ? "int8" : "float32";
  return summary;
}

}  // namespace

std::vector<NamedTensor> named_tensors(const ir::Graph& graph, const std::vector<ir::TensorId>& ids) {
  std::vector<NamedTensor> out;
  for (ir::TensorId id : ids) {
    const ir::Tensor& tensor = graph.tensors[id];
    NamedTensor named{tensor.name, {.element = tensor.element, .shape = tensor.shape}};
    if (tensor.quantization.present()) {
      named.type.scale = tensor.quantization.scale(0);
      named.type.zero_point = tensor.quantization.zero_point(0);
    }
    out.push_back(std::move(named));
  }
  return out;
}

bool is_image(Bytes file) { return file.size() >= 4 && load_le32(file.data()) == format::kModelImageMagic; }

Result<ModelSummary, Diagnostic> inspect_model(Bytes file, std::string_view name) {
  const ByteVector aligned(file.begin(), file.end());  // views of a model need its start 16-byte aligned
  if (is_image(aligned)) return inspect_image(aligned, name);
  return inspect_tflite(aligned, name);
}

Result<ModelSummary, Diagnostic> inspect_model(const std::string& path) {
  Result<ByteVector, Diagnostic> file = read_file(path);
  if (!file.ok()) return file.error();
  return inspect_model(file.value(), path);
}

}  // namespace rune::compiler
