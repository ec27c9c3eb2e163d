// Where devices are: emulated ones, serial ports, and those that the user has written down.
//
//   emulated    state files <runtime folder>/rune-<uid>/targets/<id>.json, written and locked
//               by `hmr emulate` for as long as it runs; a file that nobody locks is removed
//   port        the machine's serial ports; opened only when asked to
//   configured  ~/.config/rune/targets.json: {"targets": [{"id", "name", "serial"}]}
//
// The runtime folder is XDG_RUNTIME_DIR or /tmp. docs/design/link.md describes the files.
// Tested by targets_test.cpp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/hammer/process.h"

namespace rune::hammer {

struct Target {
  enum class Source { kEmulated, kPort, kConfigured };

  std::string id;      // what -t takes: a name or number; of a port its path
  std::string type;    // "SERIAL"
  std::string name;    // the board, or what the port's maker calls it
  std::string serial;  // the line's path
  Source source = Source::kPort;
  bool available = false;

  nlohmann::json json() const;
};

// All of them, emulated ones first. A file that cannot be read is a warning in `warnings`.
std::vector<Target> discover_targets(Diagnostics& warnings);

// The target that `id` means: its id, the only one that begins with it, or a serial path.
// With an empty id, the only available target that is not a bare port. A diagnostic lists
// what is known.
Result<Target, Diagnostic> find_target(const std::string& id);

// The folder of the state files, made when it is missing; refused when it is not the user's own.
Result<std::string, Diagnostic> state_folder();

// The state file of a device that this process emulates: written, locked, and removed at the
// end together with the link <id>.tty beside it.
class StateFile {
 public:
  StateFile() = default;
  StateFile(StateFile&& other) noexcept = default;
  StateFile& operator=(StateFile&& other) noexcept = default;
  ~StateFile() { remove(); }

  // A diagnostic when a running device has that id. `serial` is what <id>.tty points to.
  static Result<StateFile, Diagnostic> create(const std::string& id, const std::string& board,
                                              const std::string& serial);
  void remove();

 private:
  Descriptor lock_;
  std::string path_;
};

// A fresh id: letters and digits in groups, not used by any target so far.
std::string random_id();

}  // namespace rune::hammer
