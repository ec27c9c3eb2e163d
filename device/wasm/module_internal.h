// What install() knows of a module while it validates and translates: types of every index space, in
// tables that live in the workspace. Nothing of it is left afterwards.
#pragma once

#include "device/wasm/decode_internal.h"

namespace rune::wasm {

// Hands out pieces of the workspace; nothing is given back but by going back to a mark.
class Arena {
 public:
  explicit Arena(MutableBytes bytes) : bytes_(bytes) {}

  // `count` zeroed items, or null and overflowed() when the workspace is too small.
  template <typename T>
  T* allocate(uint32_t count) {
    const uintptr_t start = reinterpret_cast<uintptr_t>(bytes_.data());
    const size_t begin = ((start + used_ + alignof(T) - 1) & ~(alignof(T) - 1)) - start;
    if (begin > bytes_.size() || (bytes_.size() - begin) / sizeof(T) < count) {
      overflowed_ = true;
      return nullptr;
    }
    used_ = begin + sizeof(T) * count;
    if (count > 0) std::memset(bytes_.data() + begin, 0, sizeof(T) * count);
    return reinterpret_cast<T*>(bytes_.data() + begin);
  }
  bool overflowed() const { return overflowed_; }
  size_t mark() const { return used_; }
  void release(size_t mark) { used_ = mark; }
  MutableBytes rest() const { return bytes_.subspan(used_); }

 private:
  MutableBytes bytes_;
  size_t used_ = 0;
  bool overflowed_ = false;
};

struct ModuleInfo {
  Bytes module;
  SectionMap sections;
  uint32_t imported[kExternKinds] = {};  // by ExternKind

  uint32_t* types = nullptr;            // position in the module of each type's entry
  uint16_t* canonical_types = nullptr;  // the first equal type
  uint32_t type_count = 0;
  uint16_t* function_types = nullptr;  // canonical; imported functions first
  uint32_t function_count = 0;
  uint8_t* declared = nullptr;  // a bit for each function that ref.func may name
  uint32_t* entries = nullptr;  // of each defined function: offset of its header in the image
  uint8_t* tables = nullptr;    // ValueType
  uint32_t table_count = 0;
  uint8_t* globals = nullptr;  // ValueType | kMutable
  uint32_t global_count = 0;
  uint8_t* elements = nullptr;  // ValueType
  uint32_t element_count = 0;
  uint32_t memory_count = 0;
  uint32_t data_count = 0;  // of the data count section

  static constexpr uint8_t kMutable = 0x80;

  uint32_t imported_count(ExternKind kind) const { return imported[static_cast<uint32_t>(kind)]; }
  uint32_t defined_functions() const { return function_count - imported_count(ExternKind::kFunction); }
  // Requires type < type_count.
  FunctionType type(uint32_t index) const {
    Reader in(module, types[index], static_cast<uint32_t>(module.size()));
    return read_function_type(in);
  }
  void declare(uint32_t function) { declared[function / 8] |= static_cast<uint8_t>(1u << (function % 8)); }
  bool is_declared(uint32_t function) const { return declared[function / 8] >> (function % 8) & 1; }
};

// Decodes and validates everything but the code section, whose entry counts it checks. On failure
// `in` holds status, text and position.
void validate_sections(Reader& in, const InstallLimits& limits, Arena& arena, ModuleInfo& info);

}  // namespace rune::wasm
