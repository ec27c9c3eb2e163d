// Runefiles: text in, a checked and typed pipeline out.
//
//   Environment environment;                        // who knows models and blocks
//   environment.read_model = [](const std::string& path) { ... };
//   environment.read_block = [](const std::string& path) { ... };
//   auto checked = check_runefile("Runefile", environment);
//   if (!checked.ok()) return report(checked.error());     // every finding, in order of lines
//   build(checked.value().pipeline);
//
// Two dialects, told apart by their first line: the Dockerfile-like one (CAPABILITY, PROC_BLOCK,
// MODEL, RUN, OUT) and YAML `version: 1`. docs/spec/runefile.md is the page. The stages of the way:
//
//   dockerfile.cpp, yaml.cpp   text -> Runefile, what is written, each part with its line
//   resolve.cpp                FROM, names and RUN lines -> stages in execution order
//   capability.cpp, block.cpp  arguments, and what each stage can give and take
//   infer.cpp                  element types and shapes, forwards and backwards, conversions
//
// Any bytes are safe input (tests/fuzz/runefile_fuzz.cpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/support/pipeline.h"

namespace rune::runefile {

// The tensors of a model file.
struct ModelInterface {
  std::vector<TensorType> inputs;
  std::vector<TensorType> outputs;
};

struct BlockSource {
  BlockDescriptor descriptor;
  std::string reference;  // as BlockStage::reference
};

// What the checker asks of the layers beside it. The diagnostics' `where` may be left empty:
// the checker adds the line of the Runefile.
struct Environment {
  // Reads the model file at `path`, which is relative to the current folder.
  std::function<Result<ModelInterface, Diagnostic>(const std::string& path)> read_model;
  // Finds a standard block by its name ("fft"), or reads the file of a user's block.
  std::function<Result<BlockSource, Diagnostic>(const std::string& standard_name)> standard_block;
  std::function<Result<BlockSource, Diagnostic>(const std::string& path)> read_block;
  std::vector<std::string> standard_blocks;  // for messages
};

struct Checked {
  Pipeline pipeline;
  Diagnostics warnings;
};

// `path` may be "-" for nothing but messages when `text` is given.
Result<Checked, Diagnostics> check_runefile(const std::string& path, const Environment& environment);
Result<Checked, Diagnostics> check_runefile_text(const std::string& text, const std::string& path,
                                                 const Environment& environment);

}  // namespace rune::runefile
