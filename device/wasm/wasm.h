// The WebAssembly engine: decode, validate, translate, interpret.
//
// A module is never run from its bytes. install() reads it once: it decodes and
// validates everything eagerly and translates each function into a register form
// (instructions.def is the only description of that form) that it appends to a
// CodeSink, which on a device programs flash. What is left to keep in RAM for a
// running module is its Instance: globals, tables, the frames of its calls.
//
//   install(module, workspace, sink)          once, when a rune arrives
//   Code code = Code::open(module, image)     at boot: a verified view of both
//   Instance::create(code, imports, memory, state) -> instance
//   instance->call(function, arguments, results, fuel)
//
// The engine is total: a hostile module is refused by install() with a Status and
// the byte position, or it traps; it never reads or writes outside its spans.
// There are no globals and no allocation; every byte comes from the caller, and
// every requirement can be asked for first. The judge is the standard's test
// suite (tests/spec); fuzzers are in tests/fuzz.
#pragma once

#include <span>
#include <string_view>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace rune::wasm {

enum class ValueType : uint8_t {
  kI32 = 0x7F,
  kI64 = 0x7E,
  kF32 = 0x7D,
  kF64 = 0x7C,
  kFuncref = 0x70,
  kExternref = 0x6F
};

// Why execution ended early. Numbers are fixed: they stand in crash records.
enum class Trap : uint8_t {
  kNone = 0,
  kUnreachable = 1,
  kMemoryOutOfBounds = 2,
  kTableOutOfBounds = 3,
  kDivideByZero = 4,
  kIntegerOverflow = 5,
  kInvalidConversion = 6,
  kUndefinedElement = 7,
  kUninitializedElement = 8,
  kIndirectCallTypeMismatch = 9,
  kStackOverflow = 10,
  kFuelExhausted = 11,
  kHost = 12,  // a host function asked to stop the guest
};

// The standard's wording ("out of bounds memory access"), for messages. Never null.
const char* trap_name(Trap trap);

// A value as it crosses the call boundary. References are 64-bit handles; null is kNullReference.
union Value {
  uint64_t bits;
  uint32_t i32;
  uint64_t i64;
  float f32;
  double f64;
  uint64_t reference;
};
inline constexpr uint64_t kNullReference = ~uint64_t{0};

struct FunctionType {
  // Types as bytes of the module's type section (ValueType each).
  Bytes parameters;
  Bytes results;
  bool operator==(const FunctionType& other) const;
};

// Where translated code goes: append only, so that it can be flash. The sink never
// needs to be read back while install() runs.
class CodeSink {
 public:
  // Size is a multiple of 4 except for nothing; kNoMemory when full, kIo on failure.
  virtual Status append(Bytes bytes) = 0;

 protected:
  ~CodeSink() = default;
};

struct InstallLimits {
  uint32_t max_functions = 4096;
  uint32_t max_frame_bytes = 65536;  // locals and operands of one function
};

struct InstallReport {
  uint32_t code_bytes = 0;      // appended to the sink
  uint32_t error_offset = 0;    // on failure: byte position in the module
  const char* error = nullptr;  // on failure: short text, static storage
};

// Decodes, validates and translates `module`. `workspace` is scratch, needed only
// during the call (a device lends the memory that the rune will run in);
// install_workspace_bytes() says how much always suffices for a module of that size,
// smaller is tried and gives kNoMemory. On failure the sink holds a prefix to discard.
Status install(Bytes module, MutableBytes workspace, CodeSink& sink, const InstallLimits& limits,
               InstallReport& report);
uint32_t install_workspace_bytes(Bytes module);

// A verified view of a module and its translated code, both in place.
class Code {
 public:
  Code() = default;
  // Requires `image` to be what install() wrote for `module` by this build of the
  // engine (a build identity and checksums are compared): kVersion, kChecksum, kMalformed.
  // Both 4-byte aligned, both outlive the view.
  static Result<Code> open(Bytes module, Bytes image);

  Bytes module() const { return module_; }
  Bytes image() const { return image_; }
  // Bytes that Instance::create needs for its state, without linear memory and without the
  // stack, when each table may grow by up to `table_growth` elements (and its declared maximum).
  uint32_t state_bytes(uint32_t table_growth = 0) const;
  // Initial linear memory the module declares, in bytes (pages times 65,536).
  uint64_t declared_memory_bytes() const;

 private:
  Bytes module_;
  Bytes image_;
};

class Instance;

// A function of the host. `arguments` has one Value per parameter; results are written
// to `results`. A return other than Trap::kNone stops the guest.
struct HostFunction {
  const char* module;
  const char* name;
  const char* parameters;  // "iiI f": i i32, I i64, f f32, F f64, r funcref, x externref
  const char* results;
  Trap (*call)(void* context, Instance& caller, const Value* arguments, Value* results);
  void* context;
};

// Another instance whose exports may be imported under the name `module`.
struct LinkedInstance {
  std::string_view module;
  Instance* instance;
};

// All of it outlives the instance, and so do linked instances.
//
// Linear memory: `memory` is what exists. The guest sees the pages of 64 KiB that the module
// declares but traps beyond the span, so a small device can give less than a page; what the span
// has above them serves memory.grow, which gives -1 at its end.
struct InstanceOptions {
  std::span<const HostFunction> imports;        // an import not listed is kDenied, of another type kMismatch
  MutableBytes state;                           // Code::state_bytes(table_growth), 8-byte aligned
  MutableBytes stack;                           // frames of calls, 8-byte aligned; its size bounds recursion
  MutableBytes memory;                          // linear memory, 8-byte aligned; zeroed by create()
  const char** denied_import = nullptr;         // on kDenied, kMismatch: the import's name in the module
  uint32_t* denied_import_bytes = nullptr;      // and its length: it is not terminated
  std::span<const LinkedInstance> instances{};  // looked at after `imports`
  uint32_t table_growth = 0;
  // Pages up to which memory.grow succeeds although the span holds fewer: the guest sees them and
  // traps on touching them, as it does in a first page given in part.
  uint32_t nominal_pages = 0;
};

struct CallResult {
  Status status =
      Status::kOk;  // kOk, kTrap, kFuelExhausted, kStackOverflow, or kMismatch for wrong arguments
  Trap trap = Trap::kNone;
  uint32_t function = 0;  // index of the function that trapped
};

struct GlobalValue {
  ValueType type = ValueType::kI32;
  bool is_mutable = false;
  Value value{};
};

class Instance {
 public:
  // Links imports, initialises memory, tables and globals, runs the start function with
  // `fuel`. The instance lives inside options.state. When a segment does not fit or the start
  // function traps, the result is kTrap (kFuelExhausted, kStackOverflow); tables of linked
  // instances may then already hold functions of this one, so its memory must stay.
  static Result<Instance*> create(const Code& code, const InstanceOptions& options, uint32_t& fuel);

  // Index of an exported function; kNotFound.
  Result<uint32_t> find_function(std::string_view name) const;
  FunctionType function_type(uint32_t function) const;
  // Value of an exported global; kNotFound.
  Result<GlobalValue> find_global(std::string_view name) const;

  // Runs a function. A funcref argument must come from this engine. Fuel falls by one at each branch
  // backwards and each call; at zero the call ends with kFuelExhausted. The instance stays usable after any
  // trap.
  CallResult call(uint32_t function, std::span<const Value> arguments, std::span<Value> results,
                  uint32_t& fuel);

  // Existing linear memory. Host functions check guest addresses with guest_bytes().
  MutableBytes memory();
  // [address, address + size_bytes) of linear memory; kInvalidArgument outside it.
  Result<MutableBytes> guest_bytes(uint32_t address, uint32_t size_bytes);

 protected:
  Instance() = default;
  ~Instance() = default;
};

}  // namespace rune::wasm
