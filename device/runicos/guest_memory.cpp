#include "device/runicos/guest_memory.h"

namespace rune::os {
namespace {

constexpr uint32_t kTensorBytes = 28;
constexpr uint32_t kStringBytes = 8;  // u32 address, u32 size

float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace

Result<MutableBytes> GuestMemory::bytes(uint32_t address, uint32_t size_bytes) const {
  if (address > bytes_.size() || size_bytes > bytes_.size() - address) return Status::kInvalidArgument;
  return bytes_.subspan(address, size_bytes);
}

Result<uint32_t> GuestMemory::word(uint32_t address, uint32_t index) const {
  const uint64_t at = address + static_cast<uint64_t>(index) * 4;
  if (at > UINT32_MAX) return Status::kInvalidArgument;
  const Result<MutableBytes> view = bytes(static_cast<uint32_t>(at), 4);
  if (!view.ok()) return view.status();
  return load_le32(view.value().data());
}

Result<GuestTensor> GuestMemory::tensor(uint32_t address) const {
  const Result<MutableBytes> record = bytes(address, kTensorBytes);
  if (!record.ok()) return record.status();
  const uint8_t* const at = record.value().data();

  GuestTensor tensor;
  tensor.type.element = static_cast<ElementType>(at[8]);
  tensor.type.shape.rank = at[9];
  tensor.channel = load_le16(at + 10);
  tensor.type.scale = float_of(load_le32(at + 16));
  tensor.type.zero_point = static_cast<int32_t>(load_le32(at + 20));
  if (element_bytes(tensor.type.element) == 0 || at[9] > Shape::kMaxRank) return Status::kInvalid;
  for (uint32_t i = 0; i < at[9]; ++i) {
    const Result<uint32_t> dimension = word(load_le32(at + 12), i);
    if (!dimension.ok()) return dimension.status();
    tensor.type.shape.dims[i] = dimension.value();
  }
  if (tensor.type.size_bytes() != load_le32(at + 4)) return Status::kInvalid;
  const Result<MutableBytes> data = bytes(load_le32(at), load_le32(at + 4));
  if (!data.ok()) return data.status();
  tensor.data = data.value();
  return tensor;
}

Result<std::string_view> GuestMemory::string(const GuestTensor& tensor, uint32_t index) const {
  const uint8_t* const at = tensor.data.data() + index * kStringBytes;
  const Result<MutableBytes> text = bytes(load_le32(at), load_le32(at + 4));
  if (!text.ok()) return text.status();
  return as_text(text.value());
}

}  // namespace rune::os
