// Operations on ranges of memory and tables, and their growth.
#include "device/wasm/instance_internal.h"

namespace rune::wasm {
namespace {

bool in_range(uint32_t start, uint32_t count, uint32_t size) {
  return start <= size && count <= size - start;
}

}  // namespace

Trap memory_init(InstanceState& instance, uint32_t destination, uint32_t source, uint32_t count,
                 uint32_t segment) {
  const uint32_t at = instance.footer->data + 8 * segment;
  const uint32_t size = instance.is_dropped(instance.data_bit(segment)) ? 0 : instance.table_u32(at, 1);
  const MemoryState& memory = *instance.memory;
  if (!in_range(source, count, size) || !in_range(destination, count, memory.size))
    return Trap::kMemoryOutOfBounds;
  if (count > 0) {
    std::memcpy(memory.bytes + destination, instance.module.data() + instance.table_u32(at, 0) + source,
                count);
  }
  return Trap::kNone;
}

Trap memory_copy(InstanceState& instance, uint32_t destination, uint32_t source, uint32_t count) {
  const MemoryState& memory = *instance.memory;
  if (!in_range(source, count, memory.size) || !in_range(destination, count, memory.size)) {
    return Trap::kMemoryOutOfBounds;
  }
  if (count > 0) std::memmove(memory.bytes + destination, memory.bytes + source, count);
  return Trap::kNone;
}

Trap memory_fill(InstanceState& instance, uint32_t destination, uint32_t value, uint32_t count) {
  const MemoryState& memory = *instance.memory;
  if (!in_range(destination, count, memory.size)) return Trap::kMemoryOutOfBounds;
  if (count > 0) std::memset(memory.bytes + destination, static_cast<int>(value & 0xFF), count);
  return Trap::kNone;
}

// The old size in pages, or -1. New pages must exist whole in the caller's span, or be nominal.
uint32_t memory_grow(InstanceState& instance, uint32_t pages) {
  MemoryState& memory = *instance.memory;
  const uint32_t old = memory.pages;
  if (pages == 0) return old;
  const uint64_t grown = uint64_t{old} + pages;
  if (grown > 65536 || grown > memory.limits.maximum) return UINT32_MAX;
  if (grown * 65536 > memory.capacity && grown > memory.nominal_pages) return UINT32_MAX;
  const uint32_t size =
      grown * 65536 < memory.capacity ? static_cast<uint32_t>(grown * 65536) : memory.capacity;
  if (size > memory.size) std::memset(memory.bytes + memory.size, 0, size - memory.size);
  memory.size = size;
  memory.pages = static_cast<uint32_t>(grown);
  return old;
}

Trap table_init(InstanceState& instance, const TableRange& range, uint32_t segment, uint32_t table) {
  Reader in(instance.module, instance.table_u32(instance.footer->elements, segment),
            static_cast<uint32_t>(instance.module.size()));
  const ElementSegment items = read_element_segment(in);
  const uint32_t size = instance.is_dropped(segment) ? 0 : items.count;
  const TableState& target = *instance.tables[table];
  if (!in_range(range.source, range.count, size) || !in_range(range.destination, range.count, target.size)) {
    return Trap::kTableOutOfBounds;
  }
  if (range.count == 0) return Trap::kNone;
  for (uint32_t i = 0; i < range.source; i++) read_element(in, items);
  for (uint32_t i = 0; i < range.count; i++) {
    target.elements[range.destination + i] = instance.evaluate(read_element(in, items));
  }
  return Trap::kNone;
}

Trap table_copy(InstanceState& instance, const TableRange& range, uint32_t destination, uint32_t source) {
  const TableState& to = *instance.tables[destination];
  const TableState& from = *instance.tables[source];
  if (!in_range(range.source, range.count, from.size) || !in_range(range.destination, range.count, to.size)) {
    return Trap::kTableOutOfBounds;
  }
  if (range.count > 0) {
    std::memmove(to.elements + range.destination, from.elements + range.source, size_t{range.count} * 8);
  }
  return Trap::kNone;
}

Trap table_fill(InstanceState& instance, uint32_t index, uint64_t value, uint32_t count, uint32_t table) {
  const TableState& target = *instance.tables[table];
  if (!in_range(index, count, target.size)) return Trap::kTableOutOfBounds;
  for (uint32_t i = 0; i < count; i++) target.elements[index + i] = value;
  return Trap::kNone;
}

// The old size, or -1.
uint32_t table_grow(InstanceState& instance, uint64_t value, uint32_t count, uint32_t table) {
  TableState& target = *instance.tables[table];
  const uint32_t old = target.size;
  const uint64_t grown = uint64_t{old} + count;
  if (grown > target.type.limits.maximum || (count > 0 && grown > target.capacity)) return UINT32_MAX;
  for (uint32_t i = 0; i < count; i++) target.elements[old + i] = value;
  target.size = static_cast<uint32_t>(grown);
  return old;
}

}  // namespace rune::wasm
