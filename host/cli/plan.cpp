#include "host/cli/plan.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/compiler/compiler.h"

namespace rune::cli {
namespace {

using runefile::BlockSource;
using runefile::ModelInterface;
using wasmtool::BuildPlan;
using wasmtool::PlanStep;
using wasmtool::TensorIndex;

constexpr uint16_t kSerialChannel = 2;  // the original's number of its serial channel

std::vector<TensorType> types_of(const std::vector<compiler::NamedTensor>& tensors) {
  std::vector<TensorType> types;
  for (const compiler::NamedTensor& each : tensors) types.push_back(each.type);
  return types;
}

Result<BlockSource, Diagnostic> find_block(LoadedBlocks& blocks, const std::string& reference) {
  auto block = blocks.load(reference);
  if (!block.ok()) return block.error();
  return BlockSource{block.value()->descriptor, reference};
}

// The library takes what starts with a dot or a slash for a file.
std::string file_reference(const std::string& path) {
  return path.starts_with("/") || path.starts_with("./") || path.starts_with("../") ? path : "./" + path;
}

class Planner {
 public:
  Planner(const Pipeline& pipeline, const std::vector<std::string>& targets, LoadedBlocks& blocks)
      : pipeline_(pipeline), targets_(targets), blocks_(blocks) {}

  Result<BuildPlan, Diagnostics> plan() {
    plan_.name = pipeline_.name;
    plan_.graph_json = to_json(pipeline_).dump();
    for (const Resource& each : pipeline_.resources) plan_.resources.push_back({each.name, each.bytes});
    for (const Stage& stage : pipeline_.stages) add_stage(stage);
    if (!findings_.empty()) return findings_;
    return std::move(plan_);
  }

 private:
  void add_stage(const Stage& stage) {
    PlanStep step;
    for (const Edge& edge : stage.inputs) step.inputs.push_back(first_tensor_[edge.stage] + edge.output);
    first_tensor_.push_back(static_cast<TensorIndex>(plan_.tensors.size()));
    for (const TensorType& type : stage.outputs) {
      step.outputs.push_back(static_cast<TensorIndex>(plan_.tensors.size()));
      plan_.tensors.push_back(type);
    }
    std::visit([&](const auto& what) { fill(stage, what, step); }, stage.what);
    plan_.steps.push_back(std::move(step));
  }

  void fill(const Stage& stage, const CapabilityStage& capability, PlanStep& step) {
    step.kind = PlanStep::Kind::kRead;
    step.index = static_cast<uint32_t>(plan_.capabilities.size());
    plan_.capabilities.push_back({capability.kind, stage.outputs.front(), capability.arguments});
  }

  void fill(const Stage& stage, const BlockStage& block, PlanStep& step) {
    step.kind = PlanStep::Kind::kBlock;
    step.arguments = block.arguments;
    const auto known = std::find(references_.begin(), references_.end(), block.reference);
    step.index = static_cast<uint32_t>(known - references_.begin());
    if (known != references_.end()) return;
    auto loaded = blocks_.load(block.reference);
    if (!loaded.ok()) {
      Diagnostic one = loaded.error();
      one.where = stage.where;
      findings_.add(one);
      return;
    }
    references_.push_back(block.reference);
    plan_.blocks.push_back(*loaded.value());
  }

  void fill(const Stage& stage, const OutputStage& output, PlanStep& step) {
    (void)stage;
    step.kind = PlanStep::Kind::kWrite;
    step.index = static_cast<uint32_t>(plan_.outputs.size());
    step.channel = kSerialChannel;
    plan_.outputs.push_back({output.kind});
  }

  void fill(const Stage& stage, const ModelStage& model, PlanStep& step) {
    step.kind = PlanStep::Kind::kModel;
    step.index = static_cast<uint32_t>(plan_.models.size());
    wasmtool::PlanModel planned;
    planned.name = stage.name;
    if (!compile(model.path, "portable", planned)) return;
    for (const std::string& target : targets_) {
      if (!compile(model.path, target, planned)) return;
    }
    plan_.models.push_back(std::move(planned));
  }

  // Adds the image for `target`; one that is portable is there already.
  bool compile(const std::string& path, const std::string& target, wasmtool::PlanModel& planned) {
    compiler::CompileOptions options;
    options.target = target;
    auto compiled = compiler::compile_model(path, options);
    if (!compiled.ok()) {
      findings_.add(compiled.error());
      return false;
    }
    compiler::CompiledModel& model = compiled.value();
    const bool portable = model.target == "portable";
    if (portable && !planned.sections.empty()) return true;
    spdlog::debug("{} for {}: image {} bytes, arena {} bytes", path, model.target, model.image.size(),
                  model.arena_bytes);
    if (portable) {
      planned.arena_bytes = model.arena_bytes;
      planned.inputs = types_of(model.inputs);
      planned.outputs = types_of(model.outputs);
      for (const std::string& kernel : model.kernels) {
        const bool known =
            std::find(planned.kernels.begin(), planned.kernels.end(), kernel) != planned.kernels.end();
        if (!known) planned.kernels.push_back(kernel);
      }
    }
    planned.sections.push_back({portable ? "" : model.target, std::move(model.image)});
    return true;
  }

  const Pipeline& pipeline_;
  const std::vector<std::string>& targets_;
  LoadedBlocks& blocks_;
  BuildPlan plan_;
  Diagnostics findings_;
  std::vector<TensorIndex> first_tensor_;  // of each stage
  std::vector<std::string> references_;    // of plan_.blocks
};

}  // namespace

Result<const wasmtool::Block*, Diagnostic> LoadedBlocks::load(const std::string& reference) {
  const auto known = blocks_.find(reference);
  if (known != blocks_.end()) return &known->second;
  auto block = library_.load(reference, ".");
  if (!block.ok()) return block.error();
  return &blocks_.emplace(reference, std::move(block.value())).first->second;
}

runefile::Environment make_environment(LoadedBlocks& blocks) {
  runefile::Environment environment;
  environment.standard_blocks = blocks.names();
  environment.standard_block = [&blocks](const std::string& name) { return find_block(blocks, name); };
  environment.read_block = [&blocks](const std::string& path) {
    return find_block(blocks, file_reference(path));
  };
  environment.read_model = [](const std::string& path) -> Result<ModelInterface, Diagnostic> {
    const auto summary = compiler::inspect_model(path);
    if (!summary.ok()) return summary.error();
    return ModelInterface{types_of(summary.value().inputs), types_of(summary.value().outputs)};
  };
  return environment;
}

Result<BuildPlan, Diagnostics> make_plan(const Pipeline& pipeline, const std::vector<std::string>& targets,
                                         LoadedBlocks& blocks) {
  return Planner(pipeline, targets, blocks).plan();
}

}  // namespace rune::cli
