#include "host/hammer/emulator.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "host/hammer/process.h"
#include "host/support/text.h"

namespace rune::hammer {
namespace {

constexpr size_t kMaxOutputBytes = 64u << 20;

// Commas separate options of the emulator and spaces words of the image; see run_board.py.
std::string quoted(const std::string& word) {
  std::string text;
  for (const char each : word) {
    const bool plain = each > ' ' && each != '%' && each != ',';
    text += plain ? std::string(1, each) : fmt::format("%{:02x}", static_cast<unsigned char>(each));
  }
  return text;
}

// The emulator itself doubles a comma in a file name.
std::string doubled_commas(const std::string& path) {
  std::string text;
  for (const char each : path) text.append(each == ',' ? 2 : 1, each);
  return text;
}

// Moves what has arrived to `into`; false at the end of the stream.
bool drain(int descriptor, std::string& into) {
  std::array<char, 65536> chunk;
  const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
  if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
  if (into.size() < kMaxOutputBytes) into.append(chunk.data(), static_cast<size_t>(count));
  return true;
}

// Reads both streams until both end; false when the time is up first.
bool collect(Descriptor& output, Descriptor& errors, ImageRun& run, double until) {
  while (output.open() || errors.open()) {
    std::array<pollfd, 2> waiting{{{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    const double left_s = until - now_seconds();
    if (left_s <= 0) return false;
    ::poll(waiting.data(), waiting.size(), static_cast<int>(std::min(left_s, 1.0) * 1000) + 1);
    if (waiting[0].revents != 0 && !drain(output.get(), run.output)) output.reset();
    if (waiting[1].revents != 0 && !drain(errors.get(), run.errors)) errors.reset();
  }
  return true;
}

Result<void, Diagnostic> check_launch(const ImageLaunch& launch) {
  auto board = find_board(launch.board);
  if (!board.ok()) return board.error();
  std::error_code error;
  if (!std::filesystem::exists(launch.image, error)) {
    return Diagnostic{.where = {.file = launch.image},
                      .what = fmt::format("there is no image for {}", launch.board),
                      .hint = "make build"};
  }
  return {};
}

}  // namespace

const std::vector<Board>& boards() {
  static const std::vector<Board> all = {
      {.name = "mps2-an386"},
      {.name = "lm3s6965evb", .flash_address = 0x20000, .flash_bytes = 128 << 10},
  };
  return all;
}

Result<Board, Diagnostic> find_board(const std::string& name) {
  std::vector<std::string> names;
  for (const Board& each : boards()) {
    if (each.name == name) return each;
    names.push_back(each.name);
  }
  const std::string near = nearest(name, names);
  return Diagnostic{.what = fmt::format("unknown board \"{}\"", name),
                    .hint = near.empty() ? one_of(names) : near};
}

std::string board_image(const std::string& board, const std::string& image) {
  return build_folder() + "/devices/" + (image.empty() ? board : image + "-" + board) + ".elf";
}

std::vector<std::string> emulator_command(const ImageLaunch& launch) {
  std::string semihosting = "enable=on,target=native,chardev=console";
  for (const auto& [key, value] : launch.arguments) semihosting += ",arg=" + quoted(key + "=" + value);
  // -no-reboot: a reset of the guest ends the emulator; the owner starts it again, with what
  // the guest left in its files.
  std::vector<std::string> command = {"qemu-system-arm",
                                      "-M",
                                      launch.board,
                                      "-kernel",
                                      launch.image,
                                      "-display",
                                      "none",
                                      "-monitor",
                                      "none",
                                      "-no-reboot",
                                      "-chardev",
                                      "stdio,id=console,signal=off",
                                      "-semihosting-config",
                                      semihosting};
  if (launch.uart_descriptor >= 0) {
    command.insert(command.end(), {"-chardev", fmt::format("socket,id=uart,fd={}", launch.uart_descriptor),
                                   "-serial", "chardev:uart"});
  } else {
    command.insert(command.end(), {"-serial", "null"});
  }
  if (launch.icount_shift) {
    command.insert(command.end(), {"-icount", fmt::format("shift={},sleep=off", *launch.icount_shift)});
  }
  for (const auto& [path, address] : launch.files) {
    command.insert(command.end(), {"-device", fmt::format("loader,file={},addr={:#x},force-raw=on",
                                                          doubled_commas(path), address)});
  }
  return command;
}

Result<ImageRun, Diagnostic> run_image(const ImageLaunch& launch, double timeout_s) {
  if (auto checked = check_launch(launch); !checked.ok()) return checked.error();
  const double begin = now_seconds();
  int output[2], errors[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return Diagnostic{.what = "no pipe for the emulator"};
  Descriptor output_in(output[0]), output_out(output[1]);
  if (::pipe2(errors, O_CLOEXEC) != 0) return Diagnostic{.what = "no pipe for the emulator"};
  Descriptor errors_in(errors[0]), errors_out(errors[1]);
  auto started = ChildProcess::start(emulator_command(launch), {-1, output_out.get(), errors_out.get()});
  if (!started.ok()) return started.error();
  ChildProcess emulator = std::move(started.value());
  output_out.reset();
  errors_out.reset();
  ImageRun run;
  const bool complete = collect(output_in, errors_in, run, begin + timeout_s);
  run.seconds = now_seconds() - begin;
  if (!complete) {
    return Diagnostic{.where = {.file = launch.image, .node = launch.board},
                      .what = "the image does not come to an end",
                      .limit = static_cast<int64_t>(timeout_s),
                      .unit = "seconds",
                      .hint = "a longer time, or fewer samples"};
  }
  std::optional<int> code;
  while (!(code = emulator.ended())) ::usleep(1000);
  run.exit_code = *code;
  return run;
}

}  // namespace rune::hammer
