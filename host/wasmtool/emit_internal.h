// The passes of build_rune, in order: plan the buffers, write the manifest, emit the pipeline's
// object, link, pack. Each takes only what the ones before it made.
#pragma once

#include "host/wasmtool/wasmtool.h"

namespace rune::wasmtool {

// Where tensors and states lie in one zeroed area of linear memory.
struct MemoryPlan {
  std::vector<uint32_t> tensors;  // offset of each tensor of the plan
  std::vector<uint32_t> states;   // offset of each step's state; meaningful for blocks that have one
  uint32_t buffer_bytes = 0;      // tensors, at the front of the area
  uint32_t size_bytes = 0;        // with states
  uint32_t stack_bytes = 0;       // of the deepest block
  uint32_t fuel = 0;              // of one call of the pipeline
};
inline constexpr uint32_t kTensorAlignment = 8;

// Checks the plan's indices and the order of its steps.
Result<void, Diagnostic> check_plan(const BuildPlan& plan);
// Requires a checked plan. Buffers whose lifetimes do not touch share memory.
MemoryPlan plan_memory(const BuildPlan& plan);

// The manifest's bytes; fails when the plan is above one of the manifest's limits.
Result<ByteVector, Diagnostic> make_manifest(const BuildPlan& plan, const MemoryPlan& memory,
                                             uint32_t memory_bytes);

// The relocatable object with `_call`, `_manifest` and their data.
ByteVector emit_pipeline(const BuildPlan& plan, const MemoryPlan& memory, Bytes manifest);

// A folder for the files of one build, removed with its contents at the end of its life.
class WorkFolder {
 public:
  static Result<WorkFolder, Diagnostic> create();
  WorkFolder(WorkFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// Runs a program of the toolchain (found in PATH) and waits. On failure the diagnostic has the
// first error it printed; `what` says what it was doing: "linking".
Result<void, Diagnostic> run_tool(const std::vector<std::string>& command, const std::string& what);
// `name`-16 when PATH has it, else `name`; fails with the package to install.
Result<std::string, Diagnostic> find_tool(const std::string& name, const std::string& package);

// The command that links: objects are paths, the pipeline's first. `memory_bytes` 0: as much as it takes,
// and __heap_base is exported to measure it.
Result<std::vector<std::string>, Diagnostic> link_command(const BuildPlan& plan,
                                                          const std::vector<std::string>& objects,
                                                          uint32_t stack_bytes, uint32_t memory_bytes,
                                                          const std::string& output);
// First free address after everything the linker laid out; requires the export __heap_base.
Result<uint32_t, Diagnostic> heap_base(Bytes module);

// Sections before the module's own: manifest, graph, models (16-byte aligned), resources. The first
// byte stands at offset 8 of the file.
ByteVector front_sections(const BuildPlan& plan, Bytes manifest);
// The rune: header, front sections, then the module's sections without its custom ones.
Result<ByteVector, Diagnostic> pack(Bytes front, Bytes module);

// Keeps the files of a build and a script that repeats it.
struct Project {
  std::string rune_name;
  std::vector<std::pair<std::string, ByteVector>> files;  // object name, bytes; the linker's order
  std::vector<std::string> link;                          // command, with names relative to the folder
  Bytes front;
};
Result<void, Diagnostic> write_project(const std::string& folder, const Project& project);

}  // namespace rune::wasmtool
