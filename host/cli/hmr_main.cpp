// hmr, the Hammer: finds devices, casts runes to them, watches them run.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "host/cli/completion.h"
#include "host/cli/hmr_internal.h"

namespace rune::cli {

int fail(const Diagnostic& diagnostic) {
  fmt::print(stderr, "hmr: {}\n", diagnostic.text());
  return 1;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += fmt::format("{:<{}}", row[i], i + 1 < row.size() ? widths[i] + 2 : 0);
    fmt::print("{}\n", line);
  }
  std::fflush(stdout);
}

void add_json_option(CLI::App& command, Hmr& hmr) {
  command.add_flag("--json", hmr.json, "print one JSON object on standard output");
}

void add_device_options(CLI::App& command, Hmr& hmr) {
  command.add_option("-t,--target", hmr.target,
                     "id of hmr targets ls, or a serial port; may be left out when there is one");
  command.add_option("--timeout", hmr.timeout_s, "seconds that a device may be silent")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 600.0));
  add_json_option(command, hmr);
}

Result<hammer::DeviceClient, Diagnostic> open_device(const Hmr& hmr) {
  const auto target = hammer::find_target(hmr.target);
  if (!target.ok()) return target.error();
  auto line = hammer::SerialLine::open(target.value().serial);
  if (!line.ok()) return line.error();
  hammer::DeviceClient device(std::move(line.value()), hmr.patience());
  if (auto answers = device.connect(hmr.timeout_s); !answers.ok()) return answers.error();
  return device;
}

namespace {

int run(int argc, char** argv) {
  CLI::App app("Hammer: finds devices, casts runes to them, watches them run", "hmr");
  app.require_subcommand(1);
  app.footer(
      "Example:\n  hmr emulate mps2-an386 --name desk &\n  hmr targets cast -t desk spoken-digits.rune\n"
      "  hmr logs -f -t desk");
  Hmr hmr;
  add_emulate(app, hmr);
  add_targets(app, hmr);
  add_runes(app, hmr);
  add_stats(app, hmr);
  add_completion(app, hmr.chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return hmr.chosen();
}

}  // namespace
}  // namespace rune::cli

int main(int argc, char** argv) {
  // A pipe or a line that closes is an error of its write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  return rune::cli::run(argc, argv);
}
