// From a checked plan to the bytes of a rune: emit, link, pack.
//
//   BlockLibrary library(BlockLibrary::default_folder());
//   Result<Block, Diagnostic> modulo = library.load("runicos/modulo", ".");     // its descriptor checks the
//   graph BuildPlan plan = ...;                                                       // tensors, steps,
//   models Result<BuiltRune, Diagnostic> rune = build_rune(plan, {}); write_file("sine.rune",
//   rune.value().bytes);
//
// The pipeline becomes a relocatable wasm object of our own making (object_writer.h): straight-line
// `_call`, `_manifest`, and its data. wasm-ld joins it with the blocks' objects; no compiler runs
// unless a block comes as source. The module is then packed with its sections (docs/spec/rune.md).
//
// Layers above convert: host/runefile knows graphs, this folder knows only plans.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "device/base/capability.h"
#include "device/base/tensor.h"
#include "host/support/block_descriptor.h"
#include "host/support/files.h"
#include "host/support/result.h"

namespace rune::wasmtool {

// A processing block, ready to link.
struct Block {
  BlockDescriptor descriptor;
  ByteVector object;      // relocatable wasm object
  std::string path;       // where the object or its source came from
  bool standard = false;  // prebuilt; else it may need the C and C++ libraries
};

// Finds blocks: the standard ones prebuilt in a folder, users' own by path.
class BlockLibrary {
 public:
  explicit BlockLibrary(std::string folder) : folder_(std::move(folder)) {}

  // RUNE_BLOCKS_DIR, else ../blocks from the running program's folder.
  static std::string default_folder();

  // `reference` as a Runefile writes it: a path that starts with `.` or `/` (from `base`, the
  // Runefile's folder) to a .cpp or .c file, a folder of such, or a .o or .wasm object; or a standard
  // block, by the last part of its name: `runicos/fft`, `hotg-ai/rune@v0.11#proc-blocks/fft`, `fft`.
  // Sources are compiled now. Fails with what the compiler said, or the nearest standard name.
  Result<Block, Diagnostic> load(const std::string& reference, const std::string& base) const;

  // Names of the prebuilt blocks, sorted.
  std::vector<std::string> names() const;

 private:
  Result<Block, Diagnostic> load_standard(const std::string& reference) const;

  std::string folder_;
};

// Indices into BuildPlan's lists.
using TensorIndex = uint32_t;

struct PlanCapability {
  CapabilityKind kind = CapabilityKind::kRaw;
  TensorType tensor;
  std::vector<std::pair<std::string, int32_t>> arguments;
};

// One form of a model: the image for every target ("") or packed for one ("cortex-m4").
struct ModelSection {
  std::string target;
  ByteVector image;
};

struct PlanModel {
  std::string name;
  uint32_t arena_bytes = 0;  // of the portable image
  std::vector<TensorType> inputs;
  std::vector<TensorType> outputs;
  std::vector<std::string> kernels;    // of the portable image, each once
  std::vector<ModelSection> sections;  // the portable one first
};

struct PlanOutput {
  OutputKind kind = OutputKind::kSerial;
};

struct PlanResource {
  std::string name;
  ByteVector bytes;
};

// One action of `_call`, in order of execution.
struct PlanStep {
  enum class Kind : uint8_t {
    kRead,   // capability `index` fills outputs[0]
    kBlock,  // block `index` with `arguments`, one for each of its descriptor, in its order
    kModel,  // model `index`
    kWrite,  // inputs go to output `index` in one call; at most 8
  };
  Kind kind = Kind::kRead;
  uint32_t index = 0;
  std::vector<TensorIndex> inputs;
  std::vector<TensorIndex> outputs;
  std::vector<ArgumentValue> arguments;
  uint16_t channel = 0;  // of kWrite: the `channel` of serial output
};

struct BuildPlan {
  std::string name;                 // of the rune
  std::vector<TensorType> tensors;  // each is written by exactly one step, before it is read
  std::vector<PlanCapability> capabilities;
  std::vector<Block> blocks;  // a block used twice stands here once
  std::vector<PlanModel> models;
  std::vector<PlanOutput> outputs;
  std::vector<PlanResource> resources;
  std::vector<PlanStep> steps;
  std::string graph_json;  // section rune.graph
  uint32_t energy_uj = 0;  // per call; 0: not stated
};

struct BuildOptions {
  std::string emit_project;  // folder to keep every intermediate file and a build script in; empty: none
};

struct BuiltRune {
  ByteVector bytes;
  uint32_t memory_bytes = 0;  // linear memory, whole
  uint32_t stack_bytes = 0;   // of it
  uint32_t buffer_bytes = 0;  // of it: tensors between stages, reused where lifetimes allow
  uint32_t code_bytes = 0;    // of the code section
};

// Requires a plan whose indices are in range and whose tensors fit their blocks, models and
// capabilities: kInternal-like diagnostics otherwise, never a bad rune. Fails with the linker's
// words, a manifest limit, or a file that could not be written.
Result<BuiltRune, Diagnostic> build_rune(const BuildPlan& plan, const BuildOptions& options);

}  // namespace rune::wasmtool
