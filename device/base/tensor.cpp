#include "device/base/tensor.h"

namespace rune {
namespace {

struct ElementInfo {
  const char* name;
  uint8_t bytes;
};

constexpr ElementInfo kElements[] = {
    {"none", 0}, {"u8", 1},  {"i8", 1},  {"u16", 2}, {"i16", 2},  {"u32", 4},  {"i32", 4},
    {"u64", 8},  {"i64", 8}, {"f32", 4}, {"f64", 8}, {"utf8", 8}, {"bool", 1}, {"f16", 2},
};

uint32_t saturating_product(uint32_t a, uint32_t b) {
  const uint64_t product = static_cast<uint64_t>(a) * b;
  return product > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(product);
}

}  // namespace

uint32_t element_bytes(ElementType type) {
  const auto index = static_cast<size_t>(type);
  return index < std::size(kElements) ? kElements[index].bytes : 0;
}

const char* element_name(ElementType type) {
  const auto index = static_cast<size_t>(type);
  return index < std::size(kElements) ? kElements[index].name : "?";
}

Result<ElementType> element_type(std::string_view name) {
  for (size_t i = 1; i < std::size(kElements); ++i) {
    const std::string_view known = kElements[i].name;
    if (known.size() != name.size()) continue;
    bool equal = true;
    for (size_t at = 0; at < name.size(); ++at) {
      const char upper = name[at];
      const char lower = upper >= 'A' && upper <= 'Z' ? static_cast<char>(upper - 'A' + 'a') : upper;
      equal = equal && lower == known[at];
    }
    if (equal) return static_cast<ElementType>(i);
  }
  return Status::kNotFound;
}

uint32_t Shape::elements() const {
  uint32_t product = 1;
  for (uint32_t i = 0; i < rank && i < kMaxRank; ++i) product = saturating_product(product, dims[i]);
  return product;
}

uint32_t TensorType::size_bytes() const {
  return saturating_product(shape.elements(), element_bytes(element));
}

}  // namespace rune
