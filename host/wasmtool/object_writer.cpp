#include "host/wasmtool/object_writer.h"

#include <algorithm>
#include <bit>

namespace rune::wasmtool {
namespace {

// Numbers of the tool conventions.
constexpr uint8_t kRelocFunctionIndexLeb = 0;
constexpr uint8_t kRelocMemoryAddressSleb = 4;
constexpr uint8_t kRelocMemoryAddressI32 = 5;
constexpr uint32_t kSymbolHidden = 0x04;
constexpr uint32_t kSymbolLocal = 0x02;
constexpr uint32_t kSymbolUndefined = 0x10;
constexpr uint32_t kSymbolExported = 0x20;
constexpr uint32_t kSymbolExplicitName = 0x40;
constexpr uint32_t kSymbolNoStrip = 0x80;
constexpr uint8_t kSegmentInfo = 5;
constexpr uint8_t kSymbolTable = 8;
constexpr uint8_t kI32 = 0x7F;

// Place in the order that finish() writes, as relocation sections name it.
constexpr uint32_t kCodeSectionIndex = 3;
constexpr uint32_t kDataSectionIndex = 4;

void append(ByteVector& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_signed_leb(ByteVector& out, int32_t value) {
  for (;;) {
    const auto low = static_cast<uint8_t>(value & 0x7F);
    value >>= 7;
    if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) {
      out.push_back(low);
      return;
    }
    out.push_back(low | 0x80);
  }
}

// Five bytes, so that the linker can fill any value in.
void append_padded_leb(ByteVector& out) {
  append(out, std::initializer_list<uint8_t>{0x80, 0x80, 0x80, 0x80, 0x00});
}

std::vector<Relocation> shifted(const std::vector<Relocation>& relocations, uint32_t by) {
  std::vector<Relocation> result = relocations;
  for (Relocation& relocation : result) relocation.offset += by;
  return result;
}

}  // namespace

void append_leb(ByteVector& out, uint32_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

void append_name(ByteVector& out, std::string_view name) {
  append_leb(out, static_cast<uint32_t>(name.size()));
  append(out, as_bytes(name));
}

void append_section(ByteVector& out, uint8_t id, Bytes payload) {
  out.push_back(id);
  append_leb(out, static_cast<uint32_t>(payload.size()));
  append(out, payload);
}

void append_custom_section(ByteVector& out, std::string_view name, Bytes payload) {
  ByteVector whole;
  append_name(whole, name);
  append(whole, payload);
  append_section(out, 0, whole);
}

void FunctionBody::constant(int32_t value) {
  bytes_.push_back(kI32Const);
  append_signed_leb(bytes_, value);
}

void FunctionBody::address(Symbol data, uint32_t addend) {
  bytes_.push_back(kI32Const);
  relocations_.push_back(
      {kRelocMemoryAddressSleb, static_cast<uint32_t>(bytes_.size()), data, static_cast<int32_t>(addend)});
  append_padded_leb(bytes_);
}

void FunctionBody::call(Symbol function) {
  bytes_.push_back(0x10);
  relocations_.push_back({kRelocFunctionIndexLeb, static_cast<uint32_t>(bytes_.size()), function, 0});
  append_padded_leb(bytes_);
}

uint32_t DataBuilder::align(uint32_t power_of_two) {
  bytes_.resize(align_up(size(), power_of_two));
  return size();
}

void DataBuilder::u16(uint16_t value) {
  bytes_.resize(bytes_.size() + 2);
  store_le16(&bytes_[bytes_.size() - 2], value);
}

void DataBuilder::u32(uint32_t value) {
  bytes_.resize(bytes_.size() + 4);
  store_le32(&bytes_[bytes_.size() - 4], value);
}

void DataBuilder::f32(float value) { u32(std::bit_cast<uint32_t>(value)); }

void DataBuilder::address(Symbol symbol, uint32_t addend) {
  relocations_.push_back({kRelocMemoryAddressI32, size(), symbol, static_cast<int32_t>(addend)});
  u32(0);
}

Symbol ObjectWriter::add(Kind kind, size_t index) {
  symbols_.push_back({kind, static_cast<uint32_t>(index)});
  return static_cast<Symbol>(symbols_.size() - 1);
}

Symbol ObjectWriter::import_function(const std::string& module, const std::string& name,
                                     uint32_t parameters) {
  if (std::find(types_.begin(), types_.end(), parameters) == types_.end()) types_.push_back(parameters);
  imports_.push_back({module, name, parameters});
  return add(Kind::kImport, imports_.size() - 1);
}

Symbol ObjectWriter::external_function(const std::string& name, uint32_t parameters) {
  return import_function("env", name, parameters);
}

Symbol ObjectWriter::define_function(const std::string& name, uint32_t parameters, uint32_t locals,
                                     const FunctionBody& body) {
  if (std::find(types_.begin(), types_.end(), parameters) == types_.end()) types_.push_back(parameters);
  functions_.push_back({name, parameters, locals, body});
  return add(Kind::kFunction, functions_.size() - 1);
}

Symbol ObjectWriter::declare_data(const std::string& segment, uint32_t alignment) {
  segments_.push_back({segment, alignment, {}});
  return add(Kind::kData, segments_.size() - 1);
}

void ObjectWriter::define_data(Symbol symbol, const DataBuilder& data) {
  segments_[symbols_[symbol].index].data = data;
}

Symbol ObjectWriter::add_zeros(const std::string& segment, uint32_t alignment, uint32_t size_bytes) {
  const Symbol symbol = declare_data(segment, alignment);
  segments_.back().data.bytes_.resize(size_bytes);
  return symbol;
}

uint32_t ObjectWriter::type_index(uint32_t parameters) const {
  return static_cast<uint32_t>(std::find(types_.begin(), types_.end(), parameters) - types_.begin());
}

uint32_t ObjectWriter::function_index(const SymbolEntry& symbol) const {
  return symbol.kind == Kind::kImport ? symbol.index : static_cast<uint32_t>(imports_.size()) + symbol.index;
}

ByteVector ObjectWriter::code_section(std::vector<Relocation>& relocations) const {
  ByteVector out;
  append_leb(out, static_cast<uint32_t>(functions_.size()));
  for (const Function& function : functions_) {
    ByteVector head;
    append_leb(head, function.locals == 0 ? 0 : 1);
    if (function.locals != 0) {
      append_leb(head, function.locals);
      head.push_back(kI32);
    }
    append_leb(out, static_cast<uint32_t>(head.size() + function.body.bytes_.size() + 1));
    append(out, head);
    const auto moved = shifted(function.body.relocations_, static_cast<uint32_t>(out.size()));
    relocations.insert(relocations.end(), moved.begin(), moved.end());
    append(out, function.body.bytes_);
    out.push_back(kEnd);
  }
  return out;
}

ByteVector ObjectWriter::data_section(std::vector<Relocation>& relocations) const {
  ByteVector out;
  append_leb(out, static_cast<uint32_t>(segments_.size()));
  uint32_t address = 0;
  for (const Segment& segment : segments_) {
    address = align_up(address, segment.alignment);
    append_leb(out, 0);  // active, memory 0
    out.push_back(kI32Const);
    append_signed_leb(out, static_cast<int32_t>(address));
    out.push_back(kEnd);
    append_leb(out, segment.data.size());
    const auto moved = shifted(segment.data.relocations_, static_cast<uint32_t>(out.size()));
    relocations.insert(relocations.end(), moved.begin(), moved.end());
    append(out, segment.data.bytes_);
    address += segment.data.size();
  }
  return out;
}

ByteVector ObjectWriter::symbol_table() const {
  ByteVector out;
  append_leb(out, static_cast<uint32_t>(symbols_.size()));
  for (const SymbolEntry& symbol : symbols_) {
    out.push_back(symbol.kind == Kind::kData ? 1 : 0);
    if (symbol.kind == Kind::kImport) {
      const Import& import = imports_[symbol.index];
      // An explicit name says that the import is meant to stay when nothing defines it.
      const bool of_host = import.module != "env";
      append_leb(out, kSymbolUndefined | (of_host ? kSymbolExplicitName : 0));
      append_leb(out, function_index(symbol));
      if (of_host) append_name(out, import.module + "." + import.name);
    } else if (symbol.kind == Kind::kFunction) {
      append_leb(out, kSymbolExported | kSymbolNoStrip);
      append_leb(out, function_index(symbol));
      append_name(out, functions_[symbol.index].name);
    } else {
      append_leb(out, kSymbolLocal | kSymbolHidden);
      append_name(out, segments_[symbol.index].name);
      append_leb(out, symbol.index);
      append_leb(out, 0);
      append_leb(out, segments_[symbol.index].data.size());
    }
  }
  return out;
}

ByteVector ObjectWriter::segment_info() const {
  ByteVector out;
  append_leb(out, static_cast<uint32_t>(segments_.size()));
  for (const Segment& segment : segments_) {
    append_name(out, segment.name);
    append_leb(out, static_cast<uint32_t>(std::countr_zero(segment.alignment)));
    append_leb(out, 0);
  }
  return out;
}

ByteVector ObjectWriter::relocation_section(uint32_t section,
                                            const std::vector<Relocation>& relocations) const {
  ByteVector out;
  append_leb(out, section);
  append_leb(out, static_cast<uint32_t>(relocations.size()));
  for (const Relocation& relocation : relocations) {
    out.push_back(relocation.type);
    append_leb(out, relocation.offset);
    append_leb(out, relocation.symbol);
    if (relocation.type != kRelocFunctionIndexLeb) append_signed_leb(out, relocation.addend);
  }
  return out;
}

ByteVector ObjectWriter::finish() const {
  ByteVector out = {0, 'a', 's', 'm', 1, 0, 0, 0};
  ByteVector types;
  append_leb(types, static_cast<uint32_t>(types_.size()));
  for (const uint32_t parameters : types_) {
    types.push_back(0x60);
    append_leb(types, parameters);
    types.insert(types.end(), parameters, kI32);
    append(types, std::initializer_list<uint8_t>{1, kI32});
  }
  append_section(out, 1, types);

  ByteVector imports;
  append_leb(imports, static_cast<uint32_t>(imports_.size()) + 1);
  for (const Import& import : imports_) {
    append_name(imports, import.module);
    append_name(imports, import.name);
    imports.push_back(0);
    append_leb(imports, type_index(import.parameters));
  }
  append_name(imports, "env");
  append_name(imports, "__linear_memory");
  append(imports, std::initializer_list<uint8_t>{2, 0, 1});
  append_section(out, 2, imports);

  ByteVector functions;
  append_leb(functions, static_cast<uint32_t>(functions_.size()));
  for (const Function& function : functions_) append_leb(functions, type_index(function.parameters));
  append_section(out, 3, functions);

  std::vector<Relocation> code_relocations;
  std::vector<Relocation> data_relocations;
  append_section(out, 10, code_section(code_relocations));
  append_section(out, 11, data_section(data_relocations));

  ByteVector linking;
  append_leb(linking, 2);
  append_section(linking, kSymbolTable, symbol_table());
  append_section(linking, kSegmentInfo, segment_info());
  append_custom_section(out, "linking", linking);
  append_custom_section(out, "reloc.CODE", relocation_section(kCodeSectionIndex, code_relocations));
  append_custom_section(out, "reloc.DATA", relocation_section(kDataSectionIndex, data_relocations));
  return out;
}

}  // namespace rune::wasmtool
