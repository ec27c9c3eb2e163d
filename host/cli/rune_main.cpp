// The `rune` program: a list of subcommands.
#include <csignal>

#include "host/cli/report.h"
#include "host/cli/rune_commands.h"

namespace {

using rune::cli::Colour;

int run(int argc, char** argv) {
  CLI::App app("Packages machine-learning pipelines for small devices", "rune");
  app.require_subcommand(1);
  app.footer(
      "Example:\n  rune build examples/sine/Runefile -o sine.rune\n  rune run sine.rune --capability "
      "random:42");
  rune::cli::Speech speech;
  const std::map<std::string, Colour> colours = {
      {"auto", Colour::kAuto}, {"always", Colour::kAlways}, {"never", Colour::kNever}};
  app.add_option("--colour,--color", speech.colour, "colour of messages: auto, always or never")
      ->transform(CLI::CheckedTransformer(colours))
      ->type_name("WHEN");
  app.add_flag("--verbose", speech.verbose, "also say what is being done");
  app.parse_complete_callback([&speech] { rune::cli::set_speech(speech); });
  int exit_code = 0;
  rune::cli::add_build_command(app, exit_code);
  rune::cli::add_check_command(app, exit_code);
  rune::cli::add_inspect_command(app, exit_code);
  rune::cli::add_graph_command(app, exit_code);
  rune::cli::add_run_command(app, exit_code);
  rune::cli::add_model_command(app, exit_code);
  rune::cli::add_version_command(app, exit_code);
  rune::cli::add_completions_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that closes early is an error of a write
  return run(argc, argv);
}
