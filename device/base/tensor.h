// Element types and shapes, shared by the manifest, the model image and the
// guest's tensor views. Numbers are fixed: they stand in all three formats
// (docs/spec/tensors.md).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "device/base/result.h"

namespace rune {

enum class ElementType : uint8_t {
  kNone = 0,
  kU8 = 1,
  kI8 = 2,
  kU16 = 3,
  kI16 = 4,
  kU32 = 5,
  kI32 = 6,
  kU64 = 7,
  kI64 = 8,
  kF32 = 9,
  kF64 = 10,
  kUtf8 = 11,  // an element is a guest string view: u32 address, u32 size_bytes
  kBool = 12,
  kF16 = 13,
};

// Bytes of one element; 0 for kNone and unknown values.
uint32_t element_bytes(ElementType type);
// Lower-case name as Runefiles write it ("i16"); "none" for kNone, "?" for unknown values.
const char* element_name(ElementType type);
// The type of a name in either case ("I16", "i16"); kNotFound otherwise.
Result<ElementType> element_type(std::string_view name);

// Dimensions, outermost first. Each is at least 1.
struct Shape {
  static constexpr uint32_t kMaxRank = 6;

  uint8_t rank = 0;
  std::array<uint32_t, kMaxRank> dims{};

  // Product of the dimensions; 1 for rank 0. Saturates at UINT32_MAX.
  uint32_t elements() const;
  bool operator==(const Shape&) const = default;
};

struct TensorType {
  ElementType element = ElementType::kNone;
  Shape shape;
  // real = (stored - zero_point) * scale; scale 0 means not quantised.
  float scale = 0;
  int32_t zero_point = 0;

  // Saturates at UINT32_MAX.
  uint32_t size_bytes() const;
};

}  // namespace rune
