// Blocks, branches and calls.
#include "device/wasm/translate_internal.h"

namespace rune::wasm {
namespace {

// The branch that is taken when comparison `opcode` gives `when_true`; kOpcodes when it has none.
uint16_t fused_branch(uint16_t opcode, bool when_true) {
  switch (opcode) {
#define COMPARE(name, wasm, A, inverse, commutes, expression)                 \
  case kOp_##name: return when_true ? kOp_br_if_##name : kOp_br_if_##inverse; \
  case kOp_##name##_k: return when_true ? kOp_br_if_##name##_k : kOp_br_if_##inverse##_k;
#define COMPARE_FLOAT(name, ...) \
  case kOp_##name: return when_true ? kOp_br_if_##name : kOp_br_unless_##name;
#include "device/wasm/instructions.def"
    case kOp_i32_eqz: return when_true ? kOp_br_unless : kOp_br_if;
    default: return kOpcodes;
  }
}

constexpr uint32_t kSingleResult = 0x80000000u;  // then the position of its type in the module

}  // namespace

Control& FunctionTranslator::checked_control(uint32_t depth) {
  if (depth >= control_count_) {
    fail("unknown label");
    depth = 0;
  }
  return control(depth);
}

// kEmptyBlock, kSingleResult and a position, or the index of a type.
uint32_t FunctionTranslator::read_block_type() {
  const uint32_t at = in_.position();
  const uint8_t byte = in_.u8();
  if (!in_.ok() || byte == 0x40) return kEmptyBlock;
  if (is_value_type(byte)) return kSingleResult | at;
  in_.seek(at);
  const int64_t index = in_.s33();
  if (in_.ok() && index < 0) refuse(Status::kMalformed, "malformed block type");
  if (in_.ok() && index >= info_.type_count) fail("unknown type");
  return in_.ok() ? static_cast<uint32_t>(index) : kEmptyBlock;
}

FunctionType FunctionTranslator::block_type(uint32_t type) const {
  if (type == kEmptyBlock) return {};
  if (type & kSingleResult) return {{}, info_.module.subspan(type & ~kSingleResult, 1)};
  return info_.type(type);
}

Bytes FunctionTranslator::label_types(const Control& target) const {
  if (target.kind == ControlKind::kFunction) return type_.results;
  const FunctionType type = block_type(target.type);
  return target.kind == ControlKind::kLoop ? type.parameters : type.results;
}

void FunctionTranslator::enter(ControlKind kind, uint32_t type, uint32_t start) {
  const uintptr_t limit = reinterpret_cast<uintptr_t>(operands_ + operand_count_);
  if (reinterpret_cast<uintptr_t>(controls_ - control_count_ - 1) < limit) {
    return refuse(Status::kNoMemory, "workspace too small");
  }
  control_count_++;
  control(0) = {kind, false,          live(),    static_cast<uint16_t>(top_slot_),
                type, operand_count_, kNoBranch, start};
}

void FunctionTranslator::begin_block(ControlKind kind) {
  const uint32_t type = read_block_type();
  const Bytes parameters = block_type(type).parameters;
  match(parameters);
  if (!in_.ok()) return;
  settle_references();
  settle_top(static_cast<uint32_t>(parameters.size()));
  pop_all(parameters);
  if (kind == ControlKind::kLoop) code_.close();
  enter(kind, type, code_.size());
  push_all(parameters);
}

void FunctionTranslator::begin_if() {
  const uint32_t type = read_block_type();
  const Bytes parameters = block_type(type).parameters;
  const Fields condition = take_condition(pop(kI32), /*when_true=*/false);
  match(parameters);
  if (!in_.ok()) return;
  settle_references();
  settle_top(static_cast<uint32_t>(parameters.size()));
  pop_all(parameters);
  emit_condition(condition);
  uint32_t field = kNoBranch;
  code_.branch_forward(field);
  enter(ControlKind::kIf, type, field);
  push_all(parameters);
}

void FunctionTranslator::begin_else() {
  Control& block = control(0);
  if (block.kind != ControlKind::kIf) return refuse(Status::kMalformed, "else without if");
  const FunctionType type = block_type(block.type);
  match(type.results);
  if (!in_.ok()) return;
  settle_top(static_cast<uint32_t>(type.results.size()));
  pop_all(type.results);
  if (operand_count_ != block.height) return mismatch();
  if (live()) {
    code_.begin(kOp_br);
    code_.branch_forward(block.branches);
  }
  code_.enable(block.entered_live);
  code_.bind(block.start);
  block.kind = ControlKind::kElse;
  block.unreachable = false;
  top_slot_ = block.base_slot;
  push_all(type.parameters);
}

void FunctionTranslator::end() {
  Control& block = control(0);
  const bool is_function = block.kind == ControlKind::kFunction;
  const FunctionType type = is_function ? FunctionType{{}, type_.results} : block_type(block.type);
  if (block.kind == ControlKind::kIf &&
      !(FunctionType{{}, type.parameters} == FunctionType{{}, type.results})) {
    return mismatch();
  }
  match(type.results);
  if (!in_.ok()) return;
  if (is_function) {
    if (live()) emit_return();
  } else {
    settle_top(static_cast<uint32_t>(type.results.size()));
  }
  pop_all(type.results);
  if (operand_count_ != block.height) return mismatch();
  if (block.entered_live && !live()) code_.enable(true);
  if (block.kind == ControlKind::kIf) code_.bind(block.start);
  code_.bind(block.branches);
  if (block.entered_live) top_slot_ = block.base_slot;
  control_count_--;
  if (!is_function) push_all(type.results);
}

// Code up to the end of the block cannot be reached: nothing is emitted, any operand may be popped.
void FunctionTranslator::set_unreachable() {
  Control& block = control(0);
  truncate_operands(block.height);
  block.unreachable = true;
  code_.enable(false);
}

// The condition under which the value of an operand is true (or false). A comparison that was emitted
// last is taken back to become part of the branch.
Fields FunctionTranslator::take_condition(const Operand& operand, bool when_true) {
  if (operand.place == Place::kHome && code_.last_writes(operand.home)) {
    Fields condition = code_.last();
    const uint16_t fused = fused_branch(condition.opcode, when_true);
    if (fused != kOpcodes) {
      condition.opcode = fused;
      code_.withdraw_last();
      return condition;
    }
  }
  Fields condition;
  condition.opcode = when_true ? kOp_br_if : kOp_br_unless;
  condition.field_count = 1;
  condition.fields[0] = static_cast<uint16_t>(slot_of(operand));
  return condition;
}

void FunctionTranslator::emit_condition(const Fields& condition) {
  code_.begin(condition.opcode);
  for (uint32_t i = 0; i < condition.field_count; i++) code_.u16(condition.fields[i]);
}

void FunctionTranslator::emit_branch_field(Control& target) {
  if (target.kind == ControlKind::kLoop)
    code_.branch_back(target.start);
  else
    code_.branch_forward(target.branches);
}

// Whether the operands a branch takes along are elsewhere than its target expects them.
bool FunctionTranslator::needs_moves(const Control& target, Bytes types) {
  const uint32_t first = operand_count_ - static_cast<uint32_t>(types.size());
  uint32_t slot = target.base_slot;
  for (uint32_t i = first; i < operand_count_; i++) {
    if (operands_[i].place != Place::kHome || operands_[i].home != slot) return true;
    slot += slots_of(static_cast<ValueType>(operands_[i].type));
  }
  return false;
}

// In ascending order no move overwrites a home that is read later: targets are never above sources.
void FunctionTranslator::emit_moves(const Control& target, Bytes types) {
  const uint32_t first = operand_count_ - static_cast<uint32_t>(types.size());
  uint32_t slot = target.base_slot;
  for (uint32_t i = first; i < operand_count_; i++) {
    move_to(operands_[i], slot);
    slot += slots_of(static_cast<ValueType>(operands_[i].type));
  }
}

// An unconditional branch with its operands. Leaves the operand stack as it is.
void FunctionTranslator::emit_jump(Control& target) {
  if (target.kind == ControlKind::kFunction) return emit_return();
  emit_moves(target, label_types(target));
  code_.begin(kOp_br);
  emit_branch_field(target);
}

// Results go to the first slots of the frame, which are locals: several may not be read from there
// any more once the first is written, so references are brought home before.
void FunctionTranslator::emit_return() {
  const uint32_t count = static_cast<uint32_t>(type_.results.size());
  const uint32_t first = operand_count_ - count;
  if (count == 0) return code_.begin(kOp_return_none);
  if (count == 1) {
    const uint32_t slot = slot_of(operands_[first]);
    code_.begin(slots_of(static_cast<ValueType>(type_.results[0])) == 2 ? kOp_return_64 : kOp_return_32);
    return code_.u16(slot);
  }
  for (uint32_t i = first; i < operand_count_; i++) move_to(operands_[i], operands_[i].home);
  uint32_t slot = 0;
  for (uint32_t i = first; i < operand_count_; i++) {
    const bool is_wide = slots_of(static_cast<ValueType>(operands_[i].type)) == 2;
    code_.begin(is_wide ? kOp_copy_64 : kOp_copy_32, slot);
    code_.u16(operands_[i].home);
    slot += is_wide ? 2 : 1;
  }
  code_.begin(kOp_return_none);
}

void FunctionTranslator::branch() {
  Control& target = checked_control(in_.u32());
  if (!in_.ok()) return;
  match(label_types(target));
  if (in_.ok() && live()) emit_jump(target);
  set_unreachable();
}

void FunctionTranslator::branch_if() {
  Control& target = checked_control(in_.u32());
  if (!in_.ok()) return;
  const Operand operand = pop(kI32);
  const Bytes types = label_types(target);
  match(types);
  if (!in_.ok() || !live()) return;
  if (target.kind != ControlKind::kFunction && !needs_moves(target, types)) {
    emit_condition(take_condition(operand, /*when_true=*/true));
    return emit_branch_field(target);
  }
  emit_condition(take_condition(operand, /*when_true=*/false));
  uint32_t over = kNoBranch;
  code_.branch_forward(over);
  emit_jump(target);
  code_.bind(over);
}

void FunctionTranslator::branch_table() {
  const uint32_t count = in_.count();
  const uint32_t targets = in_.position();
  const Operand index = pop(kI32);
  uint32_t arity = 0;
  for (uint32_t i = 0; i <= count && in_.ok(); i++) {
    const Control& target = checked_control(in_.u32());
    if (!in_.ok()) return;
    const Bytes types = label_types(target);
    if (i == 0) arity = static_cast<uint32_t>(types.size());
    if (types.size() != arity || !matches(types)) return mismatch();
  }
  if (in_.ok() && live()) emit_branch_table(slot_of(index), targets, count);
  set_unreachable();
}

// Labels that need moves, or a return, are reached through code of their own behind the table.
// Requires the targets to be validated.
void FunctionTranslator::emit_branch_table(uint32_t slot, uint32_t targets, uint32_t count) {
  code_.begin(kOp_br_table);
  code_.u16(slot);
  code_.u32(count);
  const uint32_t table = code_.size();
  Reader in(info_.module, targets, in_.end());
  const auto is_direct = [&](const Control& target) {
    return target.kind != ControlKind::kFunction && !needs_moves(target, label_types(target));
  };
  for (uint32_t i = 0; i <= count; i++) {
    Control& target = control(in.u32());
    if (is_direct(target))
      emit_branch_field(target);
    else
      code_.u32(0);
  }
  in.seek(targets);
  uint32_t last_depth = kNoBranch, last_code = 0;
  for (uint32_t i = 0; i <= count && !code_.overflowed(); i++) {
    const uint32_t depth = in.u32();
    Control& target = control(depth);
    if (is_direct(target)) continue;
    if (depth != last_depth) {
      last_depth = depth;
      last_code = code_.size();
      emit_jump(target);
    }
    code_.patch(table + 4 * i, last_code);
  }
}

void FunctionTranslator::return_from_function() {
  match(type_.results);
  if (in_.ok() && live()) emit_return();
  set_unreachable();
}

void FunctionTranslator::call() {
  const uint32_t function = in_.u32();
  if (!in_.ok()) return;
  if (function >= info_.function_count) return fail("unknown function");
  const uint32_t imported = info_.imported_count(ExternKind::kFunction);
  const FunctionType type = info_.type(info_.function_types[function]);
  const uint32_t base = place_arguments(type);
  if (function < imported) {
    code_.begin(kOp_call_import);
    code_.u16(function);
  } else {
    code_.begin(kOp_call);
    code_.u16(function - imported);
  }
  code_.u16(base);
  push_all(type.results);
}

void FunctionTranslator::call_indirect() {
  const uint32_t type_index = in_.u32();
  uint32_t table = in_.u32();
  if (!in_.ok()) return;
  if (table >= info_.table_count) return fail("unknown table");
  if (info_.tables[table] != kFuncref) return mismatch();
  if (type_index >= info_.type_count) return fail("unknown type");
  const FunctionType type = info_.type(type_index);
  const uint32_t slot = slot_of(pop(kI32));
  const uint32_t base = place_arguments(type);
  code_.begin(kOp_call_indirect);
  for (uint32_t field : {slot, uint32_t{info_.canonical_types[type_index]}, table, base}) code_.u16(field);
  push_all(type.results);
}

// Brings the arguments home and pops them; the slot of the first.
uint32_t FunctionTranslator::place_arguments(const FunctionType& type) {
  match(type.parameters);
  if (!in_.ok()) return 0;
  settle_top(static_cast<uint32_t>(type.parameters.size()));
  pop_all(type.parameters);
  return top_slot_;
}

}  // namespace rune::wasm
