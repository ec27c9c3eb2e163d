#include "host/hammer/serial_line.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace rune::hammer {
namespace {

constexpr double kStalledWrite_s = 2;

Diagnostic cannot_open(const std::string& path, const std::string& why, std::string hint) {
  return {.where = {.file = path}, .what = "cannot open the serial line: " + why, .hint = std::move(hint)};
}

bool set_raw(int descriptor) {
  termios settings{};
  if (::tcgetattr(descriptor, &settings) != 0) return false;
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~(CSTOPB | CRTSCTS);
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  ::cfsetspeed(&settings, B115200);
  return ::tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

bool lock(int descriptor, double timeout_s) {
  const double until = now_seconds() + timeout_s;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (now_seconds() > until) return false;
    ::usleep(20000);
  }
  return true;
}

}  // namespace

Result<SerialLine, Diagnostic> SerialLine::open(const std::string& path, double lock_timeout_s) {
  SerialLine line;
  line.path_ = path;
  line.descriptor_ = Descriptor(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!line.descriptor_.open()) {
    const int error = errno;
    return cannot_open(path, std::strerror(error),
                       error == EACCES ? "a user of the port's group (dialout)" : "hmr targets ls");
  }
  if (!lock(line.descriptor_.get(), lock_timeout_s)) {
    return cannot_open(path, "another program is using it", "again when that one has ended");
  }
  if (!set_raw(line.descriptor_.get())) return cannot_open(path, "it is no serial line", "hmr targets ls");
  ::tcflush(line.descriptor_.get(), TCIOFLUSH);
  return line;
}

size_t SerialLine::read(MutableBytes into) {
  const ssize_t count = ::read(descriptor_.get(), into.data(), into.size());
  if (count > 0) return static_cast<size_t>(count);
  if (count < 0 && errno != EAGAIN && errno != EINTR) gone_ = true;
  return 0;
}

bool SerialLine::wait(double timeout_s) {
  pollfd waiting{descriptor_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout_s * 1000) + 1) <= 0) return false;
  if ((waiting.revents & POLLIN) == 0 && (waiting.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
    gone_ = true;
  return (waiting.revents & POLLIN) != 0;
}

Status SerialLine::write(Bytes bytes) {
  double until = now_seconds() + kStalledWrite_s;
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<size_t>(count));
      until = now_seconds() + kStalledWrite_s;
      continue;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) gone_ = true;
    if (gone_ || now_seconds() > until) return Status::kIo;
    pollfd waiting{descriptor_.get(), POLLOUT, 0};
    ::poll(&waiting, 1, 100);
    if ((waiting.revents & (POLLHUP | POLLERR)) != 0) gone_ = true;
  }
  return Status::kOk;
}

}  // namespace rune::hammer
