#include "host/hammer/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

namespace rune::hammer {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.release();
  }
  return *this;
}

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

int Descriptor::release() { return std::exchange(number_, -1); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

namespace {

void take_stream(int from, int to) {
  if (from >= 0 && from != to) ::dup2(from, to);
}

// In the child, between fork and exec: only calls that are safe there. The number of what
// failed goes back through `report`.
[[noreturn]] void become(char* const* arguments, const Streams& streams, int report, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int null = ::open("/dev/null", O_RDONLY);
  take_stream(streams.input >= 0 ? streams.input : null, STDIN_FILENO);
  take_stream(streams.output, STDOUT_FILENO);
  take_stream(streams.errors, STDERR_FILENO);
  // dup2 onto itself would leave the close-on-exec flag.
  if (streams.line == kLineDescriptor) ::fcntl(kLineDescriptor, F_SETFD, 0);
  if (report == kLineDescriptor && streams.line >= 0)
    report = ::fcntl(report, F_DUPFD_CLOEXEC, kLineDescriptor + 1);
  take_stream(streams.line, kLineDescriptor);
  // Its own group: a Ctrl-C on the terminal reaches the owner alone, which ends it in order.
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvp(arguments[0], arguments);
  const int error = errno;
  if (::write(report, &error, sizeof error) < 0) ::_exit(126);
  ::_exit(127);
}

}  // namespace

Result<ChildProcess, Diagnostic> ChildProcess::start(const std::vector<std::string>& command,
                                                     const Streams& streams) {
  const auto failed = [&](int error) {
    return Diagnostic{.where = {.file = command.front()},
                      .what = std::string("cannot start the program: ") + std::strerror(error),
                      .hint = error == ENOENT ? "make build, or install the package that has it" : ""};
  };
  std::vector<char*> arguments;
  for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return failed(errno);
  Descriptor reading(report[0]), writing(report[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return failed(errno);
  if (pid == 0) become(arguments.data(), streams, writing.get(), parent);
  writing.reset();
  int error = 0;
  if (::read(reading.get(), &error, sizeof error) == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    return failed(error);
  }
  return ChildProcess(pid);
}

std::optional<int> ChildProcess::ended() {
  if (pid_ <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const double give_up = now_seconds() + 1;
  while (running() && now_seconds() < give_up) {
    if (!ended()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string build_folder() {
  if (const char* named = std::getenv("RUNE_BUILD"); named != nullptr) return named;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path().string();
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace rune::hammer
