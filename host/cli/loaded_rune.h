// A rune read from a file and verified as far as that goes without running it.
#pragma once

#include <string>

#include "device/format/model_image.h"
#include "device/format/rune.h"
#include "host/support/files.h"

namespace rune::cli {

struct LoadedRune {
  ByteVector bytes;  // what the views below point into: do not copy, move only
  format::RuneFile file;
  format::Manifest manifest;

  LoadedRune() = default;
  LoadedRune(LoadedRune&&) = default;
  LoadedRune& operator=(LoadedRune&&) = default;
};

// Sections, manifest, and every model's image (each of its forms) with its checksum. The
// diagnostic names the section that is wrong.
Result<LoadedRune, Diagnostic> load_rune(const std::string& path);

// "graph" for a section rune.graph, "cortex-m4" for rune.model.NAME.cortex-m4: what follows the
// prefix and the name.
std::string model_target(std::string_view section_name);

}  // namespace rune::cli
