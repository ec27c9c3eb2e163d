// build_rune as its list of passes.
#include "host/wasmtool/wasmtool.h"

#include <filesystem>

#include "device/format/rune.h"
#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

constexpr uint32_t kMemoryAlignment = 16;
constexpr int kMaxLinks = 4;

struct Linked {
  ByteVector module;
  ByteVector pipeline;
  ByteVector manifest;
  uint32_t memory_bytes = 0;
};

std::vector<std::string> object_names(const BuildPlan& plan) {
  std::vector<std::string> names = {"pipeline.o"};
  for (size_t i = 0; i < plan.blocks.size(); ++i)
    names.push_back(std::to_string(i) + "_" + plan.blocks[i].descriptor.name + ".o");
  return names;
}

Result<ByteVector, Diagnostic> link(const BuildPlan& plan, const WorkFolder& work, uint32_t stack_bytes,
                                    uint32_t memory_bytes) {
  std::vector<std::string> objects = object_names(plan);
  for (std::string& name : objects) name = work.file(name);
  const auto command = link_command(plan, objects, stack_bytes, memory_bytes, work.file("module.wasm"));
  if (!command.ok()) return command.error();
  const auto done = run_tool(command.value(), "linking rune " + plan.name);
  if (!done.ok()) return done.error();
  return read_file(work.file("module.wasm"));
}

// The manifest states the memory that the linker needs for a module that holds the manifest. Its
// length hardly ever changes with that number, so the second round settles it.
Result<Linked, Diagnostic> link_until_settled(const BuildPlan& plan, const MemoryPlan& memory,
                                              const WorkFolder& work) {
  Linked result;
  result.memory_bytes = align_up(memory.stack_bytes + memory.size_bytes + 1024, kMemoryAlignment);
  for (int round = 0; round < kMaxLinks; ++round) {
    auto manifest = make_manifest(plan, memory, result.memory_bytes);
    if (!manifest.ok()) return manifest.error();
    const bool same_layout = round > 0 && manifest.value().size() == result.manifest.size();
    result.manifest = std::move(manifest.value());
    result.pipeline = emit_pipeline(plan, memory, result.manifest);
    const auto written = write_file(work.file("pipeline.o"), result.pipeline);
    if (!written.ok()) return written.error();
    auto module = link(plan, work, memory.stack_bytes, same_layout ? result.memory_bytes : 0);
    if (!module.ok()) return module.error();
    result.module = std::move(module.value());
    if (same_layout) return result;
    const auto end = heap_base(result.module);
    if (!end.ok()) return end.error();
    result.memory_bytes = align_up(end.value(), kMemoryAlignment);
  }
  return Diagnostic{.where = {.node = "rune " + plan.name}, .what = "the memory's size does not settle"};
}

Result<void, Diagnostic> keep_project(const BuildPlan& plan, const MemoryPlan& memory, const Linked& linked,
                                      Bytes front, const std::string& folder) {
  const std::vector<std::string> names = object_names(plan);
  auto command = link_command(plan, names, memory.stack_bytes, linked.memory_bytes, "module.wasm");
  if (!command.ok()) return command.error();
  Project project{.rune_name = plan.name,
                  .files = {{names[0], linked.pipeline}},
                  .link = command.value(),
                  .front = front};
  project.link[0] = std::filesystem::path(project.link[0]).filename().string();
  for (size_t i = 0; i < plan.blocks.size(); ++i)
    project.files.emplace_back(names[i + 1], plan.blocks[i].object);
  return write_project(folder, project);
}

uint32_t section_bytes(Bytes module, uint8_t id) {
  format::SectionReader reader(module);
  while (!reader.at_end()) {
    const Result<format::Section> section = reader.next();
    if (!section.ok()) return 0;
    if (section.value().id == id) return static_cast<uint32_t>(section.value().payload.size());
  }
  return 0;
}

}  // namespace

Result<BuiltRune, Diagnostic> build_rune(const BuildPlan& plan, const BuildOptions& options) {
  const auto checked = check_plan(plan);
  if (!checked.ok()) return checked.error();
  const MemoryPlan memory = plan_memory(plan);

  const auto work = WorkFolder::create();
  if (!work.ok()) return work.error();
  const std::vector<std::string> names = object_names(plan);
  for (size_t i = 0; i < plan.blocks.size(); ++i) {
    const auto written = write_file(work.value().file(names[i + 1]), plan.blocks[i].object);
    if (!written.ok()) return written.error();
  }
  const auto linked = link_until_settled(plan, memory, work.value());
  if (!linked.ok()) return linked.error();

  const ByteVector front = front_sections(plan, linked.value().manifest);
  auto bytes = pack(front, linked.value().module);
  if (!bytes.ok()) return bytes.error();
  if (!options.emit_project.empty()) {
    const auto kept = keep_project(plan, memory, linked.value(), front, options.emit_project);
    if (!kept.ok()) return kept.error();
  }
  constexpr uint8_t kCodeSection = 10;
  return BuiltRune{.bytes = std::move(bytes.value()),
                   .memory_bytes = linked.value().memory_bytes,
                   .stack_bytes = memory.stack_bytes,
                   .buffer_bytes = memory.buffer_bytes,
                   .code_bytes = section_bytes(linked.value().module, kCodeSection)};
}

}  // namespace rune::wasmtool
