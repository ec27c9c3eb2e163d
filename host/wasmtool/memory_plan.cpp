// Checks a plan and places its tensors.
//
// Placement is greedy: greatest tensor first, each at the lowest offset where it overlaps no placed
// tensor that lives at the same time. Lifetimes are whole steps, so a step's inputs and outputs never
// share bytes. Optimal for the chains that pipelines are; tested by wasmtool_test.cpp.
#include <algorithm>
#include <map>
#include <numeric>

#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

constexpr uint32_t kMaxWritten = 8;      // tensors of one output_write
constexpr uint32_t kMaxArea = 1U << 30;  // of buffers

Diagnostic broken(const BuildPlan& plan, size_t step, const std::string& what) {
  return {.where = {.node = "rune " + plan.name + ", step " + std::to_string(step)}, .what = what};
}

struct Lifetime {
  int written = -1;  // step
  int last_use = -1;
};

std::vector<Lifetime> lifetimes(const BuildPlan& plan) {
  std::vector<Lifetime> result(plan.tensors.size());
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    for (const TensorIndex t : plan.steps[s].inputs) result[t].last_use = static_cast<int>(s);
    for (const TensorIndex t : plan.steps[s].outputs) {
      result[t].written = static_cast<int>(s);
      result[t].last_use = std::max(result[t].last_use, static_cast<int>(s));
    }
  }
  return result;
}

size_t list_size(const BuildPlan& plan, PlanStep::Kind kind) {
  switch (kind) {
    case PlanStep::Kind::kRead: return plan.capabilities.size();
    case PlanStep::Kind::kBlock: return plan.blocks.size();
    case PlanStep::Kind::kModel: return plan.models.size();
    case PlanStep::Kind::kWrite: return plan.outputs.size();
  }
  return 0;
}

bool same_sizes(const BuildPlan& plan, const std::vector<TensorIndex>& tensors,
                const std::vector<TensorType>& types) {
  return std::equal(
      tensors.begin(), tensors.end(), types.begin(), types.end(), [&](TensorIndex t, const TensorType& type) {
        return plan.tensors[t].element == type.element && plan.tensors[t].size_bytes() == type.size_bytes();
      });
}

// Empty when the step fits what it names.
std::string step_problem(const BuildPlan& plan, const PlanStep& step) {
  if (step.index >= list_size(plan, step.kind)) return "an index is out of range";
  switch (step.kind) {
    case PlanStep::Kind::kRead:
      if (!step.inputs.empty() || !same_sizes(plan, step.outputs, {plan.capabilities[step.index].tensor})) {
        return "a capability fills one tensor of its own type";
      }
      break;
    case PlanStep::Kind::kBlock: {
      const BlockDescriptor& block = plan.blocks[step.index].descriptor;
      if (step.inputs.size() != block.inputs.size() || step.outputs.size() != block.outputs.size()) {
        return "block " + block.name + " has another number of tensors";
      }
      if (step.arguments.size() != block.arguments.size())
        return "block " + block.name + " has another number of arguments";
      for (size_t i = 0; i < step.arguments.size(); ++i) {
        if (step.arguments[i].index() != static_cast<size_t>(block.arguments[i].type)) {
          return "argument " + block.arguments[i].name + " of block " + block.name + " has another type";
        }
      }
      break;
    }
    case PlanStep::Kind::kModel:
      if (!same_sizes(plan, step.inputs, plan.models[step.index].inputs) ||
          !same_sizes(plan, step.outputs, plan.models[step.index].outputs)) {
        return "the tensors are not those of model " + plan.models[step.index].name;
      }
      break;
    case PlanStep::Kind::kWrite:
      if (step.inputs.empty() || step.inputs.size() > kMaxWritten || !step.outputs.empty()) {
        return "an output takes 1 to 8 tensors";
      }
      break;
  }
  return {};
}

void place_tensors(const BuildPlan& plan, MemoryPlan& memory) {
  const std::vector<Lifetime> lives = lifetimes(plan);
  std::vector<uint32_t> order(plan.tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return plan.tensors[a].size_bytes() > plan.tensors[b].size_bytes();
  });
  memory.tensors.assign(plan.tensors.size(), 0);
  std::vector<uint32_t> placed;
  for (const uint32_t t : order) {
    std::map<uint32_t, uint32_t> taken;  // start, end of what lives at the same time
    for (const uint32_t other : placed) {
      if (lives[other].written > lives[t].last_use || lives[t].written > lives[other].last_use) continue;
      uint32_t& end = taken[memory.tensors[other]];
      end = std::max(end, memory.tensors[other] + plan.tensors[other].size_bytes());
    }
    uint32_t at = 0;
    for (const auto& [start, end] : taken) {
      if (at + plan.tensors[t].size_bytes() <= start) break;
      at = std::max(at, align_up(end, kTensorAlignment));
    }
    memory.tensors[t] = at;
    memory.buffer_bytes =
        std::max(memory.buffer_bytes, align_up(at + plan.tensors[t].size_bytes(), kTensorAlignment));
    placed.push_back(t);
  }
}

uint64_t state_bytes(const BuildPlan& plan, const PlanStep& step) {
  const BlockDescriptor& block = plan.blocks[step.index].descriptor;
  uint64_t bytes = block.state_bytes;
  if (block.state_bytes_per_output_element == 0 || step.outputs.empty()) return bytes;
  const TensorType& output = plan.tensors[step.outputs[0]];
  const bool applies = block.state_element == ElementType::kNone || block.state_element == output.element;
  return applies ? bytes + uint64_t{block.state_bytes_per_output_element} * output.shape.elements() : bytes;
}

uint64_t step_fuel(const BuildPlan& plan, const PlanStep& step) {
  const BlockDescriptor& block = plan.blocks[step.index].descriptor;
  uint64_t elements = 0;
  for (const TensorIndex t : step.inputs) elements += plan.tensors[t].shape.elements();
  for (const TensorIndex t : step.outputs) elements += plan.tensors[t].shape.elements();
  return block.fuel + elements * block.fuel_per_element;
}

}  // namespace

Result<void, Diagnostic> check_plan(const BuildPlan& plan) {
  std::vector<bool> written(plan.tensors.size());
  uint64_t total = 0;
  for (const TensorType& tensor : plan.tensors) total += tensor.size_bytes();
  if (total > kMaxArea) {
    return Diagnostic{.where = {.node = "rune " + plan.name},
                      .what = "the tensors are too large",
                      .limit = kMaxArea,
                      .actual = static_cast<int64_t>(total),
                      .unit = "bytes",
                      .hint = "smaller shapes"};
  }
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const PlanStep& step = plan.steps[s];
    for (const TensorIndex t : step.inputs) {
      if (t >= plan.tensors.size() || !written[t])
        return broken(plan, s, "a tensor is read before it is written");
    }
    for (const TensorIndex t : step.outputs) {
      if (t >= plan.tensors.size() || written[t]) return broken(plan, s, "a tensor is written twice");
      written[t] = true;
    }
    if (const std::string problem = step_problem(plan, step); !problem.empty())
      return broken(plan, s, problem);
  }
  return {};
}

MemoryPlan plan_memory(const BuildPlan& plan) {
  MemoryPlan memory;
  place_tensors(plan, memory);
  uint64_t size = memory.buffer_bytes;
  uint64_t fuel = 64;
  memory.states.assign(plan.steps.size(), 0);
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const PlanStep& step = plan.steps[s];
    fuel += 2;
    if (step.kind != PlanStep::Kind::kBlock) continue;
    memory.states[s] = static_cast<uint32_t>(size);
    size += (state_bytes(plan, step) + 7) / 8 * 8;
    memory.stack_bytes = std::max(memory.stack_bytes, plan.blocks[step.index].descriptor.stack_bytes);
    fuel += step_fuel(plan, step);
  }
  memory.stack_bytes = align_up(std::max(memory.stack_bytes, 16U), 16);
  memory.size_bytes = static_cast<uint32_t>(size);
  memory.fuel = static_cast<uint32_t>(std::min<uint64_t>(fuel, UINT32_MAX));
  return memory;
}

}  // namespace rune::wasmtool
