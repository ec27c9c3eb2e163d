// `rune build` and `rune check`.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "device/format/manifest.h"
#include "host/cli/plan.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"
#include "host/compiler/compiler.h"

namespace rune::cli {
namespace {

using nlohmann::json;

struct BuildOptions {
  std::string runefile = "Runefile";
  std::string output;
  std::vector<std::string> targets;
  std::string name;
  std::string emit_project;
  bool json = false;
};

json result_json(const BuildOptions& options, const wasmtool::BuildPlan& plan,
                 const wasmtool::BuiltRune& rune, double seconds) {
  json models = json::array();
  for (const wasmtool::PlanModel& model : plan.models) {
    json images = json::array();
    for (const wasmtool::ModelSection& each : model.sections) {
      images.push_back(
          {{"target", each.target.empty() ? "portable" : each.target}, {"bytes", each.image.size()}});
    }
    models.push_back({{"name", model.name}, {"arena_bytes", model.arena_bytes}, {"images", images}});
  }
  return {{"rune", options.output},
          {"name", plan.name},
          {"bytes", rune.bytes.size()},
          {"memory_bytes", rune.memory_bytes},
          {"stack_bytes", rune.stack_bytes},
          {"buffer_bytes", rune.buffer_bytes},
          {"code_bytes", rune.code_bytes},
          {"models", models},
          {"seconds", seconds}};
}

std::string result_text(const BuildOptions& options, const wasmtool::BuiltRune& rune) {
  return fmt::format("{}: {} bytes, linear memory {} bytes\n", options.output, rune.bytes.size(),
                     rune.memory_bytes);
}

Diagnostics check_options(const BuildOptions& options) {
  Diagnostics findings;
  for (const std::string& target : options.targets) {
    const auto known = compiler::find_target(target);
    if (!known.ok()) findings.add(known.error());
  }
  if (!options.name.empty() && !format::valid_name(options.name)) {
    Diagnostic one;
    one.what = fmt::format("\"{}\" cannot name a rune", options.name.substr(0, 80));
    one.hint = "1 to 31 letters, digits, - and _";
    findings.add(one);
  }
  return findings;
}

int build(BuildOptions options) {
  const auto start = std::chrono::steady_clock::now();
  const Diagnostics wrong = check_options(options);
  if (!wrong.empty()) return fail(wrong, options.json);
  LoadedBlocks blocks;
  auto checked = runefile::check_runefile(options.runefile, make_environment(blocks));
  if (!checked.ok()) return fail(checked.error(), options.json);
  warn(checked.value().warnings);
  Pipeline& pipeline = checked.value().pipeline;
  if (!options.name.empty()) pipeline.name = options.name;
  if (options.output.empty()) options.output = pipeline.name + ".rune";
  const auto plan = make_plan(pipeline, options.targets, blocks);
  if (!plan.ok()) return fail(plan.error(), options.json);
  const auto rune = wasmtool::build_rune(plan.value(), {.emit_project = options.emit_project});
  if (!rune.ok()) return fail(rune.error(), options.json);
  const auto written = write_file(options.output, rune.value().bytes);
  if (!written.ok()) return fail(written.error(), options.json);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  spdlog::debug("built in {:.2f} s", seconds.count());
  if (options.json) {
    print_json(result_json(options, plan.value(), rune.value(), seconds.count()));
  } else if (options.output != "-") {
    print_text(result_text(options, rune.value()));
  }
  return 0;
}

int check(const std::string& file, bool as_json) {
  LoadedBlocks blocks;
  const auto checked = runefile::check_runefile(file, make_environment(blocks));
  if (!checked.ok()) return fail(checked.error(), as_json);
  warn(checked.value().warnings);
  const Pipeline& pipeline = checked.value().pipeline;
  if (as_json) {
    print_json({{"ok", true}, {"warnings", checked.value().warnings.json()}, {"graph", to_json(pipeline)}});
    return 0;
  }
  std::string text;
  for (const Stage& stage : pipeline.stages) {
    std::string outputs;
    for (const TensorType& type : stage.outputs) outputs += (outputs.empty() ? "" : ", ") + type_text(type);
    if (!outputs.empty()) text += fmt::format("{}: {}\n", stage.name, outputs);
  }
  print_text(text);
  return 0;
}

}  // namespace

void add_build_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App* command = rune.add_subcommand("build", "Builds a rune from a Runefile");
  command->add_option("FILE", options->runefile, "the Runefile")->capture_default_str();
  command->add_option("-o,--output", options->output, "the rune to write; NAME.rune when left out");
  command->add_option("-t,--target", options->targets,
                      "also pack the models for this board or core; may be repeated");
  command->add_option("-n,--name", options->name, "the rune's name; the Runefile's folder when left out");
  command->add_option("--emit-project", options->emit_project,
                      "keep every intermediate file and the commands in this folder");
  command->add_flag("--json", options->json, "print one JSON object");
  command->footer("Example:\n  rune build examples/sine/Runefile -o sine.rune --target mps2-an386");
  command->callback([options, &exit_code] { exit_code = build(*options); });
}

void add_check_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App* command = rune.add_subcommand("check", "Checks a Runefile and prints the type of every stage");
  command->add_option("FILE", options->runefile, "the Runefile")->capture_default_str();
  command->add_flag("--json", options->json, "print one JSON object");
  command->footer("Example:\n  rune check examples/sine/Runefile");
  command->callback([options, &exit_code] { exit_code = check(options->runefile, options->json); });
}

}  // namespace rune::cli
