// How commands speak: findings and logs on standard error, in colour on a terminal; with
// --json one object on standard output, also when the command failed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/support/diagnostic.h"

namespace rune::cli {

enum class Colour { kAuto, kAlways, kNever };

// What the options before the command say; logging.h's levels follow `verbose`.
struct Speech {
  Colour colour = Colour::kAuto;
  bool verbose = false;
};
void set_speech(const Speech& speech);

// Prints findings on standard error; with `json` also {"errors": [...]} on standard output.
// The exit code of a command that failed.
int fail(const Diagnostics& findings, bool json);
// Findings that do not stop the command.
void warn(const Diagnostics& findings);

// One JSON object and a newline on standard output. Text that is no UTF-8 is replaced.
void print_json(const nlohmann::json& object);
// Text as it is on standard output.
void print_text(const std::string& text);

}  // namespace rune::cli
