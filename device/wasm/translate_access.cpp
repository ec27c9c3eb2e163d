// Arithmetic, locals, globals, memory, tables and references.
#include "device/wasm/numeric.h"
#include "device/wasm/translate_internal.h"

namespace rune::wasm {
namespace {

using namespace numeric;

constexpr uint8_t kHasConstant = 1;  // the next opcode takes b as a constant
constexpr uint8_t kCommutes = 2;

struct NumericRow {
  uint8_t wasm;
  OperandType result;
  OperandType a;
  OperandType b;  // kAnyType: unary
  uint16_t opcode;
  uint16_t flags;
};

constexpr OperandType type_byte(ValueType type) { return static_cast<OperandType>(type); }

constexpr uint8_t kFirstNumeric = 0x45;

// By WebAssembly opcode from kFirstNumeric on, gaps left out by numeric_row().
constexpr NumericRow kNumeric[] = {
#define UNARY(name, wasm, R, A, expression) \
  {wasm, type_byte(R::kType), type_byte(A::kType), kAnyType, kOp_##name, 0},
#define CHECKED_UNARY(name, wasm, R, A, call) UNARY(name, wasm, R, A, call)
#define BINARY(name, wasm, R, A, B, expression) \
  {wasm, type_byte(R::kType), type_byte(A::kType), type_byte(B::kType), kOp_##name, 0},
#define BINARY_K(name, wasm, R, A, B, commutes, expression) \
  {wasm,                                                    \
   type_byte(R::kType),                                     \
   type_byte(A::kType),                                     \
   type_byte(B::kType),                                     \
   kOp_##name,                                              \
   kHasConstant | (commutes ? kCommutes : 0)},
#define CHECKED_BINARY(name, wasm, R, A, B, call) BINARY(name, wasm, R, A, B, call)
#define COMPARE(name, wasm, A, inverse, commutes, expression) \
  BINARY_K(name, wasm, U32, A, A, commutes, expression)
#define COMPARE_FLOAT(name, wasm, A, expression) BINARY(name, wasm, U32, A, A, expression)
#include "device/wasm/instructions.def"
};
constexpr uint32_t kNumericRows = sizeof(kNumeric) / sizeof(kNumeric[0]);

// Rows stand in the order of their opcodes; wrap and reinterpret are missing.
const NumericRow* numeric_row(uint32_t number) {
  if (number < kFirstNumeric || number > 0xCC) return nullptr;
  uint32_t index = number - kFirstNumeric;
  if (number > 0xA7) index -= 1;
  if (number > 0xBF) index -= 4;
  return index < kNumericRows && kNumeric[index].wasm == number ? &kNumeric[index] : nullptr;
}
static_assert(kNumeric[0].wasm == kFirstNumeric && kNumeric[kNumericRows - 1].wasm == 0xCC &&
              kNumericRows == 0xCC - kFirstNumeric + 1 - 5);

struct AccessRow {
  OperandType type;
  uint8_t size_log2;
  uint16_t opcode;
};
constexpr uint8_t log2_of(size_t size) { return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3; }

constexpr uint8_t kFirstAccess = 0x28, kFirstStore = 0x36, kLastAccess = 0x3E;
constexpr AccessRow kAccess[] = {
#define LOAD(name, wasm, R, stored) {type_byte(R::kType), log2_of(sizeof(stored)), kOp_##name},
#define SAME_LOAD(name, wasm, R, stored) LOAD(name, wasm, R, stored)
#define STORE(name, wasm, A, stored) LOAD(name, wasm, A, stored)
#define SAME_STORE(name, wasm, A, stored) LOAD(name, wasm, A, stored)
#include "device/wasm/instructions.def"
};
static_assert(sizeof(kAccess) / sizeof(kAccess[0]) == kLastAccess - kFirstAccess + 1);

struct Renaming {
  OperandType from;
  OperandType to;
};
// Instructions that give the same bits, or the low half, another type.
constexpr Renaming kReinterpret[] = {{kF32, kI32}, {kF64, kI64}, {kI32, kF32}, {kI64, kF64}};
constexpr uint8_t kWrap = 0xA7, kFirstReinterpret = 0xBC;

}  // namespace

// False when `number` is no numeric instruction.
bool FunctionTranslator::numeric(uint32_t number) {
  if (number == kWrap) return rename(kI64, kI32), true;
  if (number >= kFirstReinterpret && number < kFirstReinterpret + 4) {
    const Renaming& renaming = kReinterpret[number - kFirstReinterpret];
    return rename(renaming.from, renaming.to), true;
  }
  const NumericRow* row = numeric_row(number);
  if (row == nullptr) return false;
  if (row->b == kAnyType) {
    const uint32_t a = slot_of(pop(row->a));
    code_.begin(row->opcode, result_slot());
    code_.u16(a);
  } else {
    Operand b = pop(row->b), a = pop(row->a);
    if ((row->flags & kCommutes) && a.place == Place::kConstant) std::swap(a, b);
    const bool is_constant = (row->flags & kHasConstant) && b.place == Place::kConstant;
    const uint32_t slot_a = slot_of(a);
    const uint32_t slot_b = is_constant ? 0 : slot_of(b);
    code_.begin(is_constant ? row->opcode + 1 : row->opcode, result_slot());
    code_.u16(slot_a);
    if (is_constant)
      code_.u32(static_cast<uint32_t>(constant_bits(b)));
    else
      code_.u16(slot_b);
  }
  push(row->result);
  return true;
}

// The operand keeps its slot. Its instruction may no longer be redirected: a 64-bit result does not
// fit a 32-bit local.
void FunctionTranslator::rename(OperandType from, OperandType to) {
  Operand operand = pop(from);
  if (!live()) return push(to);
  if (operand.place == Place::kConstant) {
    move_to(operand, operand.home);
    operand.place = Place::kHome;
  }
  code_.close();
  push(to, operand.place, operand.payload);
}

void FunctionTranslator::require_memory() {
  if (info_.memory_count == 0) fail("unknown memory");
}

bool FunctionTranslator::memory_access(uint8_t opcode) {
  if (opcode < kFirstAccess || opcode > kLastAccess) return false;
  const AccessRow& row = kAccess[opcode - kFirstAccess];
  const uint32_t align = in_.u32();
  const uint32_t offset = in_.u32();
  if (!in_.ok()) return true;
  require_memory();
  if (align > row.size_log2) fail("alignment must not be larger than natural");
  if (opcode >= kFirstStore) {
    const Operand value = pop(row.type), address = pop(kI32);
    const uint32_t address_slot = slot_of(address), value_slot = slot_of(value);
    code_.begin(row.opcode);
    code_.u16(address_slot);
    code_.u16(value_slot);
    code_.u32(offset);
  } else {
    const uint32_t address_slot = slot_of(pop(kI32));
    code_.begin(row.opcode, result_slot());
    code_.u16(address_slot);
    code_.u32(offset);
    push(row.type);
  }
  return true;
}

void FunctionTranslator::local_get() {
  const uint32_t index = in_.u32();
  if (!in_.ok()) return;
  if (index >= local_count_) return fail("unknown local");
  const Local& local = locals_[index];
  const bool settles = reference_count_ == kMaxReferences;
  if (!live()) return push(local.type);
  if (settles) settle_references();
  push(local.type, Place::kLocal, local.slot);
}

void FunctionTranslator::local_set(bool keeps_value) {
  const uint32_t index = in_.u32();
  if (!in_.ok()) return;
  if (index >= local_count_) return fail("unknown local");
  const Local& local = locals_[index];
  const Operand value = pop(local.type);
  if (!in_.ok()) return;
  if (live()) write_local(value, local.slot);
  if (!keeps_value) return;
  if (!live()) return push(local.type);
  if (reference_count_ == kMaxReferences) settle_references();
  push(local.type, Place::kLocal, local.slot);
}

// The instruction that made the value writes the local instead; when references to the local have to
// be copied before, it moves behind the copies, which touch none of its operands.
void FunctionTranslator::write_local(const Operand& value, uint32_t slot) {
  if (value.place == Place::kHome && code_.last_writes(value.home) && code_.last_is_short()) {
    const Fields maker = code_.last();
    code_.withdraw_last();
    settle_references_to(slot);
    code_.begin(maker.opcode, slot);
    for (uint32_t i = 0; i < maker.field_count; i++) code_.u16(maker.fields[i]);
  } else {
    settle_references_to(slot);
    move_to(value, slot);
  }
  code_.close();  // the slot is a local's now
}

void FunctionTranslator::global_get() {
  const uint32_t index = in_.u32();
  if (!in_.ok()) return;
  if (index >= info_.global_count) return fail("unknown global");
  const OperandType type = info_.globals[index] & ~ModuleInfo::kMutable;
  const bool is_wide = slots_of(static_cast<ValueType>(type)) == 2;
  const uint32_t imported = info_.imported_count(ExternKind::kGlobal);
  if (index < imported) {
    code_.begin(is_wide ? kOp_imported_global_get_64 : kOp_imported_global_get_32, result_slot());
    code_.u16(index);
  } else {
    code_.begin(is_wide ? kOp_global_get_64 : kOp_global_get_32, result_slot());
    code_.u16(index - imported);
  }
  push(type);
}

void FunctionTranslator::global_set() {
  const uint32_t index = in_.u32();
  if (!in_.ok()) return;
  if (index >= info_.global_count) return fail("unknown global");
  if (!(info_.globals[index] & ModuleInfo::kMutable)) return fail("global is immutable");
  const OperandType type = info_.globals[index] & ~ModuleInfo::kMutable;
  const bool is_wide = slots_of(static_cast<ValueType>(type)) == 2;
  const uint32_t imported = info_.imported_count(ExternKind::kGlobal);
  const uint32_t slot = slot_of(pop(type));
  if (index < imported) {
    code_.begin(is_wide ? kOp_imported_global_set_64 : kOp_imported_global_set_32);
  } else {
    code_.begin(is_wide ? kOp_global_set_64 : kOp_global_set_32);
  }
  code_.u16(slot);
  code_.u16(index < imported ? index : index - imported);
}

// Without a type both operands must be numbers.
void FunctionTranslator::select(OperandType type) {
  const Operand condition = pop(kI32), b = pop(type), a = pop(type);
  OperandType result = type;
  if (type == kAnyType) {
    result = a.type != kAnyType ? a.type : b.type;
    if ((a.type != kAnyType && b.type != kAnyType && a.type != b.type) || result == kFuncref ||
        result == kExternref) {
      return mismatch();
    }
  }
  const bool is_wide = result != kAnyType && slots_of(static_cast<ValueType>(result)) == 2;
  const uint32_t slot_a = slot_of(a), slot_b = slot_of(b), slot_c = slot_of(condition);
  code_.begin(is_wide ? kOp_select_64 : kOp_select_32, result_slot());
  for (uint32_t slot : {slot_a, slot_b, slot_c}) code_.u16(slot);
  push(result);
}

void FunctionTranslator::select_typed() {
  const uint32_t count = in_.count();
  if (in_.ok() && count != 1) return fail("invalid result arity");
  const OperandType type = static_cast<OperandType>(read_value_type(in_));
  if (in_.ok()) select(type);
}

void FunctionTranslator::reference_instruction(uint8_t opcode) {
  if (opcode == 0xD0) {  // ref.null
    const uint8_t type = in_.u8();
    if (in_.ok() && type != kFuncref && type != kExternref)
      refuse(Status::kMalformed, "malformed reference type");
    return push_constant(type, in_.position());
  }
  if (opcode == 0xD1) {  // ref.is_null
    const Operand operand = pop(kAnyType);
    if (operand.type != kAnyType && !is_reference(static_cast<ValueType>(operand.type))) return mismatch();
    const uint32_t slot = slot_of(operand);
    code_.begin(kOp_ref_is_null, result_slot());
    code_.u16(slot);
    return push(kI32);
  }
  const uint32_t function = in_.u32();  // ref.func
  if (!in_.ok()) return;
  if (function >= info_.function_count) return fail("unknown function");
  if (!info_.is_declared(function)) return fail("undeclared function reference");
  code_.begin(kOp_ref_func, result_slot());
  code_.u16(function);
  push(kFuncref);
}

void FunctionTranslator::emit_ternary(uint16_t opcode, OperandType first, OperandType second,
                                      OperandType third) {
  const Operand c = pop(third), b = pop(second), a = pop(first);
  const uint32_t slot_a = slot_of(a), slot_b = slot_of(b), slot_c = slot_of(c);
  code_.begin(opcode);
  for (uint32_t slot : {slot_a, slot_b, slot_c}) code_.u16(slot);
}

void FunctionTranslator::read_zero_byte() {
  if (in_.u8() != 0) refuse(Status::kMalformed, "zero byte expected");
}

void FunctionTranslator::memory_instruction(uint32_t number) {
  uint32_t segment = 0;
  const bool has_segment = number == kPrefixed + 8 || number == kPrefixed + 9;
  if (has_segment) segment = in_.u32();
  if (number != kPrefixed + 9) read_zero_byte();
  if (number == kPrefixed + 10) read_zero_byte();
  if (!in_.ok()) return;
  if (number != kPrefixed + 9) require_memory();
  if (has_segment && !info_.sections.has(kDataCountSection) && info_.sections.has(kDataSection)) {
    return refuse(Status::kMalformed, "data count section required");
  }
  if (has_segment && segment >= info_.data_count) return fail("unknown data segment");
  switch (number) {
    case 0x3F: code_.begin(kOp_memory_size, result_slot()); return push(kI32);
    case 0x40: {
      const uint32_t pages = slot_of(pop(kI32));
      code_.begin(kOp_memory_grow, result_slot());
      code_.u16(pages);
      return push(kI32);
    }
    case kPrefixed + 8: emit_ternary(kOp_memory_init, kI32, kI32, kI32); return code_.u16(segment);
    case kPrefixed + 9: code_.begin(kOp_data_drop); return code_.u16(segment);
    case kPrefixed + 10: return emit_ternary(kOp_memory_copy, kI32, kI32, kI32);
    default: return emit_ternary(kOp_memory_fill, kI32, kI32, kI32);
  }
}

// Reads a table index; the type of its elements.
OperandType FunctionTranslator::read_table(uint32_t& table) {
  table = in_.u32();
  if (!in_.ok()) return kFuncref;
  if (table < info_.table_count) return info_.tables[table];
  fail("unknown table");
  return kFuncref;
}

void FunctionTranslator::table_instruction(uint32_t number) {
  uint32_t table = 0, other = 0;
  if (number == kPrefixed + 12 || number == kPrefixed + 13) return segment_instruction(number);
  const OperandType type = read_table(table);
  switch (number) {
    case 0x25: {
      const uint32_t index = slot_of(pop(kI32));
      code_.begin(kOp_table_get, result_slot());
      code_.u16(index);
      code_.u16(table);
      return push(type);
    }
    case 0x26: {
      const Operand value = pop(type), index = pop(kI32);
      const uint32_t index_slot = slot_of(index), value_slot = slot_of(value);
      code_.begin(kOp_table_set);
      for (uint32_t field : {index_slot, value_slot, table}) code_.u16(field);
      return;
    }
    case kPrefixed + 14:
      if (read_table(other) != type) return mismatch();
      emit_ternary(kOp_table_copy, kI32, kI32, kI32);
      code_.u16(table);
      return code_.u16(other);
    case kPrefixed + 15: {
      const Operand count = pop(kI32), value = pop(type);
      const uint32_t value_slot = slot_of(value), count_slot = slot_of(count);
      code_.begin(kOp_table_grow, result_slot());
      for (uint32_t field : {value_slot, count_slot, table}) code_.u16(field);
      return push(kI32);
    }
    case kPrefixed + 16:
      code_.begin(kOp_table_size, result_slot());
      code_.u16(table);
      return push(kI32);
    default: emit_ternary(kOp_table_fill, kI32, type, kI32); return code_.u16(table);
  }
}

// table.init and elem.drop.
void FunctionTranslator::segment_instruction(uint32_t number) {
  const uint32_t segment = in_.u32();
  if (!in_.ok()) return;
  if (number == kPrefixed + 13) {
    if (segment >= info_.element_count) return fail("unknown elem segment");
    code_.begin(kOp_elem_drop);
    return code_.u16(segment);
  }
  uint32_t table = 0;
  const OperandType type = read_table(table);
  if (!in_.ok()) return;
  if (segment >= info_.element_count) return fail("unknown elem segment");
  if (info_.elements[segment] != type) return mismatch();
  emit_ternary(kOp_table_init, kI32, kI32, kI32);
  code_.u16(segment);
  code_.u16(table);
}

}  // namespace rune::wasm
