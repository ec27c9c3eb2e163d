// The operand stack: types for validation, places for translation.
#include "device/wasm/translate_internal.h"

namespace rune::wasm {

// Types are checked by callers' `expected`; kAnyType there takes whatever comes.
Operand FunctionTranslator::pop(OperandType expected) {
  const Control& innermost = control(0);
  if (operand_count_ == innermost.height) {
    if (!innermost.unreachable) mismatch();
    return {expected, Place::kHome, static_cast<uint16_t>(top_slot_), 0};
  }
  const Operand operand = operands_[--operand_count_];
  if (live()) top_slot_ = operand.home;
  if (operand.place == Place::kLocal) reference_count_--;
  if (expected != kAnyType && operand.type != kAnyType && operand.type != expected) mismatch();
  return operand;
}

void FunctionTranslator::pop_all(Bytes types) {
  for (size_t i = types.size(); i > 0; i--) pop(types[i - 1]);
}

void FunctionTranslator::push(OperandType type, Place place, uint32_t payload) {
  const uintptr_t limit = reinterpret_cast<uintptr_t>(controls_ - control_count_);
  if (reinterpret_cast<uintptr_t>(operands_ + operand_count_ + 1) > limit) {
    return refuse(Status::kNoMemory, "workspace too small");
  }
  if (place == Place::kLocal) references_[reference_count_++] = operand_count_;
  operands_[operand_count_++] = {type, place, static_cast<uint16_t>(top_slot_), payload};
  if (!live()) return;  // no code, so no slots
  top_slot_ += slots_of(static_cast<ValueType>(type));
  if (top_slot_ > highest_slot_) highest_slot_ = top_slot_;
  if (top_slot_ > max_slots_) refuse(Status::kTooLarge, "frame too large");
}

void FunctionTranslator::push_all(Bytes types) {
  for (size_t i = 0; i < types.size() && in_.ok(); i++) push(types[i]);
}

void FunctionTranslator::push_constant(OperandType type, uint32_t position) {
  push(type, live() ? Place::kConstant : Place::kHome, position);
}

bool FunctionTranslator::matches(Bytes types) {
  const Control& innermost = control(0);
  const uint32_t available = operand_count_ - innermost.height;
  for (size_t i = 0; i < types.size(); i++) {
    if (i >= available) return innermost.unreachable;
    const OperandType have = operands_[operand_count_ - 1 - i].type;
    if (have != kAnyType && have != types[types.size() - 1 - i]) return false;
  }
  return true;
}

void FunctionTranslator::match(Bytes types) {
  if (!matches(types)) return mismatch();
  if (!control(0).unreachable) return;
  pop_all(types);
  push_all(types);
}

uint64_t FunctionTranslator::constant_bits(const Operand& operand) const {
  Reader in(info_.module, operand.payload, static_cast<uint32_t>(info_.module.size()));
  const uint8_t* bytes = info_.module.data() + operand.payload;
  switch (operand.type) {
    case kI32: return static_cast<uint32_t>(in.s32());
    case kI64: return static_cast<uint64_t>(in.s64());
    case kF32: return load_le32(bytes);
    case kF64: return load_le64(bytes);
    default: return kNullReference;
  }
}

void FunctionTranslator::emit_constant(const Operand& operand, uint32_t slot) {
  const uint64_t bits = constant_bits(operand);
  const bool is_wide = slots_of(static_cast<ValueType>(operand.type)) == 2;
  code_.begin(is_wide ? kOp_const_64 : kOp_const_32, slot);
  code_.u32(static_cast<uint32_t>(bits));
  if (is_wide) code_.u32(static_cast<uint32_t>(bits >> 32));
}

void FunctionTranslator::move_to(const Operand& operand, uint32_t slot) {
  if (operand.place == Place::kConstant) return emit_constant(operand, slot);
  const uint32_t source = slot_of(operand);
  if (source == slot) return;
  const bool is_wide = slots_of(static_cast<ValueType>(operand.type)) == 2;
  code_.begin(is_wide ? kOp_copy_64 : kOp_copy_32, slot);
  code_.u16(source);
}

uint32_t FunctionTranslator::slot_of(const Operand& operand) {
  if (operand.place == Place::kLocal) return operand.payload;
  if (operand.place == Place::kConstant) emit_constant(operand, operand.home);
  return operand.home;
}

// Brings an operand of the stack home.
void FunctionTranslator::settle(uint32_t index) {
  Operand& operand = operands_[index];
  move_to(operand, operand.home);
  operand.place = Place::kHome;
}

void FunctionTranslator::settle_references() {
  for (uint32_t i = 0; i < reference_count_; i++) settle(references_[i]);
  reference_count_ = 0;
}

void FunctionTranslator::settle_references_to(uint32_t slot) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < reference_count_; i++) {
    if (operands_[references_[i]].payload == slot)
      settle(references_[i]);
    else
      references_[kept++] = references_[i];
  }
  reference_count_ = kept;
}

void FunctionTranslator::settle_top(uint32_t count) {
  if (!live()) return;
  const uint32_t first = operand_count_ - count;
  for (uint32_t i = first; i < operand_count_; i++) settle(i);
  while (reference_count_ > 0 && references_[reference_count_ - 1] >= first) reference_count_--;
}

void FunctionTranslator::truncate_operands(uint32_t height) {
  operand_count_ = height;
  while (reference_count_ > 0 && references_[reference_count_ - 1] >= height) reference_count_--;
}

}  // namespace rune::wasm
