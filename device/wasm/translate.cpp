// One function body from its locals to its end; the switch over instructions.
#include "device/wasm/translate_internal.h"

namespace rune::wasm {

FunctionTranslator::FunctionTranslator(const ModuleInfo& info, const InstallLimits& limits, Reader& in,
                                       MutableBytes scratch)
    : info_(info), in_(in), code_({}), arena_(scratch) {
  const uint32_t most = limits.max_frame_bytes / 4;
  max_slots_ = most < 65000 ? most : 65000;  // slots are 16-bit fields
}

Bytes FunctionTranslator::translate(uint32_t function) {
  instruction_ = in_.position();
  const uint16_t type = info_.function_types[function];
  type_ = info_.type(type);
  declare_locals();
  if (in_.ok()) divide_scratch();
  if (!in_.ok()) return {};
  for (uint32_t field : {uint32_t{type}, slots_of(type_.parameters), top_slot_, uint32_t{0}})
    code_.u16(field);
  code_.close();
  instructions();
  if (in_.ok() && code_.overflowed()) refuse(Status::kNoMemory, "workspace too small");
  if (!in_.ok()) return {};
  code_.enable(true);
  code_.pad_to_word();
  if (code_.overflowed()) refuse(Status::kNoMemory, "workspace too small");
  if (!in_.ok()) return {};
  store_le16(code_.data() + offsetof(FunctionHeader, frame_slots), static_cast<uint16_t>(highest_slot_));
  return {code_.data(), code_.size()};
}

// Locals follow each other in slots and in the scratch.
void FunctionTranslator::declare_locals() {
  const uint32_t start = in_.position();
  uint64_t total = type_.parameters.size();
  const uint32_t groups = in_.count();
  for (uint32_t i = 0; i < groups && in_.ok(); i++) {
    total += in_.u32();
    read_value_type(in_);
    if (total > UINT32_MAX) in_.fail(Status::kMalformed, "too many locals");
  }
  if (!in_.ok()) return;
  if (total > max_slots_) return refuse(Status::kTooLarge, "frame too large");
  locals_ = arena_.allocate<Local>(static_cast<uint32_t>(total));
  if (locals_ == nullptr) return refuse(Status::kNoMemory, "workspace too small");

  in_.seek(start);
  for (uint8_t parameter : type_.parameters) add_locals(1, parameter);
  in_.count();
  for (uint32_t i = 0; i < groups; i++) {
    const uint32_t count = in_.u32();
    add_locals(count, static_cast<OperandType>(read_value_type(in_)));
  }
  const uint32_t result_slots = slots_of(type_.results);
  highest_slot_ = top_slot_ > result_slots ? top_slot_ : result_slots;  // results leave from slot 0 on
  if (highest_slot_ > max_slots_) refuse(Status::kTooLarge, "frame too large");
}

void FunctionTranslator::add_locals(uint32_t count, OperandType type) {
  for (uint32_t i = 0; i < count; i++) {
    locals_[local_count_++] = {static_cast<uint16_t>(top_slot_), type};
    top_slot_ += slots_of(static_cast<ValueType>(type));
  }
}

// Code in front; at the end both stacks, as deep as a body of this size can need but for calls with
// many results, and at most a third.
void FunctionTranslator::divide_scratch() {
  const MutableBytes rest = arena_.rest();
  if (rest.size() < 128) return refuse(Status::kNoMemory, "workspace too small");
  const size_t body = in_.end() - in_.position();
  const size_t enough = body * (sizeof(Operand) + sizeof(Control)) / 2 + 256;
  const size_t third = rest.size() / 3;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(rest.data());
  const uintptr_t end = (begin + rest.size()) & ~uintptr_t{7};
  const uintptr_t stacks = (end - (enough < third ? enough : third)) & ~uintptr_t{7};
  operands_ = reinterpret_cast<Operand*>(stacks);
  controls_ = reinterpret_cast<Control*>(end);
  code_ = CodeBuffer(rest.first(stacks - begin));
}

void FunctionTranslator::instructions() {
  enter(ControlKind::kFunction, kEmptyBlock, kNoBranch);
  while (in_.ok() && control_count_ > 0) {
    instruction_ = in_.position();
    if (in_.at_end()) return in_.fail(Status::kMalformed, "unexpected end of section or function");
    instruction(in_.u8());
  }
  if (in_.ok() && !in_.at_end()) in_.fail(Status::kMalformed, "section size mismatch");
}

void FunctionTranslator::instruction(uint8_t opcode) {
  if (numeric(opcode) || memory_access(opcode)) return;
  switch (opcode) {
    case 0x00: code_.begin(kOp_unreachable); return set_unreachable();
    case 0x01: return;
    case 0x02: return begin_block(ControlKind::kBlock);
    case 0x03: return begin_block(ControlKind::kLoop);
    case 0x04: return begin_if();
    case 0x05: return begin_else();
    case 0x0B: return end();
    case 0x0C: return branch();
    case 0x0D: return branch_if();
    case 0x0E: return branch_table();
    case 0x0F: return return_from_function();
    case 0x10: return call();
    case 0x11: return call_indirect();
    case 0x1A: pop(kAnyType); return;
    case 0x1B: return select(kAnyType);
    case 0x1C: return select_typed();
    case 0x20: return local_get();
    case 0x21: return local_set(/*keeps_value=*/false);
    case 0x22: return local_set(/*keeps_value=*/true);
    case 0x23: return global_get();
    case 0x24: return global_set();
    case 0x25:
    case 0x26: return table_instruction(opcode);
    case 0x3F:
    case 0x40: return memory_instruction(opcode);
    case 0x41:
      push_constant(kI32, in_.position());
      in_.s32();
      return;
    case 0x42:
      push_constant(kI64, in_.position());
      in_.s64();
      return;
    case 0x43:
      push_constant(kF32, in_.position());
      in_.bytes(4);
      return;
    case 0x44:
      push_constant(kF64, in_.position());
      in_.bytes(8);
      return;
    case 0xD0:
    case 0xD1:
    case 0xD2: return reference_instruction(opcode);
    case 0xFC: return prefixed_instruction();
    default: return refuse(Status::kMalformed, "illegal opcode");
  }
}

// Numbers from here on are the prefixed ones plus kPrefixed.
void FunctionTranslator::prefixed_instruction() {
  const uint32_t number = in_.u32();
  if (!in_.ok()) return;
  if (number <= 7) {
    numeric(0xC5 + number);
  } else if (number <= 11) {
    memory_instruction(kPrefixed + number);
  } else if (number <= 17) {
    table_instruction(kPrefixed + number);
  } else {
    refuse(Status::kMalformed, "illegal opcode");
  }
}

}  // namespace rune::wasm
