// The programs of the toolchain as child processes, and the folder they work in.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "host/wasmtool/emit_internal.h"

extern char** environ;

namespace rune::wasmtool {
namespace {

constexpr size_t kMaxCapturedBytes = 64 * 1024;

// The line that says what was wrong, or the first one.
std::string first_error(const std::string& output) {
  size_t at = output.find("error:");
  if (at == std::string::npos) at = 0;
  const size_t start = at == 0 ? 0 : output.rfind('\n', at) + 1;
  const size_t end = output.find('\n', start);
  return output.substr(start, end == std::string::npos ? end : end - start);
}

std::string read_all(int descriptor) {
  std::string output;
  char chunk[4096];
  for (;;) {
    const ssize_t got = read(descriptor, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return output;
    if (output.size() < kMaxCapturedBytes) output.append(chunk, static_cast<size_t>(got));
  }
}

}  // namespace

Result<WorkFolder, Diagnostic> WorkFolder::create() {
  std::error_code error;
  std::string path = (std::filesystem::temp_directory_path(error) / "rune-XXXXXX").string();
  if (error || mkdtemp(path.data()) == nullptr) {
    return Diagnostic{.where = {.file = path},
                      .what = std::string("cannot make a temporary folder: ") + std::strerror(errno),
                      .hint = "TMPDIR=/some/writable/folder"};
  }
  return WorkFolder(path);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::string, Diagnostic> find_tool(const std::string& name, const std::string& package) {
  const char* search = std::getenv("PATH");
  for (const std::string& candidate : {name + "-16", name}) {
    std::string_view rest = search != nullptr ? search : "/usr/bin";
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(':'), rest.size());
      const std::string path = std::string(rest.substr(0, end)) + "/" + candidate;
      if (access(path.c_str(), X_OK) == 0) return path;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return Diagnostic{.what = name + "-16 is not installed", .hint = "apt-get install " + package};
}

Result<void, Diagnostic> run_tool(const std::vector<std::string>& command, const std::string& what) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Diagnostic{.what = what + ": no pipe: " + std::strerror(errno)};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int spawned = posix_spawn(&child, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (spawned != 0) {
    close(ends[0]);
    return Diagnostic{.where = {.file = command[0]},
                      .what = what + ": cannot start: " + std::strerror(spawned)};
  }
  const std::string output = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string said = first_error(output);
  return Diagnostic{.what = what + " failed: " + (said.empty() ? "the tool ended without a message" : said)};
}

Result<std::vector<std::string>, Diagnostic> link_command(const BuildPlan& plan,
                                                          const std::vector<std::string>& objects,
                                                          uint32_t stack_bytes, uint32_t memory_bytes,
                                                          const std::string& output) {
  auto linker = find_tool("wasm-ld", "lld-16");
  if (!linker.ok()) return linker.error();
  std::vector<std::string> command = {
      linker.value(),  "--no-entry", "--gc-sections",
      "--stack-first", "-z",         "stack-size=" + std::to_string(stack_bytes),
      "--strip-all"};
  if (memory_bytes == 0) {
    command.push_back("--export=__heap_base");
  } else {
    const std::string pages = std::to_string(align_up(memory_bytes, 65536));
    command.push_back("--initial-memory=" + pages);
    command.push_back("--max-memory=" + pages);
  }
  command.insert(command.end(), objects.begin(), objects.end());
  bool own_blocks = false;
  for (const Block& block : plan.blocks) own_blocks = own_blocks || !block.standard;
  if (own_blocks) {  // archives: only what is called is taken
    for (const char* library : {"/usr/lib/wasm32-wasi/libc++.a", "/usr/lib/wasm32-wasi/libc++abi.a",
                                "/usr/lib/wasm32-wasi/libc.a", "/usr/lib/wasm32-wasi/libm.a",
                                "/usr/lib/llvm-16/lib/clang/16/lib/wasi/libclang_rt.builtins-wasm32.a"}) {
      if (access(library, R_OK) == 0) command.push_back(library);
    }
  }
  command.push_back("-o");
  command.push_back(output);
  return command;
}

}  // namespace rune::wasmtool
