#include "host/cli/completion.h"

#include <fmt/format.h>

namespace rune::cli {
namespace {

// A command by its path ("targets cast") and the words that may follow it.
struct Words {
  std::string path;
  std::vector<std::string> words;
};

void collect(const CLI::App& command, const std::string& path, std::vector<Words>& into) {
  Words here{path, {}};
  for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; })) {
    here.words.push_back(each->get_name());
  }
  for (const CLI::Option* each : command.get_options()) {
    for (const std::string& name : each->get_lnames()) here.words.push_back("--" + name);
    for (const std::string& name : each->get_snames()) here.words.push_back("-" + name);
  }
  into.push_back(here);
  for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; })) {
    collect(*each, path.empty() ? each->get_name() : path + " " + each->get_name(), into);
  }
}

// The path is made of the leading words that are no options; files complete where no word does.
std::string bash_script(const std::string& program, const std::vector<Words>& all) {
  std::string script = fmt::format(
      "_{0}() {{\n  local path=\"\" word\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \"${{path:+$path }}$word\" in\n",
      program);
  for (const Words& each : all) {
    if (!each.path.empty()) script += fmt::format("      \"{0}\") path=\"{0}\" ;;\n", each.path);
  }
  script += "    esac\n  done\n  case \"$path\" in\n";
  for (const Words& each : all) {
    script +=
        fmt::format("    \"{}\") COMPREPLY=($(compgen -W \"{}\" -- \"${{COMP_WORDS[COMP_CWORD]}}\")) ;;\n",
                    each.path, fmt::join(each.words, " "));
  }
  return script + fmt::format("  esac\n}}\ncomplete -o default -F _{0} {0}\n", program);
}

std::string fish_script(const std::string& program, const std::vector<Words>& all) {
  std::string script;
  for (const Words& each : all) {
    std::string condition = each.path.empty() ? "__fish_use_subcommand" : "";
    for (size_t at = 0; at < each.path.size();) {
      const size_t end = std::min(each.path.find(' ', at), each.path.size());
      condition += (condition.empty() ? "" : "; and ") +
                   ("__fish_seen_subcommand_from " + each.path.substr(at, end - at));
      at = end + 1;
    }
    for (const std::string& word : each.words) {
      const size_t dashes = std::min<size_t>(word.find_first_not_of('-'), 2);
      const char* kind = dashes == 2 ? "-l " : dashes == 1 ? "-s " : "-a ";
      script += fmt::format("complete -c {} -n '{}' {}{}\n", program, condition, kind, word.substr(dashes));
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Words> all;
  collect(app, "", all);
  if (shell == "bash") return bash_script(app.get_name(), all);
  if (shell == "zsh")
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(app.get_name(), all);
  return shell == "fish" ? fish_script(app.get_name(), all) : "";
}

void add_completion(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("completion", "print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(fmt::format("Example:\n  source <({} completion bash)", app.get_name()));
  command->callback([&app, &chosen, shell] {
    chosen = [&app, shell] {
      fmt::print("{}", completion_script(app, *shell));
      return 0;
    };
  });
}

}  // namespace rune::cli
