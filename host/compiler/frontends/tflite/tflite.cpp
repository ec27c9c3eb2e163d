// Reads a .tflite file: verification, operator codes, tensors, buffers, nodes.
#include "host/compiler/frontends/tflite/tflite.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/compiler/frontends/tflite/importer_internal.h"
#include "host/compiler/ir/fold.h"
#include "host/compiler/ir/verify.h"

namespace rune::compiler {
namespace tflite {
namespace {

// Larger tensors than this cannot be addressed by a model image.
constexpr uint64_t kMaxTensorBytes = 1u << 30;
// Constants may share a buffer; a file whose tensors add up to more than this many times its size is hostile.
constexpr uint64_t kMaxConstantRatio = 16;
constexpr char kDamaged[] = "copying or exporting it again: the file is damaged";

ElementType element_of(TensorType type) {
  switch (type) {
    case TensorType::FLOAT32: return ElementType::kF32;
    case TensorType::FLOAT16: return ElementType::kF16;
    case TensorType::FLOAT64: return ElementType::kF64;
    case TensorType::INT8: return ElementType::kI8;
    case TensorType::UINT8: return ElementType::kU8;
    case TensorType::INT16: return ElementType::kI16;
    case TensorType::UINT16: return ElementType::kU16;
    case TensorType::INT32: return ElementType::kI32;
    case TensorType::UINT32: return ElementType::kU32;
    case TensorType::INT64: return ElementType::kI64;
    case TensorType::UINT64: return ElementType::kU64;
    case TensorType::BOOL: return ElementType::kBool;
    default: return ElementType::kNone;
  }
}

class Importer {
 public:
  Importer(Bytes file, std::string_view name) : file_(file) { graph_.source = printable(name); }

  Result<ir::Graph, Diagnostic> import() {
    if (Refusal refusal = open()) return *refusal;
    if (Refusal refusal = read_tensors()) return *refusal;
    if (Refusal refusal = read_boundary()) return *refusal;
    if (Refusal refusal = read_operators()) return *refusal;
    if (std::optional<std::string> broken = ir::verify(graph_)) {
      return *refuse(*broken, kDamaged);
    }
    return std::move(graph_);
  }

 private:
  Refusal refuse(std::string what, std::string hint) const {
    return Diagnostic{.where = {.file = graph_.source}, .what = std::move(what), .hint = std::move(hint)};
  }

  Refusal open() {
    if (!is_tflite(file_)) return refuse("this is no .tflite file", "a TensorFlow Lite model");
    flatbuffers::Verifier verifier(file_.data(), file_.size());
    if (!VerifyModelBuffer(verifier)) {
      return refuse(fmt::format("the file is truncated or corrupted ({} bytes)", file_.size()),
                    "copying or exporting it again");
    }
    model_ = GetModel(file_.data());
    if (model_->version() != 3) {
      return refuse(fmt::format("schema version {}, this compiler reads 3", model_->version()),
                    "converting it with a current TensorFlow");
    }
    if (model_->subgraphs() == nullptr || model_->subgraphs()->size() != 1) {
      return refuse(fmt::format("{} subgraphs, supported is one",
                                model_->subgraphs() == nullptr ? 0 : model_->subgraphs()->size()),
                    "exporting without control flow");
    }
    subgraph_ = model_->subgraphs()->Get(0);
    if (subgraph_ == nullptr || subgraph_->tensors() == nullptr || subgraph_->operators() == nullptr ||
        subgraph_->inputs() == nullptr || subgraph_->outputs() == nullptr || model_->buffers() == nullptr ||
        model_->operator_codes() == nullptr) {
      return refuse("tensors, operators or buffers are missing", kDamaged);
    }
    return {};
  }

  Refusal read_tensors() {
    for (uint32_t i = 0; i < subgraph_->tensors()->size(); ++i) {
      const Tensor* source = subgraph_->tensors()->Get(i);
      ir::Tensor tensor;
      tensor.name =
          source->name() == nullptr ? fmt::format("tensor{}", i) : printable(source->name()->string_view());
      if (Refusal refusal = read_tensor(*source, tensor)) return refusal;
      graph_.tensors.push_back(std::move(tensor));
    }
    return {};
  }

  Refusal read_tensor(const Tensor& source, ir::Tensor& tensor) {
    tensor.element = element_of(source.type());
    if (Refusal refusal = read_shape(source, tensor)) return refusal;
    if (Refusal refusal = read_quantization(source, tensor)) return refusal;
    tensor.variable = source.is_variable();
    return read_data(source, tensor);
  }

  Refusal read_shape(const Tensor& source, ir::Tensor& tensor) {
    const auto* shape = source.shape();
    const uint32_t rank = shape == nullptr ? 0 : shape->size();
    if (rank > Shape::kMaxRank) {
      return refuse(fmt::format("tensor {} has {} dimensions, limit {}", tensor.name, rank, Shape::kMaxRank),
                    "reshaping it to fewer");
    }
    uint64_t bytes = std::max<uint32_t>(element_bytes(tensor.element), 1);
    tensor.shape.rank = static_cast<uint8_t>(rank);
    for (uint32_t i = 0; i < rank; ++i) {
      const int32_t dimension = shape->Get(i);
      if (dimension < 1) {
        return refuse(fmt::format("tensor {} has dimension {} of size {}", tensor.name, i, dimension),
                      "exporting with static shapes of at least 1");
      }
      tensor.shape.dims[i] = static_cast<uint32_t>(dimension);
      bytes *= static_cast<uint64_t>(dimension);
      if (bytes > kMaxTensorBytes) {
        return refuse(fmt::format("tensor {} is larger than {} bytes", tensor.name, kMaxTensorBytes),
                      "a smaller model");
      }
    }
    return {};
  }

  Refusal read_quantization(const Tensor& source, ir::Tensor& tensor) {
    const QuantizationParameters* quantization = source.quantization();
    if (quantization == nullptr || quantization->scale() == nullptr || quantization->scale()->size() == 0)
      return {};
    if (quantization->details_type() != 0) {
      return refuse(fmt::format("tensor {} uses a custom quantisation", tensor.name),
                    "exporting with standard int8");
    }
    const auto* zero_points = quantization->zero_point();
    for (float scale : *quantization->scale()) {
      // A scale of 0 is what converters write for a channel whose weights are all zero.
      if (!(scale >= 0) || scale > 1e30f) {
        return refuse(fmt::format("tensor {} has the scale {}", tensor.name, scale), "exporting it again");
      }
      tensor.quantization.scales.push_back(scale);
    }
    if (zero_points != nullptr) {
      for (int64_t zero_point : *zero_points) {
        if (zero_point < -128 || zero_point > 255) {
          return refuse(fmt::format("tensor {} has the zero point {}", tensor.name, zero_point),
                        "exporting it again");
        }
        tensor.quantization.zero_points.push_back(static_cast<int32_t>(zero_point));
      }
    }
    const size_t scales = tensor.quantization.scales.size();
    const size_t points = tensor.quantization.zero_points.size();
    if (points > 1 && points != scales) {
      return refuse(fmt::format("tensor {} has {} scales and {} zero points", tensor.name, scales, points),
                    "exporting it again");
    }
    tensor.quantization.axis = static_cast<uint32_t>(std::max(quantization->quantized_dimension(), 0));
    return {};
  }

  Refusal read_data(const Tensor& source, ir::Tensor& tensor) {
    if (source.buffer() == 0) return {};  // by convention the empty one
    if (source.buffer() >= model_->buffers()->size()) {
      return refuse(fmt::format("tensor {} names buffer {} of {}", tensor.name, source.buffer(),
                                model_->buffers()->size()),
                    kDamaged);
    }
    const Buffer* buffer = model_->buffers()->Get(source.buffer());
    Bytes data;
    if (buffer->data() != nullptr && buffer->data()->size() > 0) {
      data = Bytes(buffer->data()->data(), buffer->data()->size());
    } else if (buffer->offset() > 1) {  // large files keep buffers after the tables; 1 means "not set yet"
      if (buffer->offset() > file_.size() || buffer->size() > file_.size() - buffer->offset()) {
        return refuse(fmt::format("buffer {} lies outside the file", source.buffer()),
                      "copying the file again");
      }
      data = file_.subspan(buffer->offset(), buffer->size());
    }
    if (data.empty() || tensor.element == ElementType::kNone) return {};
    if (data.size() != tensor.size_bytes()) {
      return refuse(fmt::format("constant {} needs {} bytes, its buffer has {}", tensor.name,
                                tensor.size_bytes(), data.size()),
                    kDamaged);
    }
    constant_bytes_ += data.size();
    if (constant_bytes_ > kMaxConstantRatio * file_.size()) {
      return refuse(fmt::format("constants add up to more than {} times the file", kMaxConstantRatio),
                    kDamaged);
    }
    tensor.constant = true;
    tensor.data.assign(data.begin(), data.end());
    return {};
  }

  Refusal read_list(const flatbuffers::Vector<int32_t>* source, const std::string& where,
                    std::vector<ir::TensorId>& out) const {
    if (source == nullptr) return {};
    for (int32_t index : *source) {
      if (index == -1) {
        out.push_back(ir::kNoTensor);
      } else if (index < 0 || static_cast<uint32_t>(index) >= graph_.tensors.size()) {
        return refuse(fmt::format("{} names tensor {} of {}", where, index, graph_.tensors.size()), kDamaged);
      } else {
        out.push_back(static_cast<ir::TensorId>(index));
      }
    }
    return {};
  }

  Refusal read_boundary() {
    if (Refusal refusal = read_list(subgraph_->inputs(), "the input list", graph_.inputs)) return refusal;
    if (Refusal refusal = read_list(subgraph_->outputs(), "the output list", graph_.outputs)) return refusal;
    for (const auto* list : {&graph_.inputs, &graph_.outputs}) {
      for (ir::TensorId id : *list) {
        if (id == ir::kNoTensor) return refuse("an input or output is left out", "exporting it again");
        if (graph_.tensors[id].element == ElementType::kNone) {
          return refuse(fmt::format("{} has an element type that is not supported", graph_.tensors[id].name),
                        "int8 or float32");
        }
      }
    }
    return {};
  }

  Refusal read_operators() {
    for (uint32_t i = 0; i < subgraph_->operators()->size(); ++i) {
      const Operator& source = *subgraph_->operators()->Get(i);
      if (source.opcode_index() >= model_->operator_codes()->size()) {
        return refuse(fmt::format("node {} names operator code {} of {}", i, source.opcode_index(),
                                  model_->operator_codes()->size()),
                      kDamaged);
      }
      if (Refusal refusal = read_operator(i, source, *model_->operator_codes()->Get(source.opcode_index()))) {
        return refusal;
      }
    }
    // Last, because an operator that needs state is the better thing to name.
    for (const ir::Tensor& tensor : graph_.tensors) {
      if (tensor.variable) {
        return refuse(fmt::format("tensor {} keeps state between runs, which is not supported", tensor.name),
                      "exporting the model without state");
      }
    }
    return {};
  }

  Refusal read_operator(uint32_t index, const Operator& source, const OperatorCode& code) {
    ir::Node node;
    node.source_index = index;
    const std::string where = fmt::format("node {}", index);
    if (Refusal refusal = read_list(source.inputs(), where, node.inputs)) return refusal;
    if (Refusal refusal = read_list(source.outputs(), where, node.outputs)) return refusal;
    if (node.outputs.empty() || std::count(node.outputs.begin(), node.outputs.end(), ir::kNoTensor) != 0) {
      return refuse(where + " has no output", kDamaged);
    }
    node.name = graph_.tensors[node.outputs[0]].name;
    // Files older than the wide field keep the code in the narrow one.
    const int32_t number = std::max(static_cast<int32_t>(code.builtin_code()),
                                    static_cast<int32_t>(code.deprecated_builtin_code()));
    const auto builtin = static_cast<BuiltinOperator>(number);
    std::string name = EnumNameBuiltinOperator(builtin);
    if (builtin == BuiltinOperator::CUSTOM) {
      name =
          code.custom_code() == nullptr ? "custom" : "custom:" + printable(code.custom_code()->string_view());
    } else if (name.empty()) {
      name = fmt::format("operator {}", number);
    }
    Context context{graph_, source, node, name};
    if (Refusal refusal = convert_operator(builtin, context)) return refusal;
    // At once, because later operators want their weights as constants.
    if (!ir::fold(graph_, node)) graph_.nodes.push_back(std::move(node));
    return {};
  }

  Bytes file_;
  ir::Graph graph_;
  const Model* model_ = nullptr;
  const SubGraph* subgraph_ = nullptr;
  uint64_t constant_bytes_ = 0;
};

}  // namespace

std::string printable(std::string_view text) {
  constexpr size_t kMaxLength = 160;
  std::string out(text.substr(0, kMaxLength));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

Refusal Context::refuse(std::string what, std::string hint) const {
  return Diagnostic{.where = {.file = graph.source,
                              .node = fmt::format("node {} ({}, {})", node.source_index,
                                                  node.name.substr(0, 60), operator_name)},
                    .what = std::move(what),
                    .hint = std::move(hint)};
}

}  // namespace tflite

bool is_tflite(Bytes file) { return file.size() >= 8 && as_text(file.subspan(4, 4)) == "TFL3"; }

Result<ir::Graph, Diagnostic> import_tflite(Bytes file, std::string_view name) {
  return tflite::Importer(file, name).import();
}

}  // namespace rune::compiler
