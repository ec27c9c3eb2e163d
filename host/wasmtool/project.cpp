// `--emit-project`: everything a build made, and a script that makes it again.
#include <filesystem>

#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {

Result<void, Diagnostic> write_project(const std::string& folder, const Project& project) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Diagnostic{.where = {.file = folder}, .what = "cannot make this folder: " + error.message()};
  std::string script =
      "#!/bin/sh\n"
      "# Links the pipeline with its blocks and puts the rune's sections in front of the module's.\n"
      "# pipeline.o has _call and _manifest: wasm-objdump -dr pipeline.o shows them.\n"
      "set -eu\n"
      "cd \"$(dirname \"$0\")\"\n";
  for (const std::string& part : project.link) script += part + " ";
  script += "\n{ head -c 8 module.wasm; cat front.sections; tail -c +9 module.wasm; } > " +
            project.rune_name + ".rune\n";
  for (const auto& [name, bytes] : project.files) {
    const auto written = write_file(folder + "/" + name, bytes);
    if (!written.ok()) return written.error();
  }
  const auto front = write_file(folder + "/front.sections", project.front);
  if (!front.ok()) return front.error();
  const auto written = write_text_file(folder + "/build.sh", script);
  if (!written.ok()) return written.error();
  std::filesystem::permissions(folder + "/build.sh", std::filesystem::perms::owner_exec,
                               std::filesystem::perm_options::add, error);
  return {};
}

}  // namespace rune::wasmtool
