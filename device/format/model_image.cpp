// The door of trust of model images: what open() accepts keeps every bound that model_image.h states.
//
// Checks go from the header outwards, and nothing is read before its place is known to lie inside the image.
// Arithmetic on sizes is 64-bit, so no product or sum of two 32-bit fields wraps. Tested by
// model_image_test.cpp, which breaks each field of a good image in turn, and by the model_image fuzzer.
#include "device/format/model_image.h"

#include <algorithm>

#include "device/base/crc.h"

namespace rune::format {
namespace {

// Where the checksum's coverage starts: after the field itself.
constexpr uint32_t kCheckedFrom = offsetof(ImageHeader, checksum) + sizeof(uint32_t);
constexpr uint64_t kMaxTensorBytes = uint64_t{1} << 31;

bool in_range(uint64_t offset, uint64_t bytes, uint64_t begin, uint64_t end) {
  return offset >= begin && offset <= end && bytes <= end - offset;
}

// Zero from the first zero on, so that equal names have equal bytes.
bool nul_padded(const char* text, size_t size) {
  const char* end = std::find(text, text + size, '\0');
  return end != text && std::all_of(end, text + size, [](char c) { return c == '\0'; });
}

Status check_header(const ImageHeader& header, Bytes bytes) {
  if (header.magic != kModelImageMagic) return Status::kMalformed;
  if (header.version != kModelImageVersion) return Status::kVersion;
  if (header.image_bytes != bytes.size()) return Status::kMalformed;
  if (header.checksum != crc32(bytes.subspan(kCheckedFrom))) return Status::kChecksum;
  if (header.rounding > static_cast<uint8_t>(Rounding::kSingle)) return Status::kInvalid;
  if (header.reserved0 != 0 || header.reserved1 != 0) return Status::kInvalid;
  if (!nul_padded(header.target, sizeof(header.target))) return Status::kInvalid;
  if (header.data_offset % 16 != 0 || header.data_offset > header.image_bytes) return Status::kMalformed;
  return Status::kOk;
}

// The tables stand one after another between the header and the data, with only alignment between them.
Status check_tables(const ImageHeader& header, Bytes bytes) {
  struct Table {
    uint32_t offset;
    uint64_t size_bytes;
    uint32_t alignment;
  };
  const Table tables[] = {
      {header.tensors_offset, uint64_t{header.tensor_count} * sizeof(TensorRecord), 4},
      {header.operands_offset, uint64_t{header.operand_count} * sizeof(uint16_t), 4},
      {header.operators_offset, uint64_t{header.operator_count} * sizeof(OperatorRecord), 4},
      {header.groups_offset, uint64_t{header.group_count} * sizeof(GroupRecord), 4},
      {header.kernels_offset, uint64_t{header.kernel_count} * sizeof(KernelName), 4},
      {header.strings_offset, header.strings_bytes, 1},
  };
  uint64_t begin = sizeof(ImageHeader);
  for (const Table& table : tables) {
    if (table.offset % table.alignment != 0) return Status::kMalformed;
    if (!in_range(table.offset, table.size_bytes, begin, header.data_offset)) return Status::kMalformed;
    begin = table.offset + table.size_bytes;
  }
  const bool terminated =
      header.strings_bytes != 0 && bytes[header.strings_offset + header.strings_bytes - 1] == 0;
  return terminated ? Status::kOk : Status::kMalformed;
}

// Bytes that the tensor occupies: the whole of it, or its ring. 0 when a dimension or the size is out of
// range.
uint64_t stored_bytes(const TensorRecord& tensor) {
  uint64_t size = element_bytes(static_cast<ElementType>(tensor.element));
  for (uint32_t axis = 0; axis < Shape::kMaxRank; ++axis) {
    if (axis >= tensor.rank) {
      if (tensor.dims[axis] != 0) return 0;
      continue;
    }
    size *= tensor.dims[axis];
    if (size == 0 || size >= kMaxTensorBytes) return 0;
  }
  if (tensor.ring_rows == 0) return size;
  if (tensor.rank == 0 || (tensor.rank == 4 && tensor.dims[0] != 1)) return 0;
  const uint32_t rows = tensor.rank == 4 ? tensor.dims[1] : tensor.dims[0];
  return tensor.ring_rows <= rows ? size / rows * tensor.ring_rows : 0;
}

Status check_tensor(const ImageHeader& header, const TensorRecord& tensor) {
  if (tensor.reserved != 0 || tensor.rank > Shape::kMaxRank) return Status::kInvalid;
  if (!(tensor.scale >= 0 && tensor.scale < 1e30F)) return Status::kInvalid;
  if (tensor.name >= header.strings_bytes) return Status::kMalformed;
  const uint64_t size = stored_bytes(tensor);
  if (size == 0) return Status::kInvalid;
  if (tensor.storage == static_cast<uint8_t>(Storage::kArena)) {
    if (tensor.offset % 4 != 0) return Status::kInvalid;
    return in_range(tensor.offset, size, 0, header.arena_bytes) ? Status::kOk : Status::kMalformed;
  }
  if (tensor.storage != static_cast<uint8_t>(Storage::kConstant)) return Status::kInvalid;
  if (tensor.offset % 16 != 0 || tensor.ring_rows != 0) return Status::kInvalid;
  return in_range(tensor.offset, size, header.data_offset, header.image_bytes) ? Status::kOk
                                                                               : Status::kMalformed;
}

Status check_operands(const ModelImage& image) {
  const ImageHeader& header = image.header();
  if (uint32_t{header.input_count} + header.output_count > header.operand_count) return Status::kMalformed;
  for (const uint16_t operand : image.operands()) {
    if (operand >= header.tensor_count) return Status::kMalformed;
  }
  // What the caller fills and reads is whole, and in RAM.
  const std::span<const uint16_t> ends = image.operands().first(header.input_count + header.output_count);
  for (const uint16_t operand : ends) {
    const TensorRecord& tensor = image.tensors()[operand];
    if (tensor.storage != static_cast<uint8_t>(Storage::kArena) || tensor.ring_rows != 0)
      return Status::kInvalid;
  }
  return Status::kOk;
}

Status check_operator(const ModelImage& image, const OperatorRecord& op) {
  const ImageHeader& header = image.header();
  if (op.reserved != 0 || op.output_count == 0) return Status::kInvalid;
  const uint32_t operands = uint32_t{op.input_count} + op.output_count;
  if (operands > kMaxOperands) return Status::kTooLarge;
  if (op.kernel >= header.kernel_count) return Status::kMalformed;
  if (!in_range(op.first_operand, operands, 0, header.operand_count)) return Status::kMalformed;
  if (op.params_offset % 16 != 0 || op.scratch_offset % 16 != 0) return Status::kInvalid;
  if (!in_range(op.params_offset, op.params_bytes, header.data_offset, header.image_bytes))
    return Status::kMalformed;
  if (!in_range(op.scratch_offset, op.scratch_bytes, 0, header.arena_bytes)) return Status::kMalformed;
  for (const uint16_t output : image.operands().subspan(op.first_operand + op.input_count, op.output_count)) {
    if (image.tensors()[output].storage != static_cast<uint8_t>(Storage::kArena)) return Status::kInvalid;
  }
  return Status::kOk;
}

Status check_groups(const ModelImage& image) {
  uint32_t next = 0;
  for (const GroupRecord& group : image.groups()) {
    if (group.first_operator != next || group.operator_count == 0) return Status::kInvalid;
    if (group.kind > static_cast<uint8_t>(GroupKind::kRowsDescending)) return Status::kInvalid;
    if (group.rows_per_step == 0 || group.reserved != 0) return Status::kInvalid;
    next += group.operator_count;
  }
  return next == image.header().operator_count ? Status::kOk : Status::kInvalid;
}

}  // namespace

Result<ModelImage> ModelImage::open(Bytes bytes) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 16 != 0) return Status::kInvalidArgument;
  if (bytes.size() < sizeof(ImageHeader)) return Status::kMalformed;
  ModelImage image;
  image.bytes_ = bytes;
  const ImageHeader& header = image.header();
  RUNE_TRY(check_header(header, bytes));
  RUNE_TRY(check_tables(header, bytes));
  for (const TensorRecord& tensor : image.tensors()) RUNE_TRY(check_tensor(header, tensor));
  RUNE_TRY(check_operands(image));
  for (const OperatorRecord& op : image.operators()) RUNE_TRY(check_operator(image, op));
  RUNE_TRY(check_groups(image));
  for (const KernelName& kernel : image.kernel_names()) {
    if (kernel.name >= header.strings_bytes) return Status::kMalformed;
  }
  return image;
}

std::string_view ModelImage::string(uint32_t offset) const {
  return reinterpret_cast<const char*>(bytes_.data() + header().strings_offset + offset);
}

std::string_view ModelImage::target() const {
  const char* text = header().target;
  return {text, static_cast<size_t>(std::find(text, text + sizeof(header().target), '\0') - text)};
}

TensorType ModelImage::tensor_type(uint16_t index) const {
  const TensorRecord& record = tensors()[index];
  TensorType type;
  type.element = static_cast<ElementType>(record.element);
  type.shape.rank = record.rank;
  std::copy(record.dims, record.dims + Shape::kMaxRank, type.shape.dims.begin());
  type.scale = record.scale;
  type.zero_point = record.zero_point;
  return type;
}

}  // namespace rune::format
