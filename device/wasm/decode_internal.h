// The items of a module's sections, decoded one at a time from where they stand.
//
// install() decodes them to validate; Instance::create() decodes them again to link, so nothing about
// them is kept in RAM. Decoding refuses what the binary format does (kMalformed, and expressions that
// are not constant); indices and types are checked in validate.cpp.
#pragma once

#include <array>

#include "device/wasm/reader_internal.h"
#include "device/wasm/wasm.h"

namespace rune::wasm {

enum SectionId : uint8_t {
  kCustomSection,
  kTypeSection,
  kImportSection,
  kFunctionSection,
  kTableSection,
  kMemorySection,
  kGlobalSection,
  kExportSection,
  kStartSection,
  kElementSection,
  kCodeSection,
  kDataSection,
  kDataCountSection,
  kSectionKinds,
};

// Payload of each section as positions in the module; empty at 0 for absent ones.
struct SectionMap {
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  std::array<Range, kSectionKinds> ranges{};

  bool has(SectionId id) const { return ranges[id].begin != 0; }
  Reader reader(Bytes module, SectionId id) const { return {module, ranges[id].begin, ranges[id].end}; }
  // The count that starts the section; 0 when it is absent or does not decode.
  uint32_t count(Bytes module, SectionId id) const;
  // CRC-32 of all payloads but custom sections: whatever the engine reads of a module.
  uint32_t checksum(Bytes module) const;
};

// Checks the preamble, the order and sizes of sections and the names of custom ones.
SectionMap read_sections(Reader& in);

struct Limits {
  uint32_t minimum = 0;
  uint32_t maximum = UINT32_MAX;
  bool has_maximum = false;
};
struct TableType {
  ValueType element = ValueType::kFuncref;
  Limits limits;
};
struct GlobalType {
  ValueType value = ValueType::kI32;
  bool is_mutable = false;
};

enum class ExternKind : uint8_t { kFunction, kTable, kMemory, kGlobal };
inline constexpr uint32_t kExternKinds = 4;

struct Import {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::kFunction;
  uint32_t function_type = 0;
  TableType table;
  Limits memory;
  GlobalType global;
};
struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::kFunction;
  uint32_t index = 0;
};

// A constant expression: a value, or the value of a global, or a function's reference.
struct Constant {
  enum Kind : uint8_t { kValue, kGlobal, kFunction };
  Kind kind = kValue;
  ValueType type = ValueType::kI32;  // of kValue and kFunction
  uint64_t bits = 0;                 // kValue
  uint32_t index = 0;                // kGlobal, kFunction
};

enum class SegmentMode : uint8_t { kActive, kPassive, kDeclarative };
struct ElementSegment {
  SegmentMode mode = SegmentMode::kActive;
  uint32_t table = 0;
  Constant offset;
  ValueType type = ValueType::kFuncref;
  bool has_expressions = false;
  uint32_t count = 0;  // the reader then stands at the first item
};
struct DataSegment {
  SegmentMode mode = SegmentMode::kActive;
  uint32_t memory = 0;
  Constant offset;
  uint32_t begin = 0;  // position of the bytes in the module
  uint32_t size = 0;
};

inline bool is_reference(ValueType type) {
  return type == ValueType::kFuncref || type == ValueType::kExternref;
}
// Whether `byte` is a ValueType.
bool is_value_type(uint8_t byte);
// 32-bit slots of a frame that a value takes.
inline uint32_t slots_of(ValueType type) {
  return type == ValueType::kI32 || type == ValueType::kF32 ? 1 : 2;
}
uint32_t slots_of(Bytes types);

ValueType read_value_type(Reader& in);
FunctionType read_function_type(Reader& in);
Limits read_limits(Reader& in);
TableType read_table_type(Reader& in);
GlobalType read_global_type(Reader& in);
Import read_import(Reader& in);
Export read_export(Reader& in);
Constant read_constant(Reader& in);
ElementSegment read_element_segment(Reader& in);
Constant read_element(Reader& in, const ElementSegment& segment);
DataSegment read_data_segment(Reader& in);

}  // namespace rune::wasm
