// hmr stats: what a device measured of the rune that runs on it
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/cli/hmr_internal.h"

namespace rune::cli {
namespace {

// Stages in the order in which people think of a call; docs/spec/metrics.md.
constexpr const char* kStages[] = {"capability", "guest", "model", "output", "call"};

std::string milliseconds(uint64_t microseconds) {
  return fmt::format("{:.3f}", static_cast<double>(microseconds) / 1000);
}

void print_stages(const nlohmann::json& stages) {
  std::vector<std::vector<std::string>> rows = {{"Stage", "Calls", "Mean ms", "Longest ms"}};
  for (const char* name : kStages) {
    const nlohmann::json& stage = stages.at(name);
    const auto count = stage.at("n").get<uint64_t>();
    if (count == 0) continue;
    rows.push_back({name, std::to_string(count), milliseconds(stage.at("us").get<uint64_t>() / count),
                    milliseconds(stage.at("max").get<uint64_t>())});
  }
  print_table(rows);
}

int stats(const Hmr& hmr) {
  auto device = open_device(hmr);
  if (!device.ok()) return fail(device.error());
  const auto bytes = device.value().metrics();
  if (!bytes.ok()) return fail(bytes.error());
  const nlohmann::json metrics = nlohmann::json::from_cbor(bytes.value(), true, false);
  if (metrics.is_discarded()) return fail(Diagnostic{.what = "the device's metrics are no CBOR"});
  if (hmr.json) {
    fmt::print("{}\n", metrics.dump());
    return 0;
  }
  try {
    if (metrics.at("ram").at("used").get<uint64_t>() == 0) {
      fmt::print("No rune is running\n");
      return 0;
    }
    print_stages(metrics.at("stages"));
    const nlohmann::json& ram = metrics.at("ram");
    fmt::print("RAM for runes: {} of {} bytes used: {} linear memory, {} model arena\n",
               ram.at("used").get<uint64_t>(), ram.at("pool").get<uint64_t>(),
               ram.at("linear").get<uint64_t>(), ram.at("arena").get<uint64_t>());
  } catch (const nlohmann::json::exception&) {
    return fail(Diagnostic{.what = "the device's metrics lack a part of docs/spec/metrics.md",
                           .hint = "a firmware of this version"});
  }
  return 0;
}

}  // namespace

void add_stats(CLI::App& app, Hmr& hmr) {
  CLI::App* command = app.add_subcommand("stats", "print times of the running rune's stages, and memory");
  add_device_options(*command, hmr);
  command->footer("Example:\n  hmr stats -t desk");
  command->callback([&hmr] { hmr.chosen = [&hmr] { return stats(hmr); }; });
}

}  // namespace rune::cli
