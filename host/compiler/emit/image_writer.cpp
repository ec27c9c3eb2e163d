// Writes a model image: records, strings, then constants and parameter blocks, each 16-byte aligned.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>

#include "device/base/crc.h"
#include "host/compiler/emit/emit.h"

namespace rune::compiler::emit {
namespace {

constexpr size_t kMaxRecords = UINT16_MAX;
constexpr uint32_t kAlignment = 16;

void pad(ByteVector& bytes, uint32_t alignment) {
  bytes.resize(align_up(static_cast<uint32_t>(bytes.size()), alignment));
}

// Room for `records` at the end, 4-byte aligned; returns where.
template <typename T>
uint32_t append(ByteVector& bytes, const std::vector<T>& records) {
  pad(bytes, 4);
  const auto offset = static_cast<uint32_t>(bytes.size());
  const auto* from = reinterpret_cast<const uint8_t*>(records.data());
  bytes.insert(bytes.end(), from, from + records.size() * sizeof(T));
  return offset;
}

class ImageWriter {
 public:
  explicit ImageWriter(const ImageParts& parts)
      : parts_(parts), record_of_(parts.graph.tensors.size(), kUnused) {
    add_string("");
  }

  Result<ByteVector, Diagnostic> write() {
    for (ir::TensorId id : parts_.graph.inputs) add_operand(id);
    for (ir::TensorId id : parts_.graph.outputs) add_operand(id);
    for (size_t i = 0; i < parts_.nodes.size(); ++i) add_node(i);
    if (operands_.size() > kMaxRecords) {  // tensors and operators are fewer
      return Diagnostic{.where = {.file = parts_.graph.source},
                        .what = "the model has too many operands",
                        .limit = kMaxRecords,
                        .actual = static_cast<int64_t>(operands_.size()),
                        .hint = "splitting the model"};
    }
    return assemble();
  }

 private:
  static constexpr uint32_t kUnused = UINT32_MAX;

  uint32_t add_string(const std::string& text) {
    auto [found, added] = strings_.try_emplace(text, static_cast<uint32_t>(string_bytes_.size()));
    if (added) string_bytes_.insert(string_bytes_.end(), text.c_str(), text.c_str() + text.size() + 1);
    return found->second;
  }

  // Equal blocks are stored once. The offset is from the start of the data.
  uint32_t add_data(const ByteVector& bytes) {
    auto [found, added] = blocks_.try_emplace(bytes, static_cast<uint32_t>(data_.size()));
    if (added) {
      data_.insert(data_.end(), bytes.begin(), bytes.end());
      pad(data_, kAlignment);
    }
    return found->second;
  }

  bool is_boundary(ir::TensorId id) const {
    const auto& in = parts_.graph.inputs;
    const auto& out = parts_.graph.outputs;
    return std::find(in.begin(), in.end(), id) != in.end() ||
           std::find(out.begin(), out.end(), id) != out.end();
  }

  void add_operand(ir::TensorId id) {
    if (record_of_[id] == kUnused) {
      record_of_[id] = static_cast<uint32_t>(tensors_.size());
      const ir::Tensor& tensor = parts_.graph.tensors[id];
      format::TensorRecord record{};
      record.element = static_cast<uint8_t>(tensor.element);
      record.storage =
          static_cast<uint8_t>(tensor.constant ? format::Storage::kConstant : format::Storage::kArena);
      record.rank = tensor.shape.rank;
      record.offset = tensor.constant ? add_data(tensor.data) : parts_.plan.tensor_offsets[id];
      if (tensor.quantization.scales.size() == 1) {
        record.scale = tensor.quantization.scale(0);
        record.zero_point = tensor.quantization.zero_point(0);
      }
      for (uint32_t i = 0; i < tensor.shape.rank; ++i) record.dims[i] = tensor.shape.dims[i];
      // Names of inner tensors would only cost flash.
      record.name = add_string(is_boundary(id) ? tensor.name : "");
      tensors_.push_back(record);
    }
    operands_.push_back(static_cast<uint16_t>(record_of_[id]));
  }

  void add_node(size_t index) {
    const LoweredNode& node = parts_.nodes[index];
    auto [kernel, added] = kernels_.try_emplace(node.kernel, static_cast<uint16_t>(kernel_names_.size()));
    if (added) kernel_names_.push_back({.name = add_string(node.kernel)});
    format::OperatorRecord record{};
    record.kernel = kernel->second;
    record.first_operand = static_cast<uint16_t>(operands_.size());
    record.input_count = static_cast<uint8_t>(node.inputs.size());
    record.output_count = static_cast<uint8_t>(node.outputs.size());
    record.params_offset = add_data(node.params);
    record.params_bytes = static_cast<uint32_t>(node.params.size());
    record.scratch_offset = parts_.plan.scratch_offsets[index];
    record.scratch_bytes = node.needs.scratch_bytes;
    for (ir::TensorId id : node.inputs) add_operand(id);
    for (ir::TensorId id : node.outputs) add_operand(id);
    operators_.push_back(record);
  }

  // One group: each operator runs once, over all its rows.
  std::vector<format::GroupRecord> groups() const {
    if (operators_.empty()) return {};
    return {{.first_operator = 0,
             .operator_count = static_cast<uint16_t>(operators_.size()),
             .kind = static_cast<uint8_t>(format::GroupKind::kWhole),
             .rows_per_step = 1,
             .reserved = 0}};
  }

  format::ImageHeader header() const {
    format::ImageHeader header{};
    header.magic = format::kModelImageMagic;
    header.version = format::kModelImageVersion;
    header.rounding = static_cast<uint8_t>(parts_.rounding);
    parts_.target.copy(header.target, sizeof(header.target) - 1);
    header.arena_bytes = parts_.plan.arena_bytes;
    header.tensor_count = static_cast<uint16_t>(tensors_.size());
    header.operand_count = static_cast<uint16_t>(operands_.size());
    header.operator_count = static_cast<uint16_t>(operators_.size());
    header.group_count = static_cast<uint16_t>(groups().size());
    header.kernel_count = static_cast<uint16_t>(kernel_names_.size());
    header.input_count = static_cast<uint16_t>(parts_.graph.inputs.size());
    header.output_count = static_cast<uint16_t>(parts_.graph.outputs.size());
    header.strings_bytes = static_cast<uint32_t>(string_bytes_.size());
    return header;
  }

  // Offsets of constants and parameters become offsets in the image.
  void rebase(uint32_t data_offset) {
    for (format::TensorRecord& record : tensors_) {
      if (record.storage == static_cast<uint8_t>(format::Storage::kConstant)) record.offset += data_offset;
    }
    for (format::OperatorRecord& record : operators_) record.params_offset += data_offset;
  }

  ByteVector assemble() {
    format::ImageHeader header = this->header();
    const size_t records_bytes = sizeof(header) + tensors_.size() * sizeof(format::TensorRecord) +
                                 align_up(static_cast<uint32_t>(operands_.size() * sizeof(uint16_t)), 4) +
                                 operators_.size() * sizeof(format::OperatorRecord) +
                                 groups().size() * sizeof(format::GroupRecord) +
                                 kernel_names_.size() * sizeof(format::KernelName) + string_bytes_.size();
    header.data_offset = align_up(static_cast<uint32_t>(records_bytes), kAlignment);
    rebase(header.data_offset);
    ByteVector image(sizeof(header));
    header.tensors_offset = append(image, tensors_);
    header.operands_offset = append(image, operands_);
    header.operators_offset = append(image, operators_);
    header.groups_offset = append(image, groups());
    header.kernels_offset = append(image, kernel_names_);
    header.strings_offset = append(image, string_bytes_);
    pad(image, kAlignment);
    image.insert(image.end(), data_.begin(), data_.end());
    header.image_bytes = static_cast<uint32_t>(image.size());
    std::memcpy(image.data(), &header, sizeof(header));
    constexpr size_t kCovered = offsetof(format::ImageHeader, checksum) + sizeof(header.checksum);
    header.checksum = crc32(Bytes(image).subspan(kCovered));
    std::memcpy(image.data(), &header, sizeof(header));
    return image;
  }

  const ImageParts& parts_;
  std::vector<uint32_t> record_of_;  // by tensor
  std::vector<format::TensorRecord> tensors_;
  std::vector<uint16_t> operands_;
  std::vector<format::OperatorRecord> operators_;
  std::vector<format::KernelName> kernel_names_;
  std::map<std::string, uint16_t> kernels_;
  std::map<std::string, uint32_t> strings_;
  std::vector<char> string_bytes_;
  std::map<ByteVector, uint32_t> blocks_;
  ByteVector data_;
};

}  // namespace

Result<ByteVector, Diagnostic> write_image(const ImageParts& parts) { return ImageWriter(parts).write(); }

}  // namespace rune::compiler::emit
