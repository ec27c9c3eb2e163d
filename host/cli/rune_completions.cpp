// `rune completions`: made from the commands and options that the program has.
#include <memory>

#include "host/cli/completion.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"

namespace rune::cli {

void add_completions_command(CLI::App& rune, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = rune.add_subcommand("completions", "Prints a completion script for a shell");
  command->alias("completion");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("Example:\n  source <(rune completions bash)");
  command->callback([&rune, &exit_code, shell] {
    print_text(completion_script(rune, *shell));
    exit_code = 0;
  });
}

}  // namespace rune::cli
