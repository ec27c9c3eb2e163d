// Builds model images by hand, for tests: records in, bytes out. Not part of any product.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "device/base/crc.h"
#include "device/format/model_image.h"

namespace rune::test {

// Bytes at a 16-byte aligned address, as flash and arenas give them.
class AlignedBytes {
 public:
  explicit AlignedBytes(size_t size = 0) : units_((size + 15) / 16), size_(size) {}
  uint8_t* data() { return reinterpret_cast<uint8_t*>(units_.data()); }
  Bytes view() const { return {reinterpret_cast<const uint8_t*>(units_.data()), size_}; }
  MutableBytes span() { return {data(), size_}; }

 private:
  struct alignas(16) Unit {
    uint8_t bytes[16];
  };
  std::vector<Unit> units_;
  size_t size_;
};

class TestImage {
 public:
  TestImage() { strings_.push_back('\0'); }

  // In the arena, after the tensors so far unless `offset` says where. Ring rows 0: whole.
  uint16_t tensor(ElementType element, std::vector<uint32_t> dims, uint32_t ring_rows = 0) {
    format::TensorRecord record{};
    record.element = static_cast<uint8_t>(element);
    record.rank = static_cast<uint8_t>(dims.size());
    std::copy(dims.begin(), dims.end(), record.dims);
    record.ring_rows = ring_rows;
    record.offset = arena_bytes;
    uint32_t bytes = element_bytes(element);
    for (const uint32_t dim : dims) bytes *= dim;
    const uint32_t rows = dims.size() == 4 ? dims[1] : dims.empty() ? 1 : dims[0];
    arena_bytes += align_up(ring_rows == 0 ? bytes : bytes / rows * ring_rows, 16);
    tensors.push_back(record);
    return static_cast<uint16_t>(tensors.size() - 1);
  }

  void op(const std::string& kernel, std::vector<uint16_t> inputs, std::vector<uint16_t> outputs,
          const std::vector<uint8_t>& params, uint32_t scratch_bytes = 0) {
    format::OperatorRecord record{};
    record.kernel = kernel_index(kernel);
    record.input_count = static_cast<uint8_t>(inputs.size());
    record.output_count = static_cast<uint8_t>(outputs.size());
    record.first_operand = static_cast<uint16_t>(operands_.size());
    operands_.insert(operands_.end(), inputs.begin(), inputs.end());
    operands_.insert(operands_.end(), outputs.begin(), outputs.end());
    data_.resize(align_up(static_cast<uint32_t>(data_.size()), 16));
    record.params_offset = static_cast<uint32_t>(data_.size());  // moved to its place by build()
    record.params_bytes = static_cast<uint32_t>(params.size());
    data_.insert(data_.end(), params.begin(), params.end());
    record.scratch_offset = arena_bytes;
    record.scratch_bytes = scratch_bytes;
    arena_bytes += align_up(scratch_bytes, 16);
    operators.push_back(record);
  }

  void group(format::GroupKind kind, uint16_t count, uint8_t rows_per_step = 1) {
    format::GroupRecord record{};
    for (const format::GroupRecord& group : groups) record.first_operator += group.operator_count;
    record.operator_count = count;
    record.kind = static_cast<uint8_t>(kind);
    record.rows_per_step = rows_per_step;
    groups.push_back(record);
  }

  AlignedBytes build(const std::vector<uint16_t>& inputs, const std::vector<uint16_t>& outputs) const {
    std::vector<uint16_t> operands = inputs;
    operands.insert(operands.end(), outputs.begin(), outputs.end());
    const auto first = static_cast<uint16_t>(operands.size());
    operands.insert(operands.end(), operands_.begin(), operands_.end());
    std::vector<uint8_t> bytes(sizeof(format::ImageHeader));
    format::ImageHeader header{};
    header.magic = format::kModelImageMagic;
    header.version = format::kModelImageVersion;
    std::memcpy(header.target, "portable", 8);
    header.arena_bytes = arena_bytes;
    header.tensor_count = static_cast<uint16_t>(tensors.size());
    header.operand_count = static_cast<uint16_t>(operands.size());
    header.operator_count = static_cast<uint16_t>(operators.size());
    header.group_count = static_cast<uint16_t>(groups.size());
    header.kernel_count = static_cast<uint16_t>(kernels_.size());
    header.input_count = static_cast<uint16_t>(inputs.size());
    header.output_count = static_cast<uint16_t>(outputs.size());
    header.tensors_offset = append(bytes, tensors);
    header.operands_offset = append(bytes, operands);
    header.operators_offset = append(bytes, operators);
    header.groups_offset = append(bytes, groups);
    header.kernels_offset = append(bytes, kernels_);
    header.strings_offset = append(bytes, strings_);
    header.strings_bytes = static_cast<uint32_t>(strings_.size());
    bytes.resize(align_up(static_cast<uint32_t>(bytes.size()), 16));
    header.data_offset = static_cast<uint32_t>(bytes.size());
    bytes.insert(bytes.end(), data_.begin(), data_.end());
    header.image_bytes = static_cast<uint32_t>(bytes.size());
    for (size_t i = 0; i < operators.size(); ++i) {
      format::OperatorRecord record = operators[i];
      record.first_operand = static_cast<uint16_t>(record.first_operand + first);
      record.params_offset += header.data_offset;
      std::memcpy(bytes.data() + header.operators_offset + i * sizeof(record), &record, sizeof(record));
    }
    std::memcpy(bytes.data(), &header, sizeof(header));
    AlignedBytes image(bytes.size());
    std::memcpy(image.data(), bytes.data(), bytes.size());
    seal(image.span());
    return image;
  }

  // Makes the checksum right again after a change.
  static void seal(MutableBytes image) { store_le32(image.data() + 12, crc32(Bytes(image).subspan(16))); }

  std::vector<format::TensorRecord> tensors;
  std::vector<format::OperatorRecord> operators;
  std::vector<format::GroupRecord> groups;
  uint32_t arena_bytes = 0;

 private:
  template <typename T>
  static uint32_t append(std::vector<uint8_t>& bytes, const T& table) {
    bytes.resize(align_up(static_cast<uint32_t>(bytes.size()), 4));
    const auto offset = static_cast<uint32_t>(bytes.size());
    const auto* from = reinterpret_cast<const uint8_t*>(table.data());
    bytes.insert(bytes.end(), from, from + table.size() * sizeof(table[0]));
    return offset;
  }

  uint16_t kernel_index(const std::string& name) {
    for (size_t i = 0; i < kernels_.size(); ++i) {
      if (name == strings_.data() + kernels_[i].name) return static_cast<uint16_t>(i);
    }
    kernels_.push_back({static_cast<uint32_t>(strings_.size())});
    strings_.insert(strings_.end(), name.begin(), name.end());
    strings_.push_back('\0');
    return static_cast<uint16_t>(kernels_.size() - 1);
  }

  std::vector<uint16_t> operands_;
  std::vector<format::KernelName> kernels_;
  std::vector<char> strings_;
  std::vector<uint8_t> data_;
};

}  // namespace rune::test
