// What the subcommands of `hmr` share. Each file adds its subcommands to the application and
// leaves in `chosen` what is to be done; hmr_main.cpp runs it after parsing.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "host/hammer/device_client.h"
#include "host/hammer/targets.h"

namespace rune::cli {

struct Hmr {
  std::function<int()> chosen;
  bool json = false;
  std::string target;
  double timeout_s = 8;  // silence of a device before a command gives up

  hammer::Patience patience() const { return {.answer_s = timeout_s / 4, .attempts = 4}; }
};

void add_emulate(CLI::App& app, Hmr& hmr);
void add_targets(CLI::App& app, Hmr& hmr);
void add_runes(CLI::App& app, Hmr& hmr);
void add_stats(CLI::App& app, Hmr& hmr);

// -t, --json and --timeout of a command that speaks to a device.
void add_device_options(CLI::App& command, Hmr& hmr);
void add_json_option(CLI::App& command, Hmr& hmr);

// The device that -t means, connected and answering.
Result<hammer::DeviceClient, Diagnostic> open_device(const Hmr& hmr);

// Prints the finding on standard error; the exit code of a command that failed.
int fail(const Diagnostic& diagnostic);

// Prints rows on standard output, columns aligned; the first row is the heading.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace rune::cli
