// `<program> completion bash|zsh|fish`: a script for the shell, made from the commands and
// options that the application has.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace rune::cli {

// Adds the subcommand; call it after all others. Leaves in `chosen` the printing of the script.
void add_completion(CLI::App& app, std::function<int()>& chosen);

// The script; empty for another shell than bash, zsh and fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace rune::cli
