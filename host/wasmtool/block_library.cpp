// Finds, and where they come as source compiles, the blocks of a pipeline.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "host/support/text.h"
#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& path) {
  return path.extension() == ".cpp" || path.extension() == ".cc" || path.extension() == ".c";
}

// The part of a standard block's reference that names it: after the last / or #, without @version.
std::string short_name(const std::string& reference) {
  std::string name = reference.substr(reference.find_last_of("/#") + 1);
  return canonical_block_name(name.substr(0, name.find('@')));
}

std::vector<std::string> compile_command(const std::string& compiler, const std::string& sdk,
                                         const fs::path& source, const std::string& object) {
  std::vector<std::string> command = {compiler,
                                      "--target=wasm32-wasi",
                                      "-Os",
                                      "-ffp-contract=off",
                                      "-fno-math-errno",
                                      "-Wall",
                                      "-I" + sdk,
                                      "-I" + source.parent_path().string()};
  if (source.extension() != ".c") {
    command.insert(command.end(), {"-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"});
    command.insert(command.end(), {"-isystem", "/usr/include/wasm32-wasi/c++/v1"});
  }
  command.insert(command.end(),
                 {"-isystem", "/usr/include/wasm32-wasi", "-c", source.string(), "-o", object});
  return command;
}

Result<std::vector<fs::path>, Diagnostic> sources_of(const fs::path& path) {
  if (!fs::is_directory(path)) return std::vector<fs::path>{path};
  std::vector<fs::path> sources;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (is_source(entry.path())) sources.push_back(entry.path());
  }
  std::sort(sources.begin(), sources.end());
  if (sources.empty()) {
    return Diagnostic{.where = {.file = path.string()},
                      .what = "no .cpp or .c file in this folder",
                      .hint = "a path to the block's source"};
  }
  return sources;
}

// Compiles each source and joins them into one object.
Result<ByteVector, Diagnostic> compile(const fs::path& path, const std::string& sdk) {
  const auto sources = sources_of(path);
  if (!sources.ok()) return sources.error();
  const auto compiler = find_tool("clang++", "clang-16");
  if (!compiler.ok()) return compiler.error();
  const auto work = WorkFolder::create();
  if (!work.ok()) return work.error();
  std::vector<std::string> objects;
  for (const fs::path& source : sources.value()) {
    objects.push_back(work.value().file(std::to_string(objects.size()) + ".o"));
    const std::string driver = source.extension() == ".c" ? "clang" : "clang++";
    const auto tool = find_tool(driver, "clang-16");
    if (!tool.ok()) return tool.error();
    const auto done = run_tool(compile_command(tool.value(), sdk, source, objects.back()),
                               "compiling " + source.filename().string());
    if (!done.ok()) return done.error();
  }
  if (objects.size() == 1) return read_file(objects[0]);
  const auto linker = find_tool("wasm-ld", "lld-16");
  if (!linker.ok()) return linker.error();
  std::vector<std::string> join = {linker.value(), "-r", "-o", work.value().file("joined.o")};
  join.insert(join.end(), objects.begin(), objects.end());
  const auto joined = run_tool(join, "joining the objects of " + path.string());
  if (!joined.ok()) return joined.error();
  return read_file(work.value().file("joined.o"));
}

}  // namespace

std::string BlockLibrary::default_folder() {
  if (const char* named = std::getenv("RUNE_BLOCKS_DIR"); named != nullptr) return named;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "blocks").string();
}

std::vector<std::string> BlockLibrary::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() == ".o") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Block, Diagnostic> BlockLibrary::load_standard(const std::string& reference) const {
  const std::string name = short_name(reference);
  const std::vector<std::string> known = names();
  if (known.empty()) {
    return Diagnostic{.where = {.file = folder_},
                      .what = "no prebuilt blocks there",
                      .hint = "make build, or RUNE_BLOCKS_DIR"};
  }
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const std::string meant = nearest(name, known);
    return Diagnostic{.what = "unknown block \"" + reference + "\"",
                      .hint = meant.empty() ? one_of(known) + ", or a path that starts with ./" : meant};
  }
  const std::string path = folder_ + "/" + name + ".o";
  auto object = read_file(path);
  if (!object.ok()) return object.error();
  auto descriptor = read_block_descriptor(object.value(), path);
  if (!descriptor.ok()) return descriptor.error();
  return Block{
      .descriptor = descriptor.value(), .object = std::move(object.value()), .path = path, .standard = true};
}

Result<Block, Diagnostic> BlockLibrary::load(const std::string& reference, const std::string& base) const {
  if (!reference.starts_with(".") && !reference.starts_with("/")) return load_standard(reference);
  const fs::path path = (fs::path(base) / reference).lexically_normal();  // an absolute one stays itself
  std::error_code error;
  const bool folder = fs::is_directory(path, error);
  const bool object = path.extension() == ".o" || path.extension() == ".wasm";
  if (!folder && !object && !is_source(path)) {
    return Diagnostic{.where = {.file = path.string()},
                      .what = "not a block",
                      .hint = "a .cpp or .c file, a folder of them, or a .o or .wasm object"};
  }
  if (!fs::exists(path, error)) return read_file(path.string()).error();  // names the nearest file
  auto bytes = object ? read_file(path.string()) : compile(path, folder_ + "/sdk");
  if (!bytes.ok()) {
    Diagnostic failed = bytes.error();
    if (failed.where.file.empty()) failed.where.file = path.string();
    return failed;
  }
  auto descriptor = read_block_descriptor(bytes.value(), path.string());
  if (!descriptor.ok()) return descriptor.error();
  return Block{.descriptor = descriptor.value(),
               .object = std::move(bytes.value()),
               .path = path.string(),
               .standard = false};
}

}  // namespace rune::wasmtool
