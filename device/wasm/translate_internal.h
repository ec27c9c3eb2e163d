// Validates one function body and translates it into the register form, in one pass.
//
// The validator's operand stack carries for each operand, beside its type, the place of its value:
//   home      the frame slot that belongs to this position of the stack
//   local     a local's slot: local.get emits nothing (copy elision)
//   constant  the position of its immediate in the module: emitted where it is used
// A write to a local first copies pending references to it into their homes; so does the start of
// every block, for code inside may run or not. Results are directed to their homes; local.set and
// local.tee redirect the last instruction's result into the local instead of copying.
//
// Frame: parameters, other locals, homes, in 32-bit slots. Arguments of a call are the caller's top
// homes and become the first slots of the callee's frame; its results arrive in the same place.
// docs/design/wasm.md tells the whole story; every path is judged by tests/spec.
#pragma once

#include "device/wasm/emit_internal.h"
#include "device/wasm/image_internal.h"
#include "device/wasm/module_internal.h"

namespace rune::wasm {

// A value type as a byte, or 0 where unreachable code leaves it open.
using OperandType = uint8_t;
inline constexpr OperandType kAnyType = 0;
// Block type of a block without parameters and results; kPrefixed is added to numbers behind 0xFC.
inline constexpr uint32_t kEmptyBlock = UINT32_MAX;
inline constexpr uint32_t kPrefixed = 0x100;
inline constexpr OperandType kI32 = 0x7F, kI64 = 0x7E, kF32 = 0x7D, kF64 = 0x7C, kFuncref = 0x70,
                             kExternref = 0x6F;

enum class Place : uint8_t { kHome, kLocal, kConstant };

struct Operand {
  OperandType type = kAnyType;
  Place place = Place::kHome;
  uint16_t home = 0;     // slot
  uint32_t payload = 0;  // kLocal: slot; kConstant: position of the immediate in the module
};

enum class ControlKind : uint8_t { kFunction, kBlock, kLoop, kIf, kElse };

struct Control {
  ControlKind kind = ControlKind::kBlock;
  bool unreachable = false;       // the operand stack is polymorphic
  bool entered_live = false;      // code before it was emitted
  uint16_t base_slot = 0;         // of its first operand
  uint32_t type = 0;              // a block type, see FunctionTranslator::block_type
  uint32_t height = 0;            // operands below it
  uint32_t branches = kNoBranch;  // chain of forward branches to its end
  uint32_t start = kNoBranch;     // kLoop: its code; kIf: the branch field taken when the condition is 0
};

class FunctionTranslator {
 public:
  FunctionTranslator(const ModuleInfo& info, const InstallLimits& limits, Reader& in, MutableBytes scratch);

  // Translates the body at the reader, which ends with it. The result is a view of the scratch:
  // FunctionHeader and instructions, a multiple of 4 bytes. On failure the reader says why.
  Bytes translate(uint32_t function);

 private:
  void fail(const char* text) { in_.fail_at(Status::kInvalid, text, instruction_); }
  void refuse(Status status, const char* text) { in_.fail_at(status, text, instruction_); }
  void mismatch() { fail("type mismatch"); }

  // Setting up: translate.cpp.
  void declare_locals();
  void divide_scratch();
  void add_locals(uint32_t count, OperandType type);
  void instructions();
  void instruction(uint8_t opcode);
  void prefixed_instruction();

  // The operand stack: translate_stack.cpp.
  Operand pop(OperandType expected);
  void pop_all(Bytes types);
  void push(OperandType type, Place place = Place::kHome, uint32_t payload = 0);
  void push_all(Bytes types);
  void push_constant(OperandType type, uint32_t position);
  // The top operands have these types; makes them so in unreachable code.
  void match(Bytes types);
  bool matches(Bytes types);
  uint64_t constant_bits(const Operand& operand) const;
  void emit_constant(const Operand& operand, uint32_t slot);
  // Puts the operand's value into `slot`; nothing when it is there.
  void move_to(const Operand& operand, uint32_t slot);
  // A slot holding the operand's value; a constant is written to its home first.
  uint32_t slot_of(const Operand& operand);
  void settle(uint32_t index);
  void settle_references();
  void settle_references_to(uint32_t slot);
  void settle_top(uint32_t count);
  void truncate_operands(uint32_t height);
  uint32_t result_slot() const { return top_slot_; }

  // Blocks and branches: translate_control.cpp.
  bool live() const { return code_.enabled(); }
  Control& control(uint32_t depth) {
    return controls_[-1 - static_cast<int32_t>(control_count_ - 1 - depth)];
  }
  Control& checked_control(uint32_t depth);
  uint32_t read_block_type();
  FunctionType block_type(uint32_t type) const;
  Bytes label_types(const Control& target) const;
  void enter(ControlKind kind, uint32_t type, uint32_t start);
  void begin_block(ControlKind kind);
  void begin_if();
  void begin_else();
  void end();
  void set_unreachable();
  Fields take_condition(const Operand& operand, bool when_true);
  void emit_condition(const Fields& condition);
  void emit_branch_field(Control& target);
  bool needs_moves(const Control& target, Bytes types);
  void emit_moves(const Control& target, Bytes types);
  void emit_jump(Control& target);
  void emit_return();
  void branch();
  void branch_if();
  void branch_table();
  void emit_branch_table(uint32_t slot, uint32_t targets, uint32_t count);
  void call();
  void call_indirect();
  uint32_t place_arguments(const FunctionType& type);
  void return_from_function();

  // Everything else: translate_access.cpp.
  bool numeric(uint32_t number);
  bool memory_access(uint8_t opcode);
  void local_get();
  void local_set(bool keeps_value);
  void write_local(const Operand& value, uint32_t slot);
  void global_get();
  void global_set();
  void select(OperandType type);
  void select_typed();
  void rename(OperandType from, OperandType to);
  void require_memory();
  void read_zero_byte();
  OperandType read_table(uint32_t& table);
  void reference_instruction(uint8_t opcode);
  void memory_instruction(uint32_t number);
  void table_instruction(uint32_t number);
  void segment_instruction(uint32_t number);
  // Pops three operands and emits their slots.
  void emit_ternary(uint16_t opcode, OperandType first, OperandType second, OperandType third);

  struct Local {
    uint16_t slot;
    OperandType type;
  };

  const ModuleInfo& info_;
  Reader& in_;
  CodeBuffer code_;
  Arena arena_;
  FunctionType type_;
  uint32_t instruction_ = 0;  // position of the current one

  Local* locals_ = nullptr;
  uint32_t local_count_ = 0;
  Operand* operands_ = nullptr;  // upwards from here, controls downwards from controls_
  uint32_t operand_count_ = 0;
  Control* controls_ = nullptr;
  uint32_t control_count_ = 0;
  uint32_t top_slot_ = 0;  // the home that the next operand gets
  uint32_t highest_slot_ = 0;
  uint32_t max_slots_ = 0;

  // Operands whose place is kLocal, lowest first. local.get copies when the list is full, so that
  // local.set has a bounded number of them to look through.
  static constexpr uint32_t kMaxReferences = 16;
  uint32_t references_[kMaxReferences] = {};
  uint32_t reference_count_ = 0;
};

}  // namespace rune::wasm
