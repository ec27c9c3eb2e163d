#include "device/base/crc.h"
#include "device/wasm/decode_internal.h"

namespace rune::wasm {
namespace {

// Place of each section in a module: the data count comes between elements and code.
constexpr uint8_t kOrder[kSectionKinds] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10};

}  // namespace

uint32_t SectionMap::count(Bytes module, SectionId id) const {
  if (!has(id)) return 0;
  Reader in = reader(module, id);
  return in.count();
}

uint32_t SectionMap::checksum(Bytes module) const {
  uint32_t crc = 0;
  for (const Range& range : ranges) crc = crc32(module.subspan(range.begin, range.end - range.begin), crc);
  return crc;
}

SectionMap read_sections(Reader& in) {
  SectionMap map;
  static constexpr uint8_t kPreamble[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  for (uint8_t expected : kPreamble) {
    if (in.u8() != expected) in.fail(Status::kMalformed, "magic header not detected");
  }
  uint8_t last = 0;
  while (!in.at_end()) {
    const uint32_t start = in.position();
    const uint8_t id = in.u8();
    const uint32_t size = in.u32();
    const uint32_t begin = in.position();
    in.bytes(size);
    if (!in.ok()) break;
    if (id == kCustomSection) {
      Reader custom(in.module(), begin, begin + size);
      custom.name();
      if (!custom.ok()) in.fail_at(Status::kMalformed, custom.error(), custom.error_offset());
    } else if (id >= kSectionKinds) {
      in.fail_at(Status::kMalformed, "malformed section id", start);
    } else if (kOrder[id] <= last) {
      in.fail_at(Status::kMalformed, "unexpected content after last section", start);
    } else {
      last = kOrder[id];
      map.ranges[id] = {begin, begin + size};
    }
  }
  return map;
}

bool is_value_type(uint8_t byte) { return (byte >= 0x7C && byte <= 0x7F) || byte == 0x70 || byte == 0x6F; }

uint32_t slots_of(Bytes types) {
  uint32_t slots = 0;
  for (uint8_t type : types) slots += slots_of(static_cast<ValueType>(type));
  return slots;
}

ValueType read_value_type(Reader& in) {
  const uint8_t byte = in.u8();
  if (in.ok() && !is_value_type(byte)) in.fail(Status::kMalformed, "malformed value type");
  return in.ok() ? static_cast<ValueType>(byte) : ValueType::kI32;
}

static Bytes read_value_types(Reader& in) {
  const Bytes types = in.bytes(in.u32());
  for (uint8_t type : types) {
    if (!is_value_type(type)) in.fail(Status::kMalformed, "malformed value type");
  }
  return in.ok() ? types : Bytes{};
}

FunctionType read_function_type(Reader& in) {
  if (in.u8() != 0x60) in.fail(Status::kMalformed, "malformed function type");
  FunctionType type;
  type.parameters = read_value_types(in);
  type.results = read_value_types(in);
  return type;
}

Limits read_limits(Reader& in) {
  Limits limits;
  const uint8_t flags = in.u8();
  if (flags > 1) in.fail(Status::kMalformed, "malformed limits flags");
  limits.minimum = in.u32();
  limits.has_maximum = flags == 1;
  if (limits.has_maximum) limits.maximum = in.u32();
  return limits;
}

static ValueType read_reference_type(Reader& in) {
  const uint8_t byte = in.u8();
  if (in.ok() && byte != 0x70 && byte != 0x6F) in.fail(Status::kMalformed, "malformed reference type");
  return byte == 0x6F ? ValueType::kExternref : ValueType::kFuncref;
}

TableType read_table_type(Reader& in) {
  TableType type;
  type.element = read_reference_type(in);
  type.limits = read_limits(in);
  return type;
}

GlobalType read_global_type(Reader& in) {
  GlobalType type;
  type.value = read_value_type(in);
  const uint8_t mutability = in.u8();
  if (mutability > 1) in.fail(Status::kMalformed, "malformed mutability");
  type.is_mutable = mutability == 1;
  return type;
}

static ExternKind read_extern_kind(Reader& in, const char* error) {
  const uint8_t kind = in.u8();
  if (kind >= kExternKinds) in.fail(Status::kMalformed, error);
  return static_cast<ExternKind>(kind % kExternKinds);
}

Import read_import(Reader& in) {
  Import import;
  import.module = in.name();
  import.name = in.name();
  import.kind = read_extern_kind(in, "malformed import kind");
  if (!in.ok()) return import;
  switch (import.kind) {
    case ExternKind::kFunction: import.function_type = in.u32(); break;
    case ExternKind::kTable: import.table = read_table_type(in); break;
    case ExternKind::kMemory: import.memory = read_limits(in); break;
    case ExternKind::kGlobal: import.global = read_global_type(in); break;
  }
  return import;
}

Export read_export(Reader& in) {
  Export item;
  item.name = in.name();
  item.kind = read_extern_kind(in, "malformed export kind");
  item.index = in.u32();
  return item;
}

// One instruction of a constant expression. False at `end`.
static bool read_constant_instruction(Reader& in, Constant& out) {
  const uint8_t opcode = in.u8();
  if (!in.ok() || opcode == 0x0B) return false;
  switch (opcode) {
    case 0x41: out = {Constant::kValue, ValueType::kI32, static_cast<uint32_t>(in.s32()), 0}; break;
    case 0x42: out = {Constant::kValue, ValueType::kI64, static_cast<uint64_t>(in.s64()), 0}; break;
    case 0x43:
    case 0x44: {
      const Bytes bits = in.bytes(opcode == 0x43 ? 4 : 8);
      if (bits.size() == 4) out = {Constant::kValue, ValueType::kF32, load_le32(bits.data()), 0};
      if (bits.size() == 8) out = {Constant::kValue, ValueType::kF64, load_le64(bits.data()), 0};
      break;
    }
    case 0x23: out = {Constant::kGlobal, ValueType::kI32, 0, in.u32()}; break;
    case 0xD0: out = {Constant::kValue, read_reference_type(in), kNullReference, 0}; break;
    case 0xD2: out = {Constant::kFunction, ValueType::kFuncref, 0, in.u32()}; break;
    default:
      if (opcode <= 0xC4 || opcode == 0xD1 || opcode == 0xFC) {
        in.fail(Status::kInvalid, "constant expression required");
      } else {
        in.fail(Status::kMalformed, "illegal opcode");
      }
  }
  return in.ok();
}

Constant read_constant(Reader& in) {
  Constant constant, further;
  if (!read_constant_instruction(in, constant)) {
    if (in.ok()) in.fail(Status::kInvalid, "type mismatch");
    return constant;
  }
  bool is_single = true;
  while (read_constant_instruction(in, further)) is_single = false;
  if (!is_single) in.fail(Status::kInvalid, "type mismatch");
  return constant;
}

ElementSegment read_element_segment(Reader& in) {
  ElementSegment segment;
  const uint32_t flags = in.u32();
  if (flags > 7) in.fail(Status::kMalformed, "malformed elements segment kind");
  if (flags & 1) segment.mode = flags & 2 ? SegmentMode::kDeclarative : SegmentMode::kPassive;
  segment.has_expressions = flags & 4;
  if (segment.mode == SegmentMode::kActive) {
    if (flags & 2) segment.table = in.u32();
    segment.offset = read_constant(in);
  }
  if (flags & 3) {  // the type is left out only in the MVP's form
    if (segment.has_expressions)
      segment.type = read_reference_type(in);
    else if (in.u8() != 0)
      in.fail(Status::kMalformed, "malformed element kind");
  }
  segment.count = in.count();
  return segment;
}

Constant read_element(Reader& in, const ElementSegment& segment) {
  if (segment.has_expressions) return read_constant(in);
  return {Constant::kFunction, ValueType::kFuncref, 0, in.u32()};
}

DataSegment read_data_segment(Reader& in) {
  DataSegment segment;
  const uint32_t flags = in.u32();
  if (flags > 2) in.fail(Status::kMalformed, "malformed data segment kind");
  if (flags == 1) segment.mode = SegmentMode::kPassive;
  if (flags == 2) segment.memory = in.u32();
  if (flags != 1) segment.offset = read_constant(in);
  segment.size = in.u32();
  segment.begin = in.position();
  in.bytes(segment.size);
  return segment;
}

}  // namespace rune::wasm
