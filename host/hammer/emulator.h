// Emulated boards: QEMU's command line, and images run to their end.
//
//   ImageLaunch launch{.board = "mps2-an386", .image = board_image("mps2-an386", "model_runner"),
//                      .arguments = {{"model", "x.rim"}, {"input", "x.bin"}}, .icount_shift = 6};
//   Result<ImageRun, Diagnostic> run = run_image(launch, 60);
//   if (run.ok() && run.value().exit_code == 0) parse(run.value().output);
//
// The arguments reach the image as its semihosting command line, words key=value with %20 and
// the like for characters that a word cannot hold (ports/common/semihosting.h reads them).
// Devices that live on, with a serial line: emulated_device.h. Tested by emulator_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/support/result.h"

namespace rune::hammer {

struct Board {
  std::string name;  // "mps2-an386"; also the emulator's machine name
  // Where the store's file is mapped when the emulator starts; 0: the firmware reads it itself.
  uint32_t flash_address = 0;
  uint32_t flash_bytes = 0;
};

// The emulated boards that `hmr emulate` and `--target` know.
const std::vector<Board>& boards();
// Names the known boards, and the nearest one, when there is no such board.
Result<Board, Diagnostic> find_board(const std::string& name);

// build/devices/<image>-<board>.elf, or the board's firmware build/devices/<board>.elf when
// `image` is empty. Whether it exists is for run_image() to find.
std::string board_image(const std::string& board, const std::string& image = {});

struct ImageLaunch {
  std::string board = {};
  std::string image = {};                                           // the ELF file
  std::vector<std::pair<std::string, std::string>> arguments = {};  // key, value
  // Each instruction takes 2^shift ns of the board's time, exactly; unset: as fast as it goes.
  std::optional<int> icount_shift = {};
  std::vector<std::pair<std::string, uint32_t>> files = {};  // mapped at an address
  int uart_descriptor = -1;  // a connected socket in the emulator's process; -1: nothing on the UART
};

// The program and its arguments. Requires a board of boards().
std::vector<std::string> emulator_command(const ImageLaunch& launch);

struct ImageRun {
  int exit_code = 0;   // the image's; 128 and above: the emulator was killed by a signal
  std::string output;  // what the image printed
  std::string errors;  // what the emulator had to say
  double seconds = 0;
};

// Runs an image to its end. A diagnostic: unknown board, missing image or emulator, or no end
// within timeout_s (the emulator is then killed). An exit code other than 0 is a result.
Result<ImageRun, Diagnostic> run_image(const ImageLaunch& launch, double timeout_s);

}  // namespace rune::hammer
