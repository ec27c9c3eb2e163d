// Instances: calls from the host, exports, linear memory. Creation is in link.cpp.
#include "device/wasm/instance_internal.h"

namespace rune::wasm {
namespace {

const InstanceState& state_of(const Instance& instance) {
  return static_cast<const InstanceState&>(instance);
}
InstanceState& state_of(Instance& instance) { return static_cast<InstanceState&>(instance); }

Status status_of(Trap trap) {
  switch (trap) {
    case Trap::kNone: return Status::kOk;
    case Trap::kFuelExhausted: return Status::kFuelExhausted;
    case Trap::kStackOverflow: return Status::kStackOverflow;
    default: return Status::kTrap;
  }
}

}  // namespace

Result<uint32_t> find_export(const InstanceState& instance, std::string_view name, ExternKind kind) {
  if (!instance.footer->sections.has(kExportSection)) return Status::kNotFound;
  Reader in = instance.footer->sections.reader(instance.module, kExportSection);
  for (uint32_t i = in.count(); i > 0; i--) {
    const Export item = read_export(in);
    if (item.kind == kind && item.name == name) return item.index;
  }
  return Status::kNotFound;
}

GlobalType global_type(const InstanceState& instance, uint32_t index) {
  const SectionMap& sections = instance.footer->sections;
  const uint32_t imported = instance.imported(ExternKind::kGlobal);
  const bool is_imported = index < imported;
  Reader in = sections.reader(instance.module, is_imported ? kImportSection : kGlobalSection);
  in.count();
  if (!is_imported) {
    for (uint32_t i = imported; i < index; i++) {
      read_global_type(in);
      read_constant(in);
    }
    return read_global_type(in);
  }
  for (uint32_t seen = 0;;) {
    const Import import = read_import(in);
    if (import.kind == ExternKind::kGlobal && seen++ == index) return import.global;
  }
}

Result<uint32_t> Instance::find_function(std::string_view name) const {
  return find_export(state_of(*this), name, ExternKind::kFunction);
}

FunctionType Instance::function_type(uint32_t function) const {
  const InstanceState& state = state_of(*this);
  if (function >= state.imported(ExternKind::kFunction) + state.footer->function_count) return {};
  return state.type(state.type_index(function));
}

Result<GlobalValue> Instance::find_global(std::string_view name) const {
  const InstanceState& state = state_of(*this);
  const Result<uint32_t> index = find_export(state, name, ExternKind::kGlobal);
  if (!index.ok()) return index.status();
  const GlobalType type = global_type(state, index.value());
  GlobalValue global;
  global.type = type.value;
  global.is_mutable = type.is_mutable;
  global.value.bits = *state.global(index.value());
  return global;
}

MutableBytes Instance::memory() {
  const MemoryState* memory = state_of(*this).memory;
  return memory == nullptr ? MutableBytes{} : MutableBytes{memory->bytes, memory->size};
}

Result<MutableBytes> Instance::guest_bytes(uint32_t address, uint32_t size_bytes) {
  const MutableBytes bytes = memory();
  if (address > bytes.size() || size_bytes > bytes.size() - address) return Status::kInvalidArgument;
  return bytes.subspan(address, size_bytes);
}

CallResult Instance::call(uint32_t function, std::span<const Value> arguments, std::span<Value> results,
                          uint32_t& fuel) {
  InstanceState& state = state_of(*this);
  CallResult result;
  const uint32_t imported = state.imported(ExternKind::kFunction);
  const FunctionType type = function_type(function);
  if (function >= imported + state.footer->function_count || type.parameters.size() != arguments.size() ||
      type.results.size() != results.size()) {
    result.status = Status::kMismatch;
    return result;
  }
  if (function < imported) {
    const ImportedFunction& target = state.functions[function];
    if (target.function != ImportedFunction::kHost) {
      return target.instance()->call(target.function, arguments, results, fuel);
    }
    result.trap = target.host().call(target.host().context, *this, arguments.data(), results.data());
    result.status = status_of(result.trap);
    return result;
  }

  const MutableBytes stack = state.stack;
  Execution execution = {};
  execution.owner = execution.instance = &state;
  execution.records = reinterpret_cast<Record*>(stack.data() + (stack.size() & ~size_t{7}));
  execution.frame = reinterpret_cast<uint32_t*>(stack.data());
  execution.fuel = fuel;
  if (stack.size() / 4 < slots_of(type.parameters)) {
    execution.trap = Trap::kStackOverflow;
  } else {
    write_slots(execution.frame, type.parameters, arguments.data());
    execute(execution, function - imported);
  }
  state.stack = stack;
  fuel = execution.fuel;
  result.trap = execution.trap;
  result.status = status_of(execution.trap);
  result.function = execution.trapped_function;
  if (execution.trap == Trap::kNone) read_slots(execution.frame, type.results, results.data());
  return result;
}

void write_slots(uint32_t* slots, Bytes types, const Value* values) {
  for (size_t i = 0; i < types.size(); i++) {
    *slots++ = values[i].i32;
    if (slots_of(static_cast<ValueType>(types[i])) == 2)
      *slots++ = static_cast<uint32_t>(values[i].bits >> 32);
  }
}

void read_slots(const uint32_t* slots, Bytes types, Value* values) {
  for (size_t i = 0; i < types.size(); i++) {
    values[i].bits = *slots++;
    if (slots_of(static_cast<ValueType>(types[i])) == 2)
      values[i].bits |= static_cast<uint64_t>(*slots++) << 32;
  }
}

}  // namespace rune::wasm
