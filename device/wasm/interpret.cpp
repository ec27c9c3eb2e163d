// The interpreter of the register form: one handler an instruction, generated from instructions.def
// where the instruction is arithmetic, written out below where it is not.
//
// Longer than other files because it is one switch. What all handlers rely on: validation made every
// slot lie in its frame, every index in its space and every branch in its function, and a call checks
// that the whole frame lies in the stack; so only memory, tables and the stack's end are checked here.
// Judged by tests/spec on every target.
#include <algorithm>

#include "device/wasm/config.h"
#include "device/wasm/instance_internal.h"
#include "device/wasm/numeric.h"
#include "device/wasm/opcodes_internal.h"

namespace rune::wasm {
namespace {

using namespace numeric;

// What the bottom record and the record of a call between instances return to.
constexpr uint16_t kHaltCode[] = {kOp_halt};
constexpr uint16_t kLeaveCode[] = {kOp_leave_instance};

template <typename T>
inline T read(const uint32_t* slot) {
  T value;
  std::memcpy(&value, slot, sizeof(T));
  return value;
}
template <typename T>
inline void write(uint32_t* slot, T value) {
  std::memcpy(slot, &value, sizeof(T));
}
template <typename T>
inline T field(const uint16_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// The function whose code holds `ip`, as an index in the module's functions.
[[gnu::noinline]] uint32_t function_at(const InstanceState& instance, const uint16_t* ip) {
  const auto* at = reinterpret_cast<const uint8_t*>(ip);
  uint32_t found = 0;
  for (uint32_t i = 0; i < instance.footer->function_count; i++) {
    if (reinterpret_cast<const uint8_t*>(instance.defined_function(i)) <= at) found = i;
  }
  return instance.imported(ExternKind::kFunction) + found;
}

// Types as letters of HostFunction, which linking has compared with the module's. Walking letters
// costs a fraction of reading the type section anew at each call.
struct Letters {
  explicit Letters(const char* letters) : text(letters) {
    for (const char* letter = letters; *letter != 0; ++letter) {
      if (*letter == ' ') continue;
      ++values;
      slots += slots_of(*letter);
    }
  }
  static uint32_t slots_of(char letter) { return letter == 'i' || letter == 'f' ? 1 : 2; }

  void read(const uint32_t* at, Value* into) const {
    for (const char* letter = text; *letter != 0; ++letter) {
      if (*letter == ' ') continue;
      into->bits = *at++;
      if (slots_of(*letter) == 2) into->bits |= static_cast<uint64_t>(*at++) << 32;
      ++into;
    }
  }
  void write(const Value* from, uint32_t* at) const {
    for (const char* letter = text; *letter != 0; ++letter) {
      if (*letter == ' ') continue;
      *at++ = from->i32;
      if (slots_of(*letter) == 2) *at++ = static_cast<uint32_t>(from->bits >> 32);
      ++from;
    }
  }

  const char* text;
  uint32_t values = 0;
  uint32_t slots = 0;
};

// Calls the host with arguments taken from the slots at `frame`; results go there. Everything
// between the slots and the records is given to calls that the host makes in turn.
Trap call_host(Execution& execution, InstanceState& caller, const HostFunction& host, uint32_t* frame) {
  const Letters parameters(host.parameters), produced(host.results);
  uintptr_t at = reinterpret_cast<uintptr_t>(frame + std::max(parameters.slots, produced.slots));
  at = (at + 7) & ~uintptr_t{7};
  const size_t count = parameters.values + produced.values;
  const uintptr_t limit = reinterpret_cast<uintptr_t>(execution.records);
  if (at > limit || (limit - at) / sizeof(Value) < count) return Trap::kStackOverflow;
  Value* arguments = reinterpret_cast<Value*>(at);
  Value* results = arguments + parameters.values;
  parameters.read(frame, arguments);
  for (size_t i = 0; i < produced.values; i++) results[i].bits = 0;
  const uintptr_t rest = at + count * sizeof(Value);
  execution.owner->stack = {reinterpret_cast<uint8_t*>(rest), limit - rest};
  const Trap trap = host.call(host.context, caller, arguments, results);
  if (trap == Trap::kNone) produced.write(results, frame);
  return trap;
}

// A call on its way: its arguments, and what it returns to.
struct Call {
  const FunctionHeader* callee = nullptr;  // null: the host has done it
  uint32_t* arguments;
  Record caller;
};

// Finds what `reference` stands for: it may be imported by its instance, defined by another, or the
// host's, which is called at once. A call into another instance returns to kLeaveCode, whose record
// holds the instance to return to in place of a frame; the caller's own record lies above it.
[[gnu::noinline]] Trap resolve_call(Execution& execution, FunctionReference reference, Call& call) {
  while (reference.function < reference.instance->imported(ExternKind::kFunction)) {
    const ImportedFunction& imported = reference.instance->functions[reference.function];
    if (imported.function == ImportedFunction::kHost) {
      if (execution.fuel == 0) return Trap::kFuelExhausted;
      execution.fuel--;
      return call_host(execution, *reference.instance, imported.host(), call.arguments);
    }
    reference = {imported.instance(), imported.function};
  }
  call.callee = reference.instance->defined_function(reference.function -
                                                     reference.instance->imported(ExternKind::kFunction));
  if (reference.instance == execution.instance) return Trap::kNone;
  if (reinterpret_cast<uintptr_t>(execution.records) - sizeof(Record) <
      reinterpret_cast<uintptr_t>(call.arguments)) {
    return Trap::kStackOverflow;
  }
  *--execution.records = call.caller;
  call.caller = {kLeaveCode, reinterpret_cast<uint32_t*>(execution.instance)};
  execution.instance = reference.instance;
  return Trap::kNone;
}

// The function in element `index` of a table, when it has type `type` of the running instance.
[[gnu::noinline]] Trap find_element(const InstanceState& instance, uint32_t table_index, uint32_t index,
                                    uint32_t type, FunctionReference& found) {
  const TableState& table = *instance.tables[table_index];
  if (index >= table.size) return Trap::kUndefinedElement;
  if (table.elements[index] == kNullReference) return Trap::kUninitializedElement;
  found = decode_reference(table.elements[index]);
  const uint32_t found_type = found.instance->type_index(found.function);
  if (found.instance == &instance) return found_type == type ? Trap::kNone : Trap::kIndirectCallTypeMismatch;
  return found.instance->type(found_type) == instance.type(type) ? Trap::kNone
                                                                 : Trap::kIndirectCallTypeMismatch;
}

}  // namespace

#if RUNE_WASM_COMPUTED_GOTO
#define HANDLER(name) handle_##name
#define NEXT goto* handlers[*ip]
#else
#define HANDLER(name) case kOp_##name
#define NEXT goto next
#endif
#define TRAP(reason)     \
  do {                   \
    trap = Trap::reason; \
    goto trapped;        \
  } while (false)
#define TRAP_IF(expression)                \
  do {                                     \
    trap = (expression);                   \
    if (trap != Trap::kNone) goto trapped; \
  } while (false)
// What a call may have changed.
#define LOAD_MEMORY()                                      \
  do {                                                     \
    const MemoryState* state = execution.instance->memory; \
    memory = state != nullptr ? state->bytes : nullptr;    \
    memory_size = state != nullptr ? state->size : 0;      \
  } while (false)
#define INSTANCE (*execution.instance)
// Slots of the fields, and the next instruction behind `count` halfwords.
#define SLOT(index) (frame + ip[index])
#define U32_AT(index) (frame[ip[index]])
#define ADVANCE(count) \
  do {                 \
    ip += (count);     \
    NEXT;              \
  } while (false)
// Continues at the branch in `field_index`, or behind it when the condition does not hold.
#define BRANCH_IF(condition, field_index) \
  do {                                    \
    if (condition) {                      \
      branch = ip + (field_index);        \
      goto take_branch;                   \
    }                                     \
    ip += (field_index) + 2;              \
    NEXT;                                 \
  } while (false)

// Few variables, so that all of them fit the registers of a Cortex-M.
void execute(Execution& execution, uint32_t function) {
#if RUNE_WASM_COMPUTED_GOTO
  static void* const kHandlers[] = {
#define UNARY(name, ...) &&handle_##name,
#define CHECKED_UNARY(name, ...) &&handle_##name,
#define BINARY(name, ...) &&handle_##name,
#define BINARY_K(name, ...) &&handle_##name, &&handle_##name##_k,
#define CHECKED_BINARY(name, ...) &&handle_##name,
#define COMPARE(name, ...) \
  &&handle_##name, &&handle_##name##_k, &&handle_br_if_##name, &&handle_br_if_##name##_k,
#define COMPARE_FLOAT(name, ...) &&handle_##name, &&handle_br_if_##name, &&handle_br_unless_##name,
#define LOAD(name, ...) &&handle_##name,
#define STORE(name, ...) &&handle_##name,
#define OTHER(name, ...) &&handle_##name,
#include "device/wasm/instructions.def"
  };
  // Kept in a register: the compiler would load the table's address in every handler.
  void* const* handlers = kHandlers;
  asm("" : "+r"(handlers));
#endif
  uint32_t* frame = execution.frame;
  const uint16_t* ip = kHaltCode;
  const uint16_t* branch = nullptr;
  uint8_t* memory = nullptr;
  uint32_t memory_size = 0;
  uint32_t fuel = execution.fuel;
  Trap trap = Trap::kNone;
  Call call = {INSTANCE.defined_function(function), frame, {kHaltCode, frame}};
  FunctionReference reference = {};
  LOAD_MEMORY();
  goto enter;

#if !RUNE_WASM_COMPUTED_GOTO
next:
  switch (*ip) {
#endif

// --- Arithmetic ---------------------------------------------------------------------------------
#define UNARY(name, wasm, R, A, expression)           \
  HANDLER(name) : {                                   \
    const auto a = read<A::Type>(SLOT(2));            \
    write(SLOT(1), static_cast<R::Type>(expression)); \
    ADVANCE(3);                                       \
  }
#define CHECKED_UNARY(name, wasm, R, A, call) \
  HANDLER(name) : {                           \
    const auto a = read<A::Type>(SLOT(2));    \
    R::Type r = 0;                            \
    TRAP_IF(call);                            \
    write(SLOT(1), r);                        \
    ADVANCE(3);                               \
  }
#define BINARY(name, wasm, R, A, B, expression)       \
  HANDLER(name) : {                                   \
    const auto a = read<A::Type>(SLOT(2));            \
    const auto b = read<B::Type>(SLOT(3));            \
    write(SLOT(1), static_cast<R::Type>(expression)); \
    ADVANCE(4);                                       \
  }
#define BINARY_K(name, wasm, R, A, B, commutes, expression) \
  BINARY(name, wasm, R, A, B, expression)                   \
  HANDLER(name##_k) : {                                     \
    const auto a = read<A::Type>(SLOT(2));                  \
    const auto b = field<B::Type>(ip + 3);                  \
    write(SLOT(1), static_cast<R::Type>(expression));       \
    ADVANCE(5);                                             \
  }
#define CHECKED_BINARY(name, wasm, R, A, B, call) \
  HANDLER(name) : {                               \
    const auto a = read<A::Type>(SLOT(2));        \
    const auto b = read<B::Type>(SLOT(3));        \
    R::Type r = 0;                                \
    TRAP_IF(call);                                \
    write(SLOT(1), r);                            \
    ADVANCE(4);                                   \
  }
#define COMPARE(name, wasm, A, inverse, commutes, expression) \
  BINARY_K(name, wasm, U32, A, A, commutes, expression)       \
  HANDLER(br_if_##name) : {                                   \
    const auto a = read<A::Type>(SLOT(1));                    \
    const auto b = read<A::Type>(SLOT(2));                    \
    BRANCH_IF(expression, 3);                                 \
  }                                                           \
  HANDLER(br_if_##name##_k) : {                               \
    const auto a = read<A::Type>(SLOT(1));                    \
    const auto b = field<A::Type>(ip + 2);                    \
    BRANCH_IF(expression, 4);                                 \
  }
#define COMPARE_FLOAT(name, wasm, A, expression) \
  BINARY(name, wasm, U32, A, A, expression)      \
  HANDLER(br_if_##name) : {                      \
    const auto a = read<A::Type>(SLOT(1));       \
    const auto b = read<A::Type>(SLOT(2));       \
    BRANCH_IF(expression, 3);                    \
  }                                              \
  HANDLER(br_unless_##name) : {                  \
    const auto a = read<A::Type>(SLOT(1));       \
    const auto b = read<A::Type>(SLOT(2));       \
    BRANCH_IF(!(expression), 3);                 \
  }

// --- Memory accesses: address and offset are added without wrapping ------------------------------
#define EFFECTIVE_ADDRESS(address_field, offset_field, size)                                           \
  uint32_t address;                                                                                    \
  if (__builtin_add_overflow(U32_AT(address_field), field<uint32_t>(ip + (offset_field)), &address) || \
      address > memory_size || memory_size - address < (size)) {                                       \
    goto out_of_bounds;                                                                                \
  }
#define LOAD(name, wasm, R, stored)                        \
  HANDLER(name) : {                                        \
    EFFECTIVE_ADDRESS(2, 3, sizeof(stored))                \
    stored value;                                          \
    std::memcpy(&value, memory + address, sizeof(stored)); \
    write(SLOT(1), static_cast<R::Type>(value));           \
    ADVANCE(5);                                            \
  }
#define STORE(name, wasm, A, stored)                                \
  HANDLER(name) : {                                                 \
    EFFECTIVE_ADDRESS(1, 3, sizeof(stored))                         \
    const auto value = static_cast<stored>(read<A::Type>(SLOT(2))); \
    std::memcpy(memory + address, &value, sizeof(stored));          \
    ADVANCE(5);                                                     \
  }
#include "device/wasm/instructions.def"

    // --- Moves ------------------------------------------------------------------------------------
    HANDLER(copy_32) : {
      U32_AT(1) = U32_AT(2);
      ADVANCE(3);
    }
    HANDLER(copy_64) : {
      write(SLOT(1), read<uint64_t>(SLOT(2)));
      ADVANCE(3);
    }
    HANDLER(const_32) : {
      U32_AT(1) = field<uint32_t>(ip + 2);
      ADVANCE(4);
    }
    HANDLER(const_64) : {
      write(SLOT(1), field<uint64_t>(ip + 2));
      ADVANCE(6);
    }
    HANDLER(select_32) : {
      U32_AT(1) = U32_AT(4) != 0 ? U32_AT(2) : U32_AT(3);
      ADVANCE(5);
    }
    HANDLER(select_64) : {
      write(SLOT(1), read<uint64_t>(U32_AT(4) != 0 ? SLOT(2) : SLOT(3)));
      ADVANCE(5);
    }

    // --- Control ----------------------------------------------------------------------------------
    HANDLER(unreachable) : TRAP(kUnreachable);
    HANDLER(br) : {
      branch = ip + 1;
      goto take_branch;
    }
    HANDLER(br_if) : BRANCH_IF(U32_AT(1) != 0, 2);
    HANDLER(br_unless) : BRANCH_IF(U32_AT(1) == 0, 2);
    HANDLER(br_table) : {
      const uint32_t count = field<uint32_t>(ip + 2);
      const uint32_t index = U32_AT(1);
      branch = ip + 4 + 2 * (index < count ? index : count);
      goto take_branch;
    }
    HANDLER(return_32) : {
      frame[0] = U32_AT(1);
      goto leave;
    }
    HANDLER(return_64) : {
      write(frame, read<uint64_t>(SLOT(1)));
      goto leave;
    }
    HANDLER(return_none) : goto leave;
    HANDLER(call) : {
      call.callee = INSTANCE.defined_function(ip[1]);
      call.arguments = SLOT(2);
      call.caller = {ip + 3, frame};
      goto enter;
    }
    HANDLER(call_import) : {
      reference = {execution.instance, ip[1]};
      call = {nullptr, SLOT(2), {ip + 3, frame}};
      goto call_reference;
    }
    HANDLER(call_indirect) : {
      TRAP_IF(find_element(INSTANCE, ip[3], U32_AT(1), ip[2], reference));
      call = {nullptr, SLOT(4), {ip + 5, frame}};
      goto call_reference;
    }
    HANDLER(leave_instance) : {
      execution.instance = reinterpret_cast<InstanceState*>(frame);
      LOAD_MEMORY();
      goto leave;
    }
    HANDLER(halt) : {
      execution.fuel = fuel;
      execution.trap = Trap::kNone;
      return;
    }

    // --- Globals ----------------------------------------------------------------------------------
    HANDLER(global_get_32) : {
      U32_AT(1) = static_cast<uint32_t>(INSTANCE.globals[ip[2]]);
      ADVANCE(3);
    }
    HANDLER(global_get_64) : {
      write(SLOT(1), INSTANCE.globals[ip[2]]);
      ADVANCE(3);
    }
    HANDLER(global_set_32) : {
      INSTANCE.globals[ip[2]] = U32_AT(1);
      ADVANCE(3);
    }
    HANDLER(global_set_64) : {
      INSTANCE.globals[ip[2]] = read<uint64_t>(SLOT(1));
      ADVANCE(3);
    }
    HANDLER(imported_global_get_32) : {
      U32_AT(1) = static_cast<uint32_t>(*INSTANCE.imported_globals[ip[2]]);
      ADVANCE(3);
    }
    HANDLER(imported_global_get_64) : {
      write(SLOT(1), *INSTANCE.imported_globals[ip[2]]);
      ADVANCE(3);
    }
    HANDLER(imported_global_set_32) : {
      *INSTANCE.imported_globals[ip[2]] = U32_AT(1);
      ADVANCE(3);
    }
    HANDLER(imported_global_set_64) : {
      *INSTANCE.imported_globals[ip[2]] = read<uint64_t>(SLOT(1));
      ADVANCE(3);
    }

    // --- Memory and tables ------------------------------------------------------------------------
    HANDLER(memory_size) : {
      U32_AT(1) = INSTANCE.memory->pages;
      ADVANCE(2);
    }
    HANDLER(memory_grow) : {
      U32_AT(1) = memory_grow(INSTANCE, U32_AT(2));
      LOAD_MEMORY();
      ADVANCE(3);
    }
    HANDLER(memory_init) : {
      TRAP_IF(memory_init(INSTANCE, U32_AT(1), U32_AT(2), U32_AT(3), ip[4]));
      ADVANCE(5);
    }
    HANDLER(data_drop) : {
      INSTANCE.drop(INSTANCE.data_bit(ip[1]));
      ADVANCE(2);
    }
    HANDLER(memory_copy) : {
      TRAP_IF(memory_copy(INSTANCE, U32_AT(1), U32_AT(2), U32_AT(3)));
      ADVANCE(4);
    }
    HANDLER(memory_fill) : {
      TRAP_IF(memory_fill(INSTANCE, U32_AT(1), U32_AT(2), U32_AT(3)));
      ADVANCE(4);
    }
    HANDLER(table_get) : {
      const TableState& table = *INSTANCE.tables[ip[3]];
      const uint32_t index = U32_AT(2);
      if (index >= table.size) TRAP(kTableOutOfBounds);
      write(SLOT(1), table.elements[index]);
      ADVANCE(4);
    }
    HANDLER(table_set) : {
      const TableState& table = *INSTANCE.tables[ip[3]];
      const uint32_t index = U32_AT(1);
      if (index >= table.size) TRAP(kTableOutOfBounds);
      table.elements[index] = read<uint64_t>(SLOT(2));
      ADVANCE(4);
    }
    HANDLER(table_init) : {
      TRAP_IF(table_init(INSTANCE, {U32_AT(1), U32_AT(2), U32_AT(3)}, ip[4], ip[5]));
      ADVANCE(6);
    }
    HANDLER(elem_drop) : {
      INSTANCE.drop(ip[1]);
      ADVANCE(2);
    }
    HANDLER(table_copy) : {
      TRAP_IF(table_copy(INSTANCE, {U32_AT(1), U32_AT(2), U32_AT(3)}, ip[4], ip[5]));
      ADVANCE(6);
    }
    HANDLER(table_grow) : {
      U32_AT(1) = table_grow(INSTANCE, read<uint64_t>(SLOT(2)), U32_AT(3), ip[4]);
      ADVANCE(5);
    }
    HANDLER(table_size) : {
      U32_AT(1) = INSTANCE.tables[ip[2]]->size;
      ADVANCE(3);
    }
    HANDLER(table_fill) : {
      TRAP_IF(table_fill(INSTANCE, U32_AT(1), read<uint64_t>(SLOT(2)), U32_AT(3), ip[4]));
      ADVANCE(5);
    }
    HANDLER(ref_is_null) : {
      U32_AT(1) = read<uint64_t>(SLOT(2)) == kNullReference;
      ADVANCE(3);
    }
    HANDLER(ref_func) : {
      write(SLOT(1), encode_reference(execution.instance, ip[2]));
      ADVANCE(3);
    }
#if !RUNE_WASM_COMPUTED_GOTO
  }
#endif

take_branch : {
  const int32_t offset = field<int32_t>(branch);
  ip = reinterpret_cast<const uint16_t*>(reinterpret_cast<const uint8_t*>(branch) + offset);
  if (offset < 0) {
    if (fuel == 0) TRAP(kFuelExhausted);
    fuel--;
  }
  NEXT;
}

call_reference : {
  execution.fuel = fuel;
  TRAP_IF(resolve_call(execution, reference, call));
  fuel = execution.fuel;
  LOAD_MEMORY();
  if (call.callee != nullptr) goto enter;
  ip = call.caller.ip;
  NEXT;
}

// `call` is complete. A trap here is the called function's.
enter : {
  const FunctionHeader* const callee = call.callee;
  ip = reinterpret_cast<const uint16_t*>(callee + 1);
  const uintptr_t end = reinterpret_cast<uintptr_t>(execution.records) - sizeof(Record);
  const uintptr_t begin = reinterpret_cast<uintptr_t>(call.arguments);
  if (begin > end || (end - begin) / 4 < callee->frame_slots) TRAP(kStackOverflow);
  if (fuel == 0) TRAP(kFuelExhausted);
  fuel--;
  *--execution.records = call.caller;
  frame = call.arguments;
  for (uint32_t slot = callee->parameter_slots; slot < callee->local_slots; slot++) frame[slot] = 0;
  NEXT;
}

leave : {
  const Record* const record = execution.records++;
  ip = record->ip;
  frame = record->frame;
  NEXT;
}

out_of_bounds:
  trap = Trap::kMemoryOutOfBounds;
trapped:
  execution.fuel = fuel;
  execution.trap = trap;
  execution.trapped_function = function_at(INSTANCE, ip);
}

}  // namespace rune::wasm
