// The subcommands of `rune`, one source file each: rune_<command>.cpp.
//
// Each function adds its command to the program. When the command was given, its callback runs it, prints
// results on standard output and findings on standard error, and sets `exit_code`: 0, or 1 when it failed.
// A command line that cannot be parsed ends with 2.
#pragma once

#include <CLI/CLI.hpp>

namespace rune::cli {

void add_build_command(CLI::App& rune, int& exit_code);
void add_check_command(CLI::App& rune, int& exit_code);
void add_inspect_command(CLI::App& rune, int& exit_code);
void add_graph_command(CLI::App& rune, int& exit_code);
void add_run_command(CLI::App& rune, int& exit_code);
// model info, compile, run; and model-info, an alias.
void add_model_command(CLI::App& rune, int& exit_code);
void add_version_command(CLI::App& rune, int& exit_code);
// Call it after all others: the script names what they added.
void add_completions_command(CLI::App& rune, int& exit_code);

}  // namespace rune::cli
