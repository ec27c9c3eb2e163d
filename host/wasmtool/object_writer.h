// Writes a relocatable WebAssembly object, as a compiler would, for wasm-ld.
//
//   ObjectWriter object;
//   const auto read = object.import_function("rune", "capability_read", 3);
//   const auto table = object.add_data(".rodata.table", 4, bytes);
//   FunctionBody body;
//   body.constant(0); body.address(table, 0); body.constant(8); body.call(read); body.op(kReturn);
//   object.define_function("_call", 3, 1, body);
//   ByteVector file = object.finish();
//
// Only what a pipeline needs: functions of i32 parameters with one i32 result, data segments with
// relocated addresses, exported functions. The format is the tool conventions' linking section,
// version 2, with relocations of full-width LEB128. Tested by linking (wasmtool_test.cpp).
#pragma once

#include <string>
#include <vector>

#include "host/support/files.h"

namespace rune::wasmtool {

// Index of a symbol in one object.
using Symbol = uint32_t;

// An address to fill in: at `offset` bytes of a segment or body stands symbol + addend.
struct Relocation {
  uint8_t type = 0;
  uint32_t offset = 0;
  Symbol symbol = 0;
  int32_t addend = 0;
};

enum Opcode : uint8_t {
  kBlock = 0x02,
  kEnd = 0x0B,
  kBranchIf = 0x0D,
  kReturn = 0x0F,
  kLocalGet = 0x20,
  kLocalTee = 0x22,
  kI32Const = 0x41,
  kI32LessSigned = 0x48,
};

class FunctionBody {
 public:
  void op(Opcode opcode) { bytes_.push_back(opcode); }
  void op(Opcode opcode, uint8_t immediate) { bytes_.push_back(opcode), bytes_.push_back(immediate); }
  void constant(int32_t value);
  void address(Symbol data, uint32_t addend);
  void call(Symbol function);

 private:
  friend class ObjectWriter;
  ByteVector bytes_;
  std::vector<Relocation> relocations_;
};

// The bytes of one data segment, built front to back.
class DataBuilder {
 public:
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  uint32_t align(uint32_t power_of_two);  // returns the size then
  void u8(uint8_t value) { bytes_.push_back(value); }
  void u16(uint16_t value);
  void u32(uint32_t value);
  void f32(float value);
  void bytes(Bytes value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  // Four bytes that will hold the address of symbol + addend.
  void address(Symbol symbol, uint32_t addend);

 private:
  friend class ObjectWriter;
  ByteVector bytes_;
  std::vector<Relocation> relocations_;
};

class ObjectWriter {
 public:
  // A function of the host, `module`.`name`; stays an import of the linked module.
  Symbol import_function(const std::string& module, const std::string& name, uint32_t parameters);
  // A function of another object.
  Symbol external_function(const std::string& name, uint32_t parameters);
  // An exported function; `locals` i32 variables beside the parameters. The body's final `end` is added.
  Symbol define_function(const std::string& name, uint32_t parameters, uint32_t locals,
                         const FunctionBody& body);
  // Reserves a segment's symbol, so that data can refer to each other; define it before finish().
  Symbol declare_data(const std::string& segment, uint32_t alignment);
  void define_data(Symbol symbol, const DataBuilder& data);
  // Zeros: takes no bytes in the linked module.
  Symbol add_zeros(const std::string& segment, uint32_t alignment, uint32_t size_bytes);

  ByteVector finish() const;

 private:
  struct Import {
    std::string module;
    std::string name;
    uint32_t parameters;
  };
  struct Function {
    std::string name;
    uint32_t parameters;
    uint32_t locals;
    FunctionBody body;
  };
  struct Segment {
    std::string name;
    uint32_t alignment;
    DataBuilder data;
  };
  enum class Kind : uint8_t { kImport, kFunction, kData };
  struct SymbolEntry {
    Kind kind;
    uint32_t index;  // in imports_, functions_ or segments_
  };

  uint32_t type_index(uint32_t parameters) const;
  uint32_t function_index(const SymbolEntry& symbol) const;
  ByteVector code_section(std::vector<Relocation>& relocations) const;
  ByteVector data_section(std::vector<Relocation>& relocations) const;
  ByteVector symbol_table() const;
  ByteVector segment_info() const;
  ByteVector relocation_section(uint32_t section, const std::vector<Relocation>& relocations) const;
  Symbol add(Kind kind, size_t index);

  std::vector<uint32_t> types_;  // parameter counts
  std::vector<Import> imports_;
  std::vector<Function> functions_;
  std::vector<Segment> segments_;
  std::vector<SymbolEntry> symbols_;
};

// The pieces of the binary format that the packer needs too.
void append_leb(ByteVector& out, uint32_t value);
void append_name(ByteVector& out, std::string_view name);
// A section with its header; `name` for a custom section, id 0.
void append_section(ByteVector& out, uint8_t id, Bytes payload);
void append_custom_section(ByteVector& out, std::string_view name, Bytes payload);

}  // namespace rune::wasmtool
