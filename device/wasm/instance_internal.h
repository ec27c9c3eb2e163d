// What a running module keeps in RAM, laid out in the caller's state span.
//
//   InstanceState | memory | globals | elements | tables | pointers to tables | imported functions |
//   pointers to imported globals | dropped bits
//
// Types, names, segments and code are read in place from module and image.
#pragma once

#include "device/wasm/image_internal.h"

namespace rune::wasm {

class InstanceState;

struct MemoryState {
  uint8_t* bytes = nullptr;
  uint32_t size = 0;  // bytes the guest may touch: those of its pages that exist
  uint32_t pages = 0;
  uint32_t capacity = 0;  // bytes that exist
  uint32_t nominal_pages = 0;
  Limits limits;
};

struct TableState {
  uint64_t* elements = nullptr;
  uint32_t size = 0;
  uint32_t capacity = 0;
  TableType type;
};

struct ImportedFunction {
  static constexpr uint32_t kHost = UINT32_MAX;
  const void* target = nullptr;  // HostFunction, or InstanceState that defines or imports it
  uint32_t function = kHost;     // its index there

  const HostFunction& host() const { return *static_cast<const HostFunction*>(target); }
  InstanceState* instance() const { return static_cast<InstanceState*>(const_cast<void*>(target)); }
};

// A function of some instance as one number: pointers have at most 48 bits, indices 16.
struct FunctionReference {
  InstanceState* instance;
  uint32_t function;
};
inline uint64_t encode_reference(const InstanceState* instance, uint32_t function) {
  return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(instance)) | static_cast<uint64_t>(function) << 48;
}
inline FunctionReference decode_reference(uint64_t reference) {
  return {reinterpret_cast<InstanceState*>(static_cast<uintptr_t>(reference & 0xFFFFFFFFFFFF)),
          static_cast<uint32_t>(reference >> 48)};
}

class InstanceState : public Instance {
 public:
  Bytes module;
  const uint8_t* image = nullptr;
  const ImageFooter* footer = nullptr;
  MemoryState* memory = nullptr;
  TableState** tables = nullptr;
  ImportedFunction* functions = nullptr;  // imported ones
  uint64_t** imported_globals = nullptr;
  uint64_t* globals = nullptr;  // defined ones
  uint32_t* dropped = nullptr;  // a bit for each element segment, then each data segment
  MutableBytes stack;           // what no running call uses

  uint32_t imported(ExternKind kind) const { return footer->imported[static_cast<uint32_t>(kind)]; }
  uint32_t table_u32(uint32_t offset, uint32_t index) const {
    uint32_t value;
    std::memcpy(&value, image + offset + 4 * index, 4);
    return value;
  }
  // Requires index < footer->function_count.
  const FunctionHeader* defined_function(uint32_t index) const {
    return reinterpret_cast<const FunctionHeader*>(image + table_u32(footer->functions, index));
  }
  FunctionType type(uint32_t index) const {
    Reader in(module, table_u32(footer->types, index), static_cast<uint32_t>(module.size()));
    return read_function_type(in);
  }
  // The module's type index of a function, imported ones included.
  uint32_t type_index(uint32_t function) const {
    const uint32_t imports = imported(ExternKind::kFunction);
    return function < imports ? table_u32(footer->function_types, function)
                              : defined_function(function - imports)->type;
  }
  uint64_t* global(uint32_t index) const {
    const uint32_t imports = imported(ExternKind::kGlobal);
    return index < imports ? imported_globals[index] : globals + (index - imports);
  }
  bool is_dropped(uint32_t bit) const { return dropped[bit / 32] >> (bit % 32) & 1; }
  void drop(uint32_t bit) { dropped[bit / 32] |= 1u << (bit % 32); }
  uint32_t data_bit(uint32_t segment) const { return footer->element_count + segment; }

  uint64_t evaluate(const Constant& constant) const {
    if (constant.kind == Constant::kGlobal) return *global(constant.index);
    if (constant.kind == Constant::kFunction) return encode_reference(this, constant.index);
    return constant.bits;
  }
};

// Bulk operations (bulk.cpp). Nothing is written when they trap.
Trap memory_init(InstanceState& instance, uint32_t destination, uint32_t source, uint32_t count,
                 uint32_t segment);
Trap memory_copy(InstanceState& instance, uint32_t destination, uint32_t source, uint32_t count);
Trap memory_fill(InstanceState& instance, uint32_t destination, uint32_t value, uint32_t count);
uint32_t memory_grow(InstanceState& instance, uint32_t pages);
struct TableRange {
  uint32_t destination;
  uint32_t source;
  uint32_t count;
};
Trap table_init(InstanceState& instance, const TableRange& range, uint32_t segment, uint32_t table);
Trap table_copy(InstanceState& instance, const TableRange& range, uint32_t destination, uint32_t source);
Trap table_fill(InstanceState& instance, uint32_t index, uint64_t value, uint32_t count, uint32_t table);
uint32_t table_grow(InstanceState& instance, uint64_t value, uint32_t count, uint32_t table);

// Values between the host's form and frame slots.
void write_slots(uint32_t* slots, Bytes types, const Value* values);
void read_slots(const uint32_t* slots, Bytes types, Value* values);

// kNotFound, or the index of the export in its kind's space.
Result<uint32_t> find_export(const InstanceState& instance, std::string_view name, ExternKind kind);
GlobalType global_type(const InstanceState& instance, uint32_t index);

// Where a call continues: code, and the frame it runs in.
struct Record {
  const uint16_t* ip;
  uint32_t* frame;
};

// Runs a defined function whose arguments stand at `frame`, where its results will stand too. Frames
// grow upwards from there, records of calls downwards from the stack's end (both 8-byte aligned).
struct Execution {
  InstanceState* owner;     // of the stack
  InstanceState* instance;  // whose code runs; at first the one that defines the function
  Record* records;          // the lowest record
  uint32_t* frame;          // of the first call
  uint32_t fuel;
  Trap trap = Trap::kNone;
  uint32_t trapped_function = 0;  // index in the module of `instance`
};
void execute(Execution& execution, uint32_t function);

}  // namespace rune::wasm
