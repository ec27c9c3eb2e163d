// hmr targets ls, hmr targets cast
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "host/cli/hmr_internal.h"
#include "host/hammer/cast.h"

namespace rune::cli {
namespace {

constexpr double kProbe_s = 1;
constexpr int kBarCharacters = 30;

// Asks what listens at a bare port; one that does not answer is not available.
void probe(hammer::Target& target) {
  if (target.source != hammer::Target::Source::kPort || !target.available) return;
  target.available = false;
  auto line = hammer::SerialLine::open(target.serial, 0.1);
  if (!line.ok()) return;
  hammer::DeviceClient device(std::move(line.value()), {.answer_s = kProbe_s, .attempts = 1});
  if (!device.connect(kProbe_s).ok()) return;
  target.available = true;
  if (const auto information = device.information(); information.ok()) target.name = information.value();
}

int list(const Hmr& hmr, bool probe_ports) {
  Diagnostics warnings;
  std::vector<hammer::Target> targets = hammer::discover_targets(warnings);
  for (const Diagnostic& each : warnings) (void)fail(each);
  if (probe_ports) {
    for (hammer::Target& each : targets) probe(each);
  }
  if (hmr.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const hammer::Target& each : targets) all.push_back(each.json());
    fmt::print("{}\n", nlohmann::json{{"targets", all}}.dump());
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"Target", "Type", "Name", "Available"}};
  for (const hammer::Target& each : targets) {
    rows.push_back({each.id, each.type, each.name, each.available ? "True" : "False"});
  }
  print_table(rows);
  return 0;
}

// The stages on a terminal, redrawn as they go; elsewhere one line at the end of each.
hammer::CastView terminal_view() {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  hammer::CastView view;
  view.say = [](const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  view.progress = [terminal](const std::string& stage, int percent) {
    if (percent == 100) {
      fmt::print("{}{}: 100%\n", terminal ? "\r\033[K" : "", stage);
    } else if (terminal) {
      const int filled = percent * kBarCharacters / 100;
      fmt::print("\r\033[K{}: {:3}% [{}{}]", stage, percent, std::string(static_cast<size_t>(filled), '#'),
                 std::string(static_cast<size_t>(kBarCharacters - filled), '.'));
    }
    std::fflush(stdout);
  };
  return view;
}

void print_times(const hammer::CastReport& report) {
  std::string times;
  double total_s = 0, upload_s = 0;
  for (const hammer::CastStage& each : report.stages) {
    times += fmt::format("{}{} {:.2f} s", times.empty() ? "" : ", ", each.name, each.seconds);
    total_s += each.seconds;
    if (each.name == "upload") upload_s = each.seconds;
  }
  fmt::print("Rune {} is {}: {} bytes in {:.2f} s ({}; {:.1f} kB/s)\n", report.rune, report.state,
             report.bytes, total_s, times,
             upload_s > 0 ? static_cast<double>(report.bytes) / 1000 / upload_s : 0.0);
}

int cast(const Hmr& hmr, const std::string& path) {
  const auto target = hammer::find_target(hmr.target);
  if (!target.ok()) return fail(target.error());
  hammer::CastView view = terminal_view();
  if (hmr.json) {
    view.say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
    view.progress = [](const std::string& stage, int percent) {
      if (percent == 100) fmt::print(stderr, "{}: 100%\n", stage);
    };
  }
  const auto report = hammer::cast(target.value(), path, hmr.patience(), view);
  if (!report.ok()) {
    if (!hmr.json && ::isatty(STDOUT_FILENO) == 1) fmt::print("\n");
    std::fflush(stdout);
    return fail(report.error());
  }
  if (hmr.json) {
    fmt::print("{}\n", report.value().json().dump());
  } else {
    print_times(report.value());
  }
  return 0;
}

}  // namespace

void add_targets(CLI::App& app, Hmr& hmr) {
  CLI::App* targets = app.add_subcommand("targets", "list devices, cast runes to them");
  targets->require_subcommand(1);
  targets->footer("Example:\n  hmr targets ls");

  CLI::App* ls = targets->add_subcommand("ls", "list emulated, configured and serial devices");
  auto probe_ports = std::make_shared<bool>(false);
  ls->add_flag("--probe", *probe_ports, "open each serial port and ask who is there");
  add_json_option(*ls, hmr);
  ls->footer("Example:\n  hmr targets ls --json");
  ls->callback([&hmr, probe_ports] { hmr.chosen = [&hmr, probe_ports] { return list(hmr, *probe_ports); }; });

  CLI::App* command = targets->add_subcommand("cast", "send a rune to a device, install and start it");
  auto path = std::make_shared<std::string>();
  command->add_option("RUNE", *path, "the .rune file")->required();
  add_device_options(*command, hmr);
  command->footer("Example:\n  hmr targets cast -t desk ./sine.rune");
  command->callback([&hmr, path] { hmr.chosen = [&hmr, path] { return cast(hmr, *path); }; });
}

}  // namespace rune::cli
