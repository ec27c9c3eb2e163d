// `rune version`.
#include <fmt/format.h>

#include <memory>

#include "device/format/model_image.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"

namespace rune::cli {
namespace {

struct VersionOptions {
  bool verbose = false;
  bool json = false;
  std::string format = "text";
};

int version(const VersionOptions& options) {
  const nlohmann::json all = {{"version", RUNE_VERSION},
                              {"compiler", __VERSION__},
                              {"manifest", 1},
                              {"model_image", format::kModelImageVersion},
                              {"runefile", {1}}};
  if (options.json || options.format == "json") {
    print_json(all);
    return 0;
  }
  std::string text = fmt::format("rune {}\n", RUNE_VERSION);
  if (options.verbose) {
    text += fmt::format(
        "compiler     {}\nmanifest     version 1\nmodel image  version {}\nRunefile     the line dialect; "
        "YAML version 1\n",
        __VERSION__, format::kModelImageVersion);
  }
  print_text(text);
  return 0;
}

}  // namespace

void add_version_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<VersionOptions>();
  CLI::App* command =
      rune.add_subcommand("version", "Prints the version of the tools and of the formats they write");
  command->add_flag("-v,--verbose", options->verbose, "also compiler and formats");
  command->add_option("-f,--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_flag("--json", options->json, "print one JSON object");
  command->footer("Example:\n  rune version -v");
  command->callback([options, &exit_code] { exit_code = version(*options); });
}

}  // namespace rune::cli
