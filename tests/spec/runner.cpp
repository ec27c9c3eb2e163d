#include "tests/spec/runner.h"

#include <cstdio>
#include <cstdlib>

#include "device/wasm/decode_internal.h"
#include "device/wasm/wasm.h"
#include "tests/spec/commands.h"

namespace rune::spec {
namespace {

using namespace wasm;

constexpr uint32_t kPage = 65536;
constexpr uint32_t kMaxMemoryBytes = 64 * kPage;  // of one instance
constexpr uint32_t kSpareMemoryBytes = 8 * kPage;
constexpr uint32_t kTableGrowth = 1024;
constexpr uint32_t kStackBytes = 256 * 1024;
constexpr uint32_t kMaxValues = 64;

// The C library's allocator serves the tests only; the engine sees spans.
class Buffer {
 public:
  explicit Buffer(size_t size) : data_(static_cast<uint8_t*>(std::calloc(size + 8, 1))), size_(size) {
    if (data_ == nullptr) {
      std::printf("out of memory: %u bytes\n", static_cast<unsigned>(size));
      std::exit(2);
    }
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }
  MutableBytes bytes() const { return {data_, size_}; }

 private:
  uint8_t* data_;
  size_t size_;
};

class BufferSink final : public CodeSink {
 public:
  explicit BufferSink(MutableBytes buffer) : buffer_(buffer) {}
  Status append(Bytes bytes) override {
    if (bytes.size() > buffer_.size() - size_) return Status::kNoMemory;
    std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return Status::kOk;
  }
  size_t size() const { return size_; }

 private:
  MutableBytes buffer_;
  size_t size_ = 0;
};

// Whether others may come to hold functions of the module: then it has to stay.
bool shares_state(Bytes module) {
  Reader in(module);
  const SectionMap sections = read_sections(in);
  if (!in.ok() || !sections.has(kImportSection)) return false;
  in = sections.reader(module, kImportSection);
  for (uint32_t i = in.count(); i > 0 && in.ok(); i--) {
    const Import import = read_import(in);
    if (import.kind == ExternKind::kTable || import.kind == ExternKind::kGlobal) return true;
  }
  return false;
}

// A module and, when creating it worked, its instance, with all the memory they need.
struct Loaded {
  Loaded(Bytes binary, MutableBytes stack, std::span<const LinkedInstance> linked)
      : is_kept(shares_state(binary)) {
    install(binary);
    if (installed != Status::kOk) return;
    const Result<Code> opened = Code::open(binary, image->bytes());
    created = opened.status();
    if (!opened.ok()) return;
    const Code& code = opened.value();
    state = new Buffer(code.state_bytes(kTableGrowth));
    const uint64_t declared = code.declared_memory_bytes();
    const uint64_t wanted = declared < kMaxMemoryBytes ? declared + kSpareMemoryBytes : kMaxMemoryBytes;
    memory = new Buffer(has_memory(binary) ? static_cast<size_t>(wanted) : 0);
    InstanceOptions options;
    options.state = state->bytes();
    options.stack = stack;
    options.memory = memory->bytes();
    options.instances = linked;
    options.table_growth = kTableGrowth;
    options.nominal_pages = 65536;
    uint32_t fuel = UINT32_MAX;
    const Result<Instance*> result = Instance::create(code, options, fuel);
    created = result.status();
    if (result.ok()) instance = result.value();
  }
  ~Loaded() {
    delete memory;
    delete state;
    delete image;
  }

  void install(Bytes binary) {
    Buffer workspace(install_workspace_bytes(binary));
    Buffer code(binary.size() * 10 + 4096);
    BufferSink sink(code.bytes());
    installed = wasm::install(binary, workspace.bytes(), sink, {}, report);
    if (installed != Status::kOk) return;
    image = new Buffer(sink.size());
    std::memcpy(image->bytes().data(), code.bytes().data(), sink.size());
  }
  static bool has_memory(Bytes binary) {
    Reader in(binary);
    return read_sections(in).has(kMemorySection);
  }

  Status installed = Status::kInternal;
  Status created = Status::kInternal;
  InstallReport report;
  Instance* instance = nullptr;
  Buffer* image = nullptr;
  Buffer* state = nullptr;
  Buffer* memory = nullptr;
  bool is_kept;
  std::string_view name;
};

struct Action {
  std::string_view module, field;
  bool is_get = false;
  uint32_t count = 0;
  Value arguments[kMaxValues];
};

struct Outcome {
  Status status = Status::kInternal;
  Trap trap = Trap::kNone;
  uint32_t count = 0;
  uint8_t types[kMaxValues];
  Value results[kMaxValues];
};

class Script {
 public:
  Script() : stack_(kStackBytes) {}
  ~Script() {
    for (size_t i = 0; i < loaded_count_; i++) delete loaded_[i];
  }

  int run(Bytes packed) {
    CommandReader in(packed);
    if (in.u32() != 0x50535752) return 1;  // "RWSP"
    while (!in.at_end()) command(in);
    std::printf("%d passed, %d failed\n", passed_, failed_);
    return failed_;
  }

 private:
  void pass() { passed_++; }
  void fail(const char* what, const char* detail = "") {
    failed_++;
    std::printf("line %u: %s %s\n", static_cast<unsigned>(line_), what, detail);
  }
  void check(bool ok, const char* what, const char* detail = "") {
    if (ok)
      pass();
    else
      fail(what, detail);
  }

  void command(CommandReader& in) {
    const auto kind = static_cast<CommandKind>(in.u8());
    line_ = in.u32();
    switch (kind) {
      case CommandKind::kModule: return module(in);
      case CommandKind::kRegister: return register_module(in);
      case CommandKind::kAction:
      case CommandKind::kAssertReturn:
      case CommandKind::kAssertTrap:
      case CommandKind::kAssertExhaustion: return action(kind, in);
      default: return refused_module(kind, in);
    }
  }

  Loaded* load(Bytes binary) { return new Loaded(binary, stack_.bytes(), {linked_, linked_count_}); }

  // The last module is dropped when nothing can refer to it any more.
  void keep(Loaded* module, bool is_current) {
    if (current_ != nullptr && is_current && !current_->is_kept && current_->name.empty() &&
        loaded_[loaded_count_ - 1] == current_) {
      delete current_;
      loaded_count_--;
    }
    if (loaded_count_ == kMaxModules) std::exit(2);
    loaded_[loaded_count_++] = module;
    if (is_current) current_ = module;
  }

  void module(CommandReader& in) {
    const std::string_view name = in.text();
    const Bytes binary = in.blob();
    in.text();
    Loaded* loaded = load(binary);
    loaded->name = name;
    keep(loaded, true);
    if (loaded->installed != Status::kOk) {
      fail("module refused:", loaded->report.error);
    } else if (loaded->created != Status::kOk) {
      fail("module not instantiated:", status_name(loaded->created));
    }
  }

  void refused_module(CommandKind kind, CommandReader& in) {
    in.text();
    Loaded* loaded = load(in.blob());
    const std::string_view expected = in.text();
    const Status installed = loaded->installed, created = loaded->created;
    switch (kind) {
      case CommandKind::kAssertMalformed:
        // Bytes that are malformed behind an invalid instruction are met in that order by one pass.
        check(installed == Status::kMalformed ||
                  (installed == Status::kInvalid && expected == "unexpected end"),
              "not malformed:", status_name(installed));
        break;
      case CommandKind::kAssertInvalid:
        check(installed == Status::kInvalid, "not invalid:", status_name(installed));
        break;
      case CommandKind::kAssertUnlinkable: {
        const Status wanted = expected == "unknown import" ? Status::kDenied : Status::kMismatch;
        check(installed == Status::kOk && created == wanted, "not unlinkable:", status_name(created));
        break;
      }
      default:
        check(installed == Status::kOk && created == Status::kTrap,
              "not uninstantiable:", status_name(created));
    }
    if (loaded->is_kept) return keep(loaded, false);
    delete loaded;
  }

  void register_module(CommandReader& in) {
    const std::string_view as = in.text();
    Loaded* module = find(in.text());
    if (module == nullptr || module->instance == nullptr) return fail("nothing to register");
    module->is_kept = true;
    if (linked_count_ == kMaxModules) std::exit(2);
    linked_[linked_count_++] = {as, module->instance};
  }

  Loaded* find(std::string_view name) {
    if (name.empty()) return current_;
    for (size_t i = loaded_count_; i > 0; i--) {
      if (loaded_[i - 1]->name == name) return loaded_[i - 1];
    }
    return nullptr;
  }

  void perform(const Action& action, Outcome& outcome) {
    Loaded* module = find(action.module);
    if (module == nullptr || module->instance == nullptr) return;
    if (action.is_get) {
      const Result<GlobalValue> global = module->instance->find_global(action.field);
      outcome.status = global.status();
      outcome.count = 1;
      outcome.types[0] = static_cast<uint8_t>(global.value().type);
      outcome.results[0] = global.value().value;
      return;
    }
    const Result<uint32_t> function = module->instance->find_function(action.field);
    outcome.status = function.status();
    if (!function.ok()) return;
    const FunctionType type = module->instance->function_type(function.value());
    outcome.count = static_cast<uint32_t>(type.results.size());
    for (uint32_t i = 0; i < outcome.count; i++) outcome.types[i] = type.results[i];
    uint32_t fuel = UINT32_MAX;
    const CallResult result = module->instance->call(function.value(), {action.arguments, action.count},
                                                     {outcome.results, outcome.count}, fuel);
    outcome.status = result.status;
    outcome.trap = result.trap;
  }

  void action(CommandKind kind, CommandReader& in) {
    static Action action;
    static Outcome outcome;
    action.module = in.text();
    action.field = in.text();
    action.is_get = in.u8() != 0;
    action.count = in.u32();
    if (action.count > kMaxValues) std::exit(2);
    for (uint32_t i = 0; i < action.count; i++) action.arguments[i].bits = in.value().bits;
    outcome = {};
    perform(action, outcome);
    if (kind == CommandKind::kAction) return check(outcome.status == Status::kOk, "action:", reason(outcome));
    if (kind == CommandKind::kAssertReturn) return check_results(in, outcome);
    const std::string_view expected = in.text();
    if (kind == CommandKind::kAssertExhaustion) {
      return check(outcome.status == Status::kStackOverflow, "not exhausted:", reason(outcome));
    }
    const std::string_view actual = trap_name(outcome.trap);
    const bool is_match = actual.starts_with(expected) || expected.starts_with(actual);
    check(outcome.status == Status::kTrap && is_match, "other trap:", reason(outcome));
  }

  static const char* reason(const Outcome& outcome) {
    return outcome.trap == Trap::kNone ? status_name(outcome.status) : trap_name(outcome.trap);
  }

  void check_results(CommandReader& in, const Outcome& outcome) {
    const uint32_t count = in.u32();
    bool is_match = outcome.status == Status::kOk && outcome.count == count;
    char detail[80] = "";
    for (uint32_t i = 0; i < count; i++) {
      const PackedValue expected = in.value();
      if (i >= outcome.count || !is_match || matches(expected, outcome.types[i], outcome.results[i].bits))
        continue;
      is_match = false;
      std::snprintf(detail, sizeof(detail), "got %08lx%08lx, not %08lx%08lx",
                    static_cast<unsigned long>(outcome.results[i].bits >> 32),
                    static_cast<unsigned long>(outcome.results[i].bits & 0xFFFFFFFF),
                    static_cast<unsigned long>(expected.bits >> 32),
                    static_cast<unsigned long>(expected.bits & 0xFFFFFFFF));
    }
    check(is_match, outcome.status == Status::kOk ? "other results:" : reason(outcome), detail);
  }

  static bool matches(const PackedValue& expected, uint8_t type, uint64_t bits) {
    if (type != expected.type) return false;
    const bool is_wide = type == static_cast<uint8_t>(ValueType::kF64);
    const uint64_t magnitude = bits & (is_wide ? 0x7FFFFFFFFFFFFFFF : 0x7FFFFFFF);
    const uint64_t canonical = is_wide ? 0x7FF8000000000000 : 0x7FC00000;
    switch (expected.pattern) {
      case Pattern::kExact: return bits == expected.bits;
      case Pattern::kCanonicalNan: return magnitude == canonical;
      case Pattern::kArithmeticNan: return (magnitude & canonical) == canonical;
      case Pattern::kAnyReference: return bits != kNullReference;
      default: return true;
    }
  }

  static constexpr size_t kMaxModules = 1024;
  Buffer stack_;
  Loaded* loaded_[kMaxModules] = {};
  size_t loaded_count_ = 0;
  Loaded* current_ = nullptr;
  LinkedInstance linked_[kMaxModules];
  size_t linked_count_ = 0;
  uint32_t line_ = 0;
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace

int run_script(Bytes packed) {
  Script* script = new Script;
  const int failed = script->run(packed);
  delete script;
  return failed;
}

uint8_t* read_file(const char* path, size_t& size) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) {
    std::printf("%s: cannot be read\n", path);
    return nullptr;
  }
  std::fseek(file, 0, SEEK_END);
  size = static_cast<size_t>(std::ftell(file));
  std::fseek(file, 0, SEEK_SET);
  auto* data = static_cast<uint8_t*>(std::malloc(size + 1));
  if (data != nullptr && std::fread(data, 1, size, file) != size) {
    std::free(data);
    data = nullptr;
  }
  std::fclose(file);
  return data;
}

}  // namespace rune::spec
