// The targets that the compiler knows.
#include <fmt/format.h>

#include <algorithm>

#include "host/compiler/compiler.h"
#include "host/support/text.h"

namespace rune::compiler {
namespace {

const std::vector<Target>& targets() {
  static const std::vector<Target> table = {
      {.name = "portable", .image = "portable", .kernel_sets = {}},
      {.name = "linux", .image = "portable", .kernel_sets = {}},
      {.name = "mps2-an386", .image = "cortex-m4", .kernel_sets = {"dsp"}},
      {.name = "lm3s6965evb", .image = "cortex-m3", .kernel_sets = {}},
  };
  return table;
}

}  // namespace

Result<Target, Diagnostic> find_target(const std::string& name) {
  for (const Target& target : targets()) {
    if (target.name == name || target.image == name) return target;
  }
  std::vector<std::string> names;
  for (const Target& target : targets()) names.push_back(target.name);
  return Diagnostic{.what = fmt::format("there is no target \"{}\"", name), .hint = one_of(names)};
}

}  // namespace rune::compiler
