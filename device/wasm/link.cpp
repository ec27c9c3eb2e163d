// Instance::create: lays out the state, links imports, runs the segments and the start function.
#include "device/wasm/instance_internal.h"

namespace rune::wasm {
namespace {

const ImageFooter* footer_of(Bytes image) {
  return reinterpret_cast<const ImageFooter*>(image.data() + image.size() - sizeof(ImageFooter));
}

uint32_t table_capacity(const Limits& limits, uint32_t growth) {
  const uint32_t most = limits.maximum - limits.minimum;
  return limits.minimum + (growth < most ? growth : most);
}

// Offsets of the parts of the state.
struct StateLayout {
  uint64_t memory, globals, elements, tables, table_pointers, functions, global_pointers, dropped, total;
};

StateLayout lay_out(Bytes module, const ImageFooter& footer, uint32_t table_growth) {
  StateLayout layout = {};
  uint64_t at = 0;
  const auto place = [&at](uint64_t bytes) {
    const uint64_t begin = at;
    at += (bytes + 7) & ~uint64_t{7};
    return begin;
  };
  place(sizeof(InstanceState));
  layout.memory = place(footer.memory_count * sizeof(MemoryState));
  layout.globals = place(uint64_t{footer.global_count} * 8);
  layout.elements = at;
  Reader in = footer.sections.reader(module, kTableSection);
  if (footer.table_count > 0) in.count();
  for (uint32_t i = 0; i < footer.table_count; i++) {
    place(uint64_t{table_capacity(read_table_type(in).limits, table_growth)} * 8);
  }
  layout.tables = place(footer.table_count * sizeof(TableState));
  const auto imported = [&footer](ExternKind kind) { return footer.imported[static_cast<uint32_t>(kind)]; };
  layout.table_pointers = place((imported(ExternKind::kTable) + footer.table_count) * sizeof(TableState*));
  layout.functions = place(imported(ExternKind::kFunction) * sizeof(ImportedFunction));
  layout.global_pointers = place(imported(ExternKind::kGlobal) * sizeof(uint64_t*));
  layout.dropped = place((uint64_t{footer.element_count} + footer.data_count + 31) / 32 * 4);
  layout.total = at;
  return layout;
}

// Whether `signature` (HostFunction) is exactly `types`.
bool signature_matches(const char* signature, Bytes types) {
  size_t i = 0;
  for (; *signature != 0; signature++) {
    ValueType type;
    switch (*signature) {
      case ' ': continue;
      case 'i': type = ValueType::kI32; break;
      case 'I': type = ValueType::kI64; break;
      case 'f': type = ValueType::kF32; break;
      case 'F': type = ValueType::kF64; break;
      case 'r': type = ValueType::kFuncref; break;
      case 'x': type = ValueType::kExternref; break;
      default: return false;
    }
    if (i == types.size() || types[i] != static_cast<uint8_t>(type)) return false;
    i++;
  }
  return i == types.size();
}

// Whether something of `size` and `have` serves where `want` is imported.
bool limits_match(uint32_t size, const Limits& have, const Limits& want) {
  if (size < want.minimum) return false;
  return !want.has_maximum || (have.has_maximum && have.maximum <= want.maximum);
}

class Linker {
 public:
  Linker(const Code& code, const InstanceOptions& options, const StateLayout& layout,
         const ImageFooter* footer)
      : options_(options), footer_(*footer), base_(options.state.data()), state_(*new(base_) InstanceState) {
    state_.module = code.module();
    state_.image = code.image().data();
    state_.footer = footer;
    state_.stack = options.stack;
    memory_ = reinterpret_cast<MemoryState*>(base_ + layout.memory);
    tables_ = reinterpret_cast<TableState*>(base_ + layout.tables);
    elements_ = reinterpret_cast<uint64_t*>(base_ + layout.elements);
    state_.tables = reinterpret_cast<TableState**>(base_ + layout.table_pointers);
    state_.functions = reinterpret_cast<ImportedFunction*>(base_ + layout.functions);
    state_.imported_globals = reinterpret_cast<uint64_t**>(base_ + layout.global_pointers);
    state_.globals = reinterpret_cast<uint64_t*>(base_ + layout.globals);
    state_.dropped = reinterpret_cast<uint32_t*>(base_ + layout.dropped);
  }

  Result<Instance*> run(uint32_t& fuel) {
    RUNE_TRY(link_imports());
    make_tables();
    make_memory();
    make_globals();
    RUNE_TRY(run_elements());
    RUNE_TRY(run_data());
    if (footer_.sections.has(kStartSection)) {
      Reader in = reader(kStartSection);
      RUNE_TRY(state_.call(in.u32(), {}, {}, fuel).status);
    }
    return static_cast<Instance*>(&state_);
  }

 private:
  Reader reader(SectionId id) const { return footer_.sections.reader(state_.module, id); }

  Status link_imports() {
    if (!footer_.sections.has(kImportSection)) return Status::kOk;
    Reader in = reader(kImportSection);
    uint32_t next[kExternKinds] = {};
    for (uint32_t i = in.count(); i > 0; i--) {
      const Import import = read_import(in);
      const Status status = link_import(import, next[static_cast<uint32_t>(import.kind)]++);
      if (status == Status::kOk) continue;
      if (options_.denied_import != nullptr) *options_.denied_import = import.name.data();
      if (options_.denied_import_bytes != nullptr) {
        *options_.denied_import_bytes = static_cast<uint32_t>(import.name.size());
      }
      return status;
    }
    return Status::kOk;
  }

  Status link_import(const Import& import, uint32_t index) {
    if (import.kind == ExternKind::kFunction) {
      for (const HostFunction& host : options_.imports) {
        if (import.module != host.module || import.name != host.name) continue;
        const FunctionType type = state_.type(state_.type_index(index));
        if (!signature_matches(host.parameters, type.parameters)) return Status::kMismatch;
        if (!signature_matches(host.results, type.results)) return Status::kMismatch;
        state_.functions[index] = {&host, ImportedFunction::kHost};
        return Status::kOk;
      }
    }
    for (const LinkedInstance& linked : options_.instances) {
      if (linked.module != import.module) continue;
      auto& exporter = static_cast<InstanceState&>(*linked.instance);
      const Result<uint32_t> found = find_export(exporter, import.name, import.kind);
      if (found.ok()) return link_export(import, index, exporter, found.value());
      for (ExternKind kind :
           {ExternKind::kFunction, ExternKind::kTable, ExternKind::kMemory, ExternKind::kGlobal}) {
        if (find_export(exporter, import.name, kind).ok()) return Status::kMismatch;
      }
    }
    return Status::kDenied;
  }

  Status link_export(const Import& import, uint32_t index, InstanceState& exporter, uint32_t found) {
    bool is_match = false;
    switch (import.kind) {
      case ExternKind::kFunction:
        is_match = exporter.type(exporter.type_index(found)) == state_.type(state_.type_index(index));
        state_.functions[index] = {&exporter, found};
        break;
      case ExternKind::kTable: {
        TableState* table = exporter.tables[found];
        is_match = table->type.element == import.table.element &&
                   limits_match(table->size, table->type.limits, import.table.limits);
        state_.tables[index] = table;
        break;
      }
      case ExternKind::kMemory:
        is_match = limits_match(exporter.memory->pages, exporter.memory->limits, import.memory);
        state_.memory = exporter.memory;
        break;
      case ExternKind::kGlobal: {
        const GlobalType type = global_type(exporter, found);
        is_match = type.value == import.global.value && type.is_mutable == import.global.is_mutable;
        state_.imported_globals[index] = exporter.global(found);
        break;
      }
    }
    return is_match ? Status::kOk : Status::kMismatch;
  }

  void make_tables() {
    Reader in = reader(kTableSection);
    if (footer_.table_count > 0) in.count();
    const uint32_t imported = state_.imported(ExternKind::kTable);
    for (uint32_t i = 0; i < footer_.table_count; i++) {
      TableState* table = new (&tables_[i]) TableState;
      table->type = read_table_type(in);
      table->size = table->type.limits.minimum;
      table->capacity = table_capacity(table->type.limits, options_.table_growth);
      table->elements = elements_;
      for (uint32_t item = 0; item < table->size; item++) elements_[item] = kNullReference;
      elements_ += table->capacity;
      state_.tables[imported + i] = table;
    }
  }

  void make_memory() {
    if (footer_.memory_count == 0) return;
    Reader in = reader(kMemorySection);
    in.count();
    state_.memory = new (memory_) MemoryState;
    memory_->limits = read_limits(in);
    memory_->bytes = options_.memory.data();
    memory_->capacity =
        options_.memory.size() < UINT32_MAX ? static_cast<uint32_t>(options_.memory.size()) : UINT32_MAX;
    memory_->nominal_pages = options_.nominal_pages;
    memory_->pages = memory_->limits.minimum;
    const uint64_t declared = uint64_t{memory_->pages} * 65536;
    memory_->size = declared < memory_->capacity ? static_cast<uint32_t>(declared) : memory_->capacity;
    if (memory_->size > 0) std::memset(memory_->bytes, 0, memory_->size);
  }

  void make_globals() {
    Reader in = reader(kGlobalSection);
    if (footer_.global_count > 0) in.count();
    for (uint32_t i = 0; i < footer_.global_count; i++) {
      read_global_type(in);
      state_.globals[i] = state_.evaluate(read_constant(in));
    }
  }

  Status run_elements() {
    for (uint32_t i = 0; i < footer_.element_count; i++) {
      Reader in(state_.module, state_.table_u32(footer_.elements, i),
                static_cast<uint32_t>(state_.module.size()));
      const ElementSegment segment = read_element_segment(in);
      if (segment.mode == SegmentMode::kActive) {
        const TableRange range = {static_cast<uint32_t>(state_.evaluate(segment.offset)), 0, segment.count};
        if (table_init(state_, range, i, segment.table) != Trap::kNone) return Status::kTrap;
      }
      if (segment.mode != SegmentMode::kPassive) state_.drop(i);
    }
    return Status::kOk;
  }

  Status run_data() {
    Reader in = reader(kDataSection);
    if (footer_.data_count > 0) in.count();
    for (uint32_t i = 0; i < footer_.data_count; i++) {
      const DataSegment segment = read_data_segment(in);
      if (segment.mode == SegmentMode::kPassive) continue;
      const uint32_t address = static_cast<uint32_t>(state_.evaluate(segment.offset));
      if (memory_init(state_, address, 0, segment.size, i) != Trap::kNone) return Status::kTrap;
      state_.drop(state_.data_bit(i));
    }
    return Status::kOk;
  }

  const InstanceOptions& options_;
  const ImageFooter& footer_;
  uint8_t* base_;
  InstanceState& state_;
  MemoryState* memory_ = nullptr;
  TableState* tables_ = nullptr;
  uint64_t* elements_ = nullptr;
};

}  // namespace

uint32_t Code::state_bytes(uint32_t table_growth) const {
  const uint64_t total = lay_out(module_, *footer_of(image_), table_growth).total;
  return total < UINT32_MAX ? static_cast<uint32_t>(total) : UINT32_MAX;
}

Result<Instance*> Instance::create(const Code& code, const InstanceOptions& options, uint32_t& fuel) {
  if (code.image().empty()) return Status::kInvalidArgument;
  const ImageFooter* footer = footer_of(code.image());
  const StateLayout layout = lay_out(code.module(), *footer, options.table_growth);
  const auto misaligned = [](MutableBytes bytes) {
    return (reinterpret_cast<uintptr_t>(bytes.data()) & 7) != 0;
  };
  if (misaligned(options.state) || misaligned(options.stack) || misaligned(options.memory)) {
    return Status::kInvalidArgument;
  }
  if (options.state.size() < layout.total) return Status::kNoMemory;
  std::memset(options.state.data(), 0, static_cast<size_t>(layout.total));
  return Linker(code, options, layout, footer).run(fuel);
}

}  // namespace rune::wasm
