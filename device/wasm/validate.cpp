// Validation of a module outside its function bodies (core specification 2.0, section 3.4).
#include "device/wasm/module_internal.h"

namespace rune::wasm {
namespace {

constexpr uint32_t kMaxPages = 65536;

class SectionValidator {
 public:
  SectionValidator(Reader& in, const InstallLimits& limits, Arena& arena, ModuleInfo& info)
      : in_(in), limits_(limits), arena_(arena), info_(info) {}

  void run() {
    count_imports();
    if (!allocate()) return;
    types();
    imports();
    functions();
    tables();
    memories();
    globals();
    exports();
    start();
    elements();
    code_count();
    data();
  }

 private:
  using Body = void (SectionValidator::*)(Reader&, uint32_t);

  // Decodes a section: its count, then `body` for each item, then nothing more.
  void section(SectionId id, Body body) {
    if (!in_.ok() || !info_.sections.has(id)) return;
    Reader in = info_.sections.reader(info_.module, id);
    const uint32_t count = in.count();
    for (uint32_t i = 0; i < count && in.ok(); i++) (this->*body)(in, i);
    finish(in);
  }
  void finish(Reader& in) {
    if (in.ok() && !in.at_end()) in.fail(Status::kMalformed, "section size mismatch");
    if (!in.ok()) in_.fail_at(in.status(), in.error(), in.error_offset());
  }
  void invalid(Reader& in, const char* text) { in.fail(Status::kInvalid, text); }

  void count_imports() {
    section(kImportSection, &SectionValidator::count_import);
    info_.type_count = info_.sections.count(info_.module, kTypeSection);
    info_.function_count =
        info_.imported_count(ExternKind::kFunction) + info_.sections.count(info_.module, kFunctionSection);
    info_.element_count = info_.sections.count(info_.module, kElementSection);
  }
  void count_import(Reader& in, uint32_t) { info_.imported[static_cast<uint32_t>(read_import(in).kind)]++; }

  bool allocate() {
    if (!in_.ok()) return false;
    const uint32_t most = limits_.max_functions < 65535 ? limits_.max_functions : 65535;
    const uint32_t exports = info_.sections.count(info_.module, kExportSection);
    if (info_.type_count > most || info_.function_count > most || exports > most) {
      in_.fail_at(Status::kTooLarge, "too many functions, types or exports", 0);
      return false;
    }
    info_.types = arena_.allocate<uint32_t>(info_.type_count);
    info_.entries = arena_.allocate<uint32_t>(info_.defined_functions());
    info_.canonical_types = arena_.allocate<uint16_t>(info_.type_count);
    info_.function_types = arena_.allocate<uint16_t>(info_.function_count);
    info_.declared = arena_.allocate<uint8_t>((info_.function_count + 7) / 8);
    info_.elements = arena_.allocate<uint8_t>(info_.element_count);
    info_.tables = arena_.allocate<uint8_t>(info_.imported_count(ExternKind::kTable) +
                                            info_.sections.count(info_.module, kTableSection));
    info_.globals = arena_.allocate<uint8_t>(info_.imported_count(ExternKind::kGlobal) +
                                             info_.sections.count(info_.module, kGlobalSection));
    if (arena_.overflowed()) in_.fail_at(Status::kNoMemory, "workspace too small", 0);
    info_.function_count = 0;  // counted anew as they are validated
    return in_.ok();
  }

  void types() { section(kTypeSection, &SectionValidator::type); }
  void type(Reader& in, uint32_t index) {
    info_.types[index] = in.position();
    const FunctionType type = read_function_type(in);
    uint32_t first = 0;
    while (in.ok() && first < index && !(info_.type(first) == type)) first++;
    info_.canonical_types[index] = static_cast<uint16_t>(first);
  }

  void imports() { section(kImportSection, &SectionValidator::import); }
  void import(Reader& in, uint32_t) {
    const Import item = read_import(in);
    if (!in.ok()) return;
    switch (item.kind) {
      case ExternKind::kFunction: add_function(in, item.function_type); break;
      case ExternKind::kTable: add_table(in, item.table); break;
      case ExternKind::kMemory: add_memory(in, item.memory); break;
      case ExternKind::kGlobal: add_global(item.global); break;
    }
  }
  void add_function(Reader& in, uint32_t type) {
    if (type >= info_.type_count) return invalid(in, "unknown type");
    info_.function_types[info_.function_count++] = info_.canonical_types[type];
  }
  void add_table(Reader& in, const TableType& type) {
    if (type.limits.minimum > type.limits.maximum)
      invalid(in, "size minimum must not be greater than maximum");
    info_.tables[info_.table_count++] = static_cast<uint8_t>(type.element);
  }
  void add_memory(Reader& in, const Limits& limits) {
    if (limits.minimum > kMaxPages || (limits.has_maximum && limits.maximum > kMaxPages)) {
      invalid(in, "memory size must be at most 65536 pages (4GiB)");
    }
    if (limits.minimum > limits.maximum) invalid(in, "size minimum must not be greater than maximum");
    if (++info_.memory_count > 1) invalid(in, "multiple memories");
  }
  void add_global(const GlobalType& type) {
    const uint8_t flag = type.is_mutable ? ModuleInfo::kMutable : 0;
    info_.globals[info_.global_count++] = static_cast<uint8_t>(type.value) | flag;
  }

  void functions() { section(kFunctionSection, &SectionValidator::function); }
  void function(Reader& in, uint32_t) {
    const uint32_t type = in.u32();
    if (in.ok()) add_function(in, type);
  }
  void tables() { section(kTableSection, &SectionValidator::table); }
  void table(Reader& in, uint32_t) {
    const TableType type = read_table_type(in);
    if (in.ok()) add_table(in, type);
  }
  void memories() { section(kMemorySection, &SectionValidator::memory); }
  void memory(Reader& in, uint32_t) {
    const Limits limits = read_limits(in);
    if (in.ok()) add_memory(in, limits);
  }
  void globals() { section(kGlobalSection, &SectionValidator::global); }
  void global(Reader& in, uint32_t) {
    const GlobalType type = read_global_type(in);
    constant(in, type.value);
    if (in.ok()) add_global(type);
  }

  // A constant expression of type `expected`; it may read imported immutable globals only.
  void constant(Reader& in, ValueType expected) {
    const uint32_t start = in.position();
    check_constant(in, read_constant(in), expected, start);
  }
  void check_constant(Reader& in, const Constant& constant, ValueType expected, uint32_t start) {
    if (!in.ok()) return;
    ValueType type = constant.type;
    if (constant.kind == Constant::kGlobal) {
      if (constant.index >= info_.imported_count(ExternKind::kGlobal)) {
        return in.fail_at(Status::kInvalid, "unknown global", start);
      }
      const uint8_t global = info_.globals[constant.index];
      if (global & ModuleInfo::kMutable)
        return in.fail_at(Status::kInvalid, "constant expression required", start);
      type = static_cast<ValueType>(global);
    } else if (constant.kind == Constant::kFunction) {
      if (constant.index >= info_.function_count)
        return in.fail_at(Status::kInvalid, "unknown function", start);
      info_.declare(constant.index);
    }
    if (type != expected) in.fail_at(Status::kInvalid, "type mismatch", start);
  }

  void exports() {
    if (!in_.ok()) return;
    const size_t mark = arena_.mark();
    name_hashes_ = arena_.allocate<uint32_t>(info_.sections.count(info_.module, kExportSection));
    if (arena_.overflowed()) return in_.fail_at(Status::kNoMemory, "workspace too small", 0);
    section(kExportSection, &SectionValidator::check_export);
    arena_.release(mark);
  }
  void check_export(Reader& in, uint32_t index) {
    const Export item = read_export(in);
    if (!in.ok()) return;
    const uint32_t counts[kExternKinds] = {info_.function_count, info_.table_count, info_.memory_count,
                                           info_.global_count};
    static constexpr const char* kUnknown[kExternKinds] = {"unknown function", "unknown table",
                                                           "unknown memory", "unknown global"};
    const uint32_t kind = static_cast<uint32_t>(item.kind);
    if (item.index >= counts[kind]) return invalid(in, kUnknown[kind]);
    if (item.kind == ExternKind::kFunction) info_.declare(item.index);
    uint32_t hash = 2166136261u;
    for (char c : item.name) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
    for (uint32_t i = 0; i < index; i++) {
      if (name_hashes_[i] == hash && export_name(i) == item.name) return invalid(in, "duplicate export name");
    }
    name_hashes_[index] = hash;
  }
  std::string_view export_name(uint32_t index) const {
    Reader in = info_.sections.reader(info_.module, kExportSection);
    in.count();
    for (uint32_t i = 0; i < index; i++) read_export(in);
    return read_export(in).name;
  }

  void start() {
    if (!in_.ok() || !info_.sections.has(kStartSection)) return;
    Reader in = info_.sections.reader(info_.module, kStartSection);
    const uint32_t function = in.u32();
    if (in.ok() && function >= info_.function_count) invalid(in, "unknown function");
    if (in.ok()) {
      const FunctionType type = info_.type(info_.function_types[function]);
      if (!type.parameters.empty() || !type.results.empty()) invalid(in, "start function");
    }
    finish(in);
  }

  void elements() { section(kElementSection, &SectionValidator::element); }
  void element(Reader& in, uint32_t index) {
    const uint32_t start = in.position();
    const ElementSegment segment = read_element_segment(in);
    if (!in.ok()) return;
    info_.elements[index] = static_cast<uint8_t>(segment.type);
    if (segment.mode == SegmentMode::kActive) {
      if (segment.table >= info_.table_count) return invalid(in, "unknown table");
      if (info_.tables[segment.table] != static_cast<uint8_t>(segment.type))
        return invalid(in, "type mismatch");
      check_constant(in, segment.offset, ValueType::kI32, start);
    }
    for (uint32_t i = 0; i < segment.count && in.ok(); i++) {
      const uint32_t at = in.position();
      check_constant(in, read_element(in, segment), segment.type, at);
    }
  }

  void code_count() {
    if (!in_.ok()) return;
    if (info_.sections.count(info_.module, kCodeSection) != info_.defined_functions()) {
      in_.fail_at(Status::kMalformed, "function and code section have inconsistent lengths",
                  info_.sections.ranges[kCodeSection].begin);
    }
  }

  void data() {
    const bool counted = info_.sections.has(kDataCountSection);
    if (in_.ok() && counted) {
      Reader in = info_.sections.reader(info_.module, kDataCountSection);
      info_.data_count = in.u32();
      finish(in);
    }
    section(kDataSection, &SectionValidator::data_segment);
    if (in_.ok() && counted && info_.data_count != info_.sections.count(info_.module, kDataSection)) {
      in_.fail_at(Status::kMalformed, "data count and data section have inconsistent lengths",
                  info_.sections.ranges[kDataCountSection].begin);
    }
  }
  void data_segment(Reader& in, uint32_t) {
    const uint32_t start = in.position();
    const DataSegment segment = read_data_segment(in);
    if (!in.ok() || segment.mode == SegmentMode::kPassive) return;
    if (segment.memory >= info_.memory_count) return in.fail_at(Status::kInvalid, "unknown memory", start);
    check_constant(in, segment.offset, ValueType::kI32, start);
  }

  Reader& in_;
  const InstallLimits& limits_;
  Arena& arena_;
  ModuleInfo& info_;
  uint32_t* name_hashes_ = nullptr;
};

}  // namespace

void validate_sections(Reader& in, const InstallLimits& limits, Arena& arena, ModuleInfo& info) {
  SectionValidator(in, limits, arena, info).run();
}

}  // namespace rune::wasm
