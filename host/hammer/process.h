// A child process with its streams, and where the programs of the build lie.
//
// A child dies with its owner: the destructor ends it, and the kernel does when the owner is
// killed. Nothing runs a shell.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/support/result.h"

namespace rune::hammer {

// Owns a file descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void reset();
  int release();

 private:
  int number_ = -1;
};

// Descriptors that become the child's standard streams; -1: /dev/null for input, else inherited.
struct Streams {
  int input = -1;
  int output = -1;
  int errors = -1;
  int line = -1;  // becomes kLineDescriptor; -1: none
};
inline constexpr int kLineDescriptor = 3;

class ChildProcess {
 public:
  ChildProcess() = default;
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess() { end(); }

  // Starts command[0], searched on PATH. A program that is missing is a diagnostic that names it.
  static Result<ChildProcess, Diagnostic> start(const std::vector<std::string>& command,
                                                const Streams& streams);

  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // The exit code when it has ended (128 + signal when it was killed), without waiting.
  std::optional<int> ended();
  // Asks it to end, insists after a second, and waits. No effect when it has ended.
  void end();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

// The build folder that the running program belongs to (build/bin/hmr: build), where
// devices/<board>.elf and bin/runicos lie. RUNE_BUILD names another one, for tests.
std::string build_folder();

// Seconds since some fixed moment; never goes back.
double now_seconds();

}  // namespace rune::hammer
