// A device that lives in this process: a PTY that it owns, and the board's emulator (or the
// Linux RunicOS) behind it, started again whenever the guest resets. PTY and flash file
// survive each reset.
//
//   auto device = EmulatedDevice::start({.board = "mps2-an386", .id = "desk", .flash = "desk.flash"});
//   print(device.value().description());
//   device.value().run(stop_descriptor);      // until a byte arrives there
//
// Bytes from the board are held back for a client that reads slowly and dropped when nobody
// reads, so a device that prints runs on. Tested by tests/hmr.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host/hammer/targets.h"

namespace rune::hammer {

struct EmulatedDeviceOptions {
  std::string board;  // of boards(), or "linux"
  std::string id;
  std::string flash;                                           // the store's file; made when it is missing
  std::string image;                                           // empty: the build's firmware for the board
  std::vector<std::pair<std::string, std::string>> arguments;  // sound.16000=FILE and so on
};

class EmulatedDevice {
 public:
  // Opens the PTY, writes the state file and starts the board.
  static Result<EmulatedDevice, Diagnostic> start(const EmulatedDeviceOptions& options);

  // {"id", "board", "udp": null, "serial"}
  nlohmann::json description() const;

  // Carries bytes until something can be read from `stop`. A diagnostic when the board ends
  // with an error or does not stay up.
  Result<void, Diagnostic> run(int stop);

 private:
  Result<void, Diagnostic> launch();
  Result<void, Diagnostic> relaunch(int code);
  void carry_to_board();
  void carry_to_client();

  EmulatedDeviceOptions options_;
  Descriptor terminal_;     // the PTY's master
  Descriptor client_side_;  // keeps the PTY raw and open while no client is there
  std::string serial_;
  StateFile state_;
  Descriptor board_line_;  // our end of the board's UART
  ChildProcess board_;
  double started_s_ = 0;
  int quick_ends_ = 0;
  std::string to_board_;
  std::string to_client_;
  double client_heard_s_ = 0;  // when the client last sent something
  double client_read_s_ = 0;   // when the PTY last took something
};

}  // namespace rune::hammer
