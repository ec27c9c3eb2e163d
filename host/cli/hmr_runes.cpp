// hmr ps, start, stop, kill, rm, logs: the runes of one device
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "host/cli/hmr_internal.h"

namespace rune::cli {
namespace {

// A rune may print faster than its log can be read: one look takes so many parts at most.
constexpr int kMaxLogParts = 64;
constexpr auto kFollowPause = std::chrono::milliseconds(250);

int ps(const Hmr& hmr) {
  auto device = open_device(hmr);
  if (!device.ok()) return fail(device.error());
  const auto runes = device.value().list();
  if (!runes.ok()) return fail(runes.error());
  if (hmr.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const hammer::RuneState& each : runes.value()) {
      nlohmann::json one = {{"name", each.name}, {"state", each.state}, {"bytes", each.bytes}};
      if (!each.error.empty()) one["error"] = each.error;
      all.push_back(one);
    }
    fmt::print("{}\n", nlohmann::json{{"runes", all}}.dump());
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"Name", "State", "Bytes", "Error"}};
  for (const hammer::RuneState& each : runes.value()) {
    rows.push_back({each.name, each.state, std::to_string(each.bytes), each.error});
  }
  print_table(rows);
  return 0;
}

int control(const Hmr& hmr, const std::string& name, const std::string& op) {
  auto device = open_device(hmr);
  if (!device.ok()) return fail(device.error());
  const auto result = device.value().control(name, op);
  if (!result.ok()) return fail(result.error());
  if (result.value().reset) {
    if (auto back = device.value().connect(hmr.timeout_s); !back.ok()) return fail(back.error());
  }
  if (hmr.json) {
    fmt::print("{}\n", nlohmann::json{{"name", name}, {"state", result.value().state}}.dump());
  } else {
    fmt::print("{}: {}\n", name, result.value().state);
  }
  return 0;
}

// The log from `offset` on, part by part; the offset after it.
Result<uint64_t, Diagnostic> read_log(hammer::DeviceClient& device, uint64_t offset, std::string& text) {
  for (int i = 0; i < kMaxLogParts; ++i) {
    auto part = device.log(offset);
    if (!part.ok()) return part.error();
    text += part.value().text;
    const bool last = part.value().text.empty();
    offset = part.value().next;
    if (last) break;
  }
  return offset;
}

// The line is closed between two looks, so that other commands get at the device.
int logs(const Hmr& hmr, bool follow) {
  uint64_t offset = 0;
  do {
    std::string text;
    {
      auto device = open_device(hmr);
      if (!device.ok()) return fail(device.error());
      const auto next = read_log(device.value(), offset, text);
      if (!next.ok()) return fail(next.error());
      // A device that started anew counts from zero again.
      if (next.value() < offset) {
        offset = 0;
        continue;
      }
      offset = next.value();
    }
    if (hmr.json && !follow) {
      fmt::print("{}\n", nlohmann::json{{"log", text}}.dump(-1, ' ', false,
                                                            nlohmann::json::error_handler_t::replace));
    } else {
      fmt::print("{}", text);
    }
    std::fflush(stdout);
    if (follow) std::this_thread::sleep_for(kFollowPause);
  } while (follow && std::ferror(stdout) == 0);
  return 0;
}

void add_control(CLI::App& app, Hmr& hmr, const std::string& command_name, const std::string& op,
                 const std::string& what) {
  CLI::App* command = app.add_subcommand(command_name, what);
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "the rune's name in hmr ps")->required();
  add_device_options(*command, hmr);
  command->footer(fmt::format("Example:\n  hmr {} -t desk sine", command_name));
  command->callback([&hmr, name, op] { hmr.chosen = [&hmr, name, op] { return control(hmr, *name, op); }; });
}

}  // namespace

void add_runes(CLI::App& app, Hmr& hmr) {
  CLI::App* list = app.add_subcommand("ps", "list the runes of a device and their state");
  add_device_options(*list, hmr);
  list->footer("Example:\n  hmr ps -t desk");
  list->callback([&hmr] { hmr.chosen = [&hmr] { return ps(hmr); }; });

  add_control(app, hmr, "start", "start", "start an installed rune");
  add_control(app, hmr, "stop", "stop", "stop a running rune");
  add_control(app, hmr, "kill", "stop", "the same as stop");
  add_control(app, hmr, "rm", "remove", "remove a rune from the device");

  CLI::App* log = app.add_subcommand("logs", "print what the device and its runes have said");
  auto follow = std::make_shared<bool>(false);
  log->add_flag("-f,--follow", *follow, "go on printing what comes");
  add_device_options(*log, hmr);
  log->footer("Example:\n  hmr logs -f -t desk");
  log->callback([&hmr, follow] { hmr.chosen = [&hmr, follow] { return logs(hmr, *follow); }; });
}

}  // namespace rune::cli
