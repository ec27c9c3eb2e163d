// The model compiler: a trained model in, a model image for a target out.
//
//   Result<CompiledModel, Diagnostic> model = compile_model("net.tflite", {.target = "mps2-an386"});
//   if (!model.ok()) return report(model.error());
//   write_file("net.rim", model.value().image);          // device/format/model_image.h
//
//   Result<ModelSummary, Diagnostic> summary = inspect_model("net.tflite");   // types and operators only
//
// frontends/ read a file into ir/; passes/ rewrite it (docs/design/compiler.md has the order) and place every
// tensor in the arena; emit/ chooses a kernel for each node, packs its parameters and writes the image. The
// same input and options give the same bytes. Accuracy: tests/oracle compares every operator live with TFLM.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "device/base/tensor.h"
#include "device/format/model_image.h"
#include "host/support/files.h"

namespace rune::compiler {

struct CompileOptions {
  // A board or an architecture (see find_target()). "portable" and "linux" make the portable image: every
  // target's reference kernels run it.
  std::string target = "portable";
  format::Rounding rounding = format::Rounding::kDouble;
  // Choose reference kernels even where the target has faster ones: to compare the two.
  bool reference_kernels = false;
  // Called after each pass with its name and the graph as text; null to switch it off.
  std::function<void(std::string_view pass, const std::string& text)> dump;
};

struct NamedTensor {
  std::string name;
  TensorType type;
};

struct CompiledModel {
  ByteVector image;
  std::string target;  // as in the image: "portable", "cortex-m4"
  uint32_t arena_bytes = 0;
  std::vector<std::string> kernels;  // the image's kernel names, in its order
  std::vector<NamedTensor> inputs;
  std::vector<NamedTensor> outputs;
};

// What a build for a target means: the name its images carry and the kernel sets it has beside the reference.
struct Target {
  std::string name;                      // "mps2-an386"
  std::string image;                     // "cortex-m4"; the <target> of rune.model.<name>.<target>
  std::vector<std::string> kernel_sets;  // best first: {"dsp"}
};

// By board name or by image name; the diagnostic lists what there is.
Result<Target, Diagnostic> find_target(const std::string& name);

// Compiles a file, or the bytes of one; `name` is what messages call it.
Result<CompiledModel, Diagnostic> compile_model(const std::string& path, const CompileOptions& options = {});
Result<CompiledModel, Diagnostic> compile_model(Bytes file, std::string_view name,
                                                const CompileOptions& options);

struct OperatorSummary {
  std::string name;  // "conv_2d"; for an image the kernel's name, "conv_2d_s8"
  uint32_t count = 0;
  uint64_t multiply_accumulates = 0;  // 0 for an image: its parameters are packed
};

struct ModelSummary {
  std::string format;  // "tflite" or "image"
  std::vector<NamedTensor> inputs;
  std::vector<NamedTensor> outputs;
  std::vector<OperatorSummary> operators;  // in order of first use
  std::string quantisation;  // "int8 per channel", "int8 per tensor", "float32", "float32 with int8 weights"
  uint64_t multiply_accumulates = 0;
  uint64_t weight_bytes = 0;  // for an image: its constants and packed parameters
  // Images only:
  std::string target;
  uint32_t arena_bytes = 0;
  uint32_t image_bytes = 0;
};

// Whether these bytes are a model image (and not a model to compile).
bool is_image(Bytes file);

// Reads a model without compiling it: a .tflite file or a model image.
Result<ModelSummary, Diagnostic> inspect_model(const std::string& path);
Result<ModelSummary, Diagnostic> inspect_model(Bytes file, std::string_view name);

}  // namespace rune::compiler
