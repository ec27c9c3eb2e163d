#include "host/hammer/emulated_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/hammer/emulator.h"
#include "host/support/files.h"

namespace rune::hammer {
namespace {

// A board that ends this soon so many times in a row is not resetting but failing.
constexpr double kQuickEnd_s = 0.3;
constexpr int kMaxQuickEnds = 10;
// A few frames; more is held back at the board. An answer waits behind all that is held, so
// this bounds how late it comes from a board that prints without pause.
constexpr size_t kMaxHeldBytes = 8192;
// A client that spoke this recently gets every byte, however slowly it reads.
constexpr double kClientMemory_s = 10;
constexpr double kUnread_s = 0.5;

Diagnostic cannot(const std::string& what) { return {.what = what + ": " + std::strerror(errno)}; }

// The flash file of a board whose emulator maps it at start must exist, whole: erased flash is ones.
Result<void, Diagnostic> prepare_flash(const std::string& path, const Board& board) {
  std::error_code error;
  if (board.flash_bytes == 0) return {};
  const auto size = std::filesystem::exists(path, error) ? std::filesystem::file_size(path, error) : 0;
  if (size == board.flash_bytes) return {};
  if (size != 0) {
    return Diagnostic{.where = {.file = path},
                      .what = "is no flash file of this board",
                      .limit = static_cast<int64_t>(board.flash_bytes),
                      .actual = static_cast<int64_t>(size),
                      .unit = "bytes",
                      .hint = "another --flash"};
  }
  return write_file(path, ByteVector(board.flash_bytes, 0xFF));
}

Result<std::vector<std::string>, Diagnostic> linux_command(const EmulatedDeviceOptions& options) {
  const std::string program = options.image.empty() ? build_folder() + "/bin/runicos" : options.image;
  std::vector<std::string> command = {program};
  if (!options.flash.empty()) command.push_back("flash=" + options.flash);
  for (const auto& [key, value] : options.arguments) command.push_back(key + "=" + value);
  return command;
}

Result<std::vector<std::string>, Diagnostic> board_command(const EmulatedDeviceOptions& options) {
  if (options.board == "linux") return linux_command(options);
  const auto board = find_board(options.board);
  if (!board.ok()) return board.error();
  ImageLaunch launch{.board = options.board,
                     .image = options.image,
                     .arguments = options.arguments,
                     .icount_shift = 0,
                     .uart_descriptor = kLineDescriptor};
  if (launch.image.empty()) launch.image = board_image(options.board);
  std::error_code error;
  if (!std::filesystem::exists(launch.image, error)) {
    return Diagnostic{.where = {.file = launch.image}, .what = "there is no firmware", .hint = "make build"};
  }
  if (!options.flash.empty()) {
    launch.arguments.insert(launch.arguments.begin(), {"flash", options.flash});
    if (auto made = prepare_flash(options.flash, board.value()); !made.ok()) return made.error();
    if (board.value().flash_address != 0) launch.files = {{options.flash, board.value().flash_address}};
  }
  return emulator_command(launch);
}

// A board's console joins our errors; the Linux RunicOS speaks on its standard streams.
Streams streams_of(const std::string& board, int line) {
  if (board == "linux") return {.input = line, .output = line};
  return {.output = STDERR_FILENO, .line = line};
}

// Moves what can be read into `into`, up to kMaxHeldBytes; false when the other end is closed.
bool fill(int from, std::string& into) {
  std::array<char, 16384> chunk;
  const ssize_t count = ::read(from, chunk.data(), std::min(chunk.size(), kMaxHeldBytes - into.size()));
  if (count > 0) into.append(chunk.data(), static_cast<size_t>(count));
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR || errno == EIO));
}

// Bytes that the descriptor took off the front of `from`.
size_t pour(std::string& from, int into) {
  const ssize_t count = ::write(into, from.data(), from.size());
  if (count <= 0) return 0;
  from.erase(0, static_cast<size_t>(count));
  return static_cast<size_t>(count);
}

}  // namespace

Result<EmulatedDevice, Diagnostic> EmulatedDevice::start(const EmulatedDeviceOptions& options) {
  EmulatedDevice device;
  device.options_ = options;
  // Refusals first: nothing is left behind then.
  if (const auto command = board_command(options); !command.ok()) return command.error();
  int master = -1, slave = -1;
  std::array<char, 256> name{};
  if (::openpty(&master, &slave, name.data(), nullptr, nullptr) != 0) return cannot("cannot open a PTY");
  device.terminal_ = Descriptor(master);
  device.client_side_ = Descriptor(slave);
  device.serial_ = name.data();
  termios settings{};
  ::tcgetattr(slave, &settings);
  ::cfmakeraw(&settings);
  ::cfsetspeed(&settings, B115200);
  ::tcsetattr(slave, TCSANOW, &settings);
  for (const int each : {master, slave}) ::fcntl(each, F_SETFD, FD_CLOEXEC);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  auto state = StateFile::create(options.id, options.board, device.serial_);
  if (!state.ok()) return state.error();
  device.state_ = std::move(state.value());
  if (auto launched = device.launch(); !launched.ok()) return launched.error();
  return device;
}

nlohmann::json EmulatedDevice::description() const {
  return {{"id", options_.id}, {"board", options_.board}, {"udp", nullptr}, {"serial", serial_}};
}

Result<void, Diagnostic> EmulatedDevice::launch() {
  const auto command = board_command(options_);
  if (!command.ok()) return command.error();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return cannot("cannot make a socket");
  board_line_ = Descriptor(ends[0]);
  Descriptor far_end(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  auto started = ChildProcess::start(command.value(), streams_of(options_.board, far_end.get()));
  if (!started.ok()) return started.error();
  board_ = std::move(started.value());
  started_s_ = now_seconds();
  return {};
}

Result<void, Diagnostic> EmulatedDevice::relaunch(int code) {
  // What the board said last is still on the line.
  while (board_line_.open() && to_client_.size() < kMaxHeldBytes && fill(board_line_.get(), to_client_)) {
  }
  if (code != 0) {
    return Diagnostic{.where = {.node = options_.board},
                      .what = fmt::format("the board ended with code {}", code),
                      .hint = "another --flash, when its content may be damaged"};
  }
  quick_ends_ = now_seconds() - started_s_ < kQuickEnd_s ? quick_ends_ + 1 : 0;
  if (quick_ends_ >= kMaxQuickEnds) {
    return Diagnostic{.where = {.node = options_.board},
                      .what = "the board resets again and again",
                      .hint = "another --flash, when its content may be damaged"};
  }
  return launch();
}

void EmulatedDevice::carry_to_board() {
  const size_t held = to_board_.size();
  fill(terminal_.get(), to_board_);
  if (to_board_.size() > held) client_heard_s_ = now_seconds();
}

void EmulatedDevice::carry_to_client() {
  const double now = now_seconds();
  if (to_client_.empty() || pour(to_client_, terminal_.get()) > 0) {
    client_read_s_ = now;
  } else if (now - client_read_s_ > kUnread_s && now - client_heard_s_ > kClientMemory_s) {
    to_client_.clear();
  }
}

Result<void, Diagnostic> EmulatedDevice::run(int stop) {
  for (;;) {
    const bool board_there = board_line_.open();
    std::array<pollfd, 3> waiting{{{stop, POLLIN, 0}, {terminal_.get(), 0, 0}, {board_line_.get(), 0, 0}}};
    if (to_board_.size() < kMaxHeldBytes) waiting[1].events |= POLLIN;
    if (!to_client_.empty()) waiting[1].events |= POLLOUT;
    if (to_client_.size() < kMaxHeldBytes) waiting[2].events |= POLLIN;
    if (!to_board_.empty()) waiting[2].events |= POLLOUT;
    ::poll(waiting.data(), waiting.size(), board_there && to_client_.empty() ? 1000 : 20);
    if (waiting[0].revents != 0) {
      board_.end();
      return {};
    }
    if ((waiting[1].revents & POLLIN) != 0) carry_to_board();
    if ((waiting[2].revents & (POLLIN | POLLHUP)) != 0 && !fill(board_line_.get(), to_client_))
      board_line_.reset();
    if ((waiting[2].revents & POLLOUT) != 0 && board_line_.open()) pour(to_board_, board_line_.get());
    carry_to_client();
    if (const auto code = board_.ended()) {
      if (auto again = relaunch(*code); !again.ok()) return again.error();
    }
  }
}

}  // namespace rune::hammer
