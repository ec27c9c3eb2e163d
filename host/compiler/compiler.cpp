// The order of the compiler's work: import, passes, a kernel for each node, memory, image.
#include "host/compiler/compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/compiler/compiler_internal.h"
#include "host/compiler/emit/emit.h"
#include "host/compiler/frontends/tflite/tflite.h"
#include "host/compiler/ir/verify.h"
#include "host/compiler/passes/passes.h"

namespace rune::compiler {
namespace {

// A broken graph after a pass is our own bug; it is reported, not compiled.
std::optional<Diagnostic> run_passes(ir::Graph& graph, const CompileOptions& options) {
  if (options.dump) options.dump("import", ir::to_text(graph));
  for (const passes::Pass& pass : passes::kPasses) {
    pass.run(graph);
    if (std::optional<std::string> broken = ir::verify(graph)) {
      return Diagnostic{.where = {.file = graph.source},
                        .what = fmt::format("pass {} broke the graph: {}", pass.name, *broken),
                        .hint = "reporting this with the model"};
    }
    if (options.dump) options.dump(pass.name, ir::to_text(graph));
  }
  return {};
}

std::string plan_text(const ir::Graph& graph, const std::vector<emit::LoweredNode>& nodes,
                      const passes::MemoryPlan& plan) {
  std::string text =
      fmt::format("arena {} bytes, lower bound {}\n", plan.arena_bytes, plan.lower_bound_bytes);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const ir::TensorId out = nodes[i].outputs[0];
    text += fmt::format("{} {}: params {} bytes, scratch {} at {}, output {} at {}\n", nodes[i].kernel,
                        graph.nodes[i].name, nodes[i].params.size(), nodes[i].needs.scratch_bytes,
                        plan.scratch_offsets[i], graph.tensors[out].size_bytes(), plan.tensor_offsets[out]);
  }
  return text;
}

Result<CompiledModel, Diagnostic> emit_model(const ir::Graph& graph, const Target& target,
                                             const CompileOptions& options) {
  std::vector<emit::LoweredNode> nodes;
  std::vector<passes::KernelNeeds> needs;
  for (const ir::Node& node : graph.nodes) {
    Result<emit::LoweredNode, Diagnostic> lowered = emit::lower(graph, node, target, options.rounding);
    if (!lowered.ok()) return lowered.error();
    needs.push_back(lowered.value().needs);
    nodes.push_back(std::move(lowered.value()));
  }
  const passes::MemoryPlan plan = passes::plan_memory(graph, needs);
  if (options.dump) options.dump("plan", plan_text(graph, nodes, plan));
  Result<ByteVector, Diagnostic> image =
      emit::write_image({graph, nodes, plan, target.image, options.rounding});
  if (!image.ok()) return image.error();

  CompiledModel model;
  model.image = std::move(image.value());
  model.target = target.image;
  model.arena_bytes = plan.arena_bytes;
  for (const emit::LoweredNode& node : nodes) {
    if (std::find(model.kernels.begin(), model.kernels.end(), node.kernel) == model.kernels.end()) {
      model.kernels.push_back(node.kernel);
    }
  }
  model.inputs = named_tensors(graph, graph.inputs);
  model.outputs = named_tensors(graph, graph.outputs);
  return model;
}

}  // namespace

Result<CompiledModel, Diagnostic> compile_model(Bytes file, std::string_view name,
                                                const CompileOptions& options) {
  Result<Target, Diagnostic> target = find_target(options.target);
  if (!target.ok()) return target.error();
  if (options.reference_kernels) target.value().kernel_sets.clear();
  const ByteVector aligned(file.begin(), file.end());  // FlatBuffers reads in place and wants alignment
  Result<ir::Graph, Diagnostic> graph = import_tflite(aligned, name);
  if (!graph.ok()) return graph.error();
  if (std::optional<Diagnostic> broken = run_passes(graph.value(), options)) return *broken;
  return emit_model(graph.value(), target.value(), options);
}

Result<CompiledModel, Diagnostic> compile_model(const std::string& path, const CompileOptions& options) {
  Result<ByteVector, Diagnostic> file = read_file(path);
  if (!file.ok()) return file.error();
  return compile_model(file.value(), path, options);
}

}  // namespace rune::compiler
