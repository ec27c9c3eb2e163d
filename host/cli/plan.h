// Joins the layers that are strangers to each other: what the checker asks of the compiler and
// the block library, and a checked pipeline as a plan that the linker builds.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/runefile/runefile.h"
#include "host/wasmtool/wasmtool.h"

namespace rune::cli {

// Blocks by reference, each loaded (and compiled) once.
class LoadedBlocks {
 public:
  LoadedBlocks() : library_(wasmtool::BlockLibrary::default_folder()) {}

  Result<const wasmtool::Block*, Diagnostic> load(const std::string& reference);
  std::vector<std::string> names() const { return library_.names(); }

 private:
  wasmtool::BlockLibrary library_;
  std::map<std::string, wasmtool::Block> blocks_;
};

// `blocks` must outlive the environment.
runefile::Environment make_environment(LoadedBlocks& blocks);

// Compiles the models (portable first, then one form for each of `targets`) and lays out the plan.
// `targets` are names that compiler::find_target() knows.
Result<wasmtool::BuildPlan, Diagnostics> make_plan(const Pipeline& pipeline,
                                                   const std::vector<std::string>& targets,
                                                   LoadedBlocks& blocks);

}  // namespace rune::cli
