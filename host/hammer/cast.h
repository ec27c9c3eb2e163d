// Casting: a rune from a file onto a device, in the stages that people see.
//
//   provider   the device answers, and says what it offers
//   (refusal)  the manifest against the profile: nothing has been sent yet
//   upload     the file into the inactive slot of the rune's name
//   verify     checksum, then the device's own verification and installation
//   start      the rune runs, or has run to the end of its source
//
// A failure at any stage leaves what was installed before as it was.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/hammer/device_client.h"
#include "host/hammer/targets.h"

namespace rune::hammer {

// What to show while casting. Both are required.
struct CastView {
  std::function<void(const std::string& line)> say;
  std::function<void(const std::string& stage, int percent)> progress;  // 100 ends a stage
};

struct CastStage {
  std::string name;
  double seconds = 0;
};

struct CastReport {
  std::string target;
  std::string rune;
  std::string state;
  uint64_t bytes = 0;
  std::vector<CastStage> stages;

  nlohmann::json json() const;
};

Result<CastReport, Diagnostic> cast(const Target& target, const std::string& path, const Patience& patience,
                                    const CastView& view);

// Why the rune does not fit the device, as `hmr` and `rune` print it.
Diagnostic refusal_diagnostic(const format::Refusal& refusal, const std::string& path,
                              const std::string& board);

}  // namespace rune::hammer
