// Pieces of plans made by hand.
#pragma once

#include <gtest/gtest.h>

#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {

inline TensorType tensor(ElementType element, std::initializer_list<uint32_t> dims) {
  TensorType type;
  type.element = element;
  for (const uint32_t extent : dims) type.shape.dims[type.shape.rank++] = extent;
  return type;
}

inline Block standard(const std::string& name) {
  auto block = BlockLibrary(RUNE_TEST_BLOCKS_DIR).load(name, ".");
  EXPECT_TRUE(block.ok()) << block.error().text();
  return block.ok() ? block.value() : Block{};
}

inline std::vector<ArgumentValue> default_arguments(const Block& block,
                                                    const std::vector<std::string>& words) {
  std::vector<ArgumentValue> values;
  for (const BlockArgument& argument : block.descriptor.arguments) {
    values.push_back(argument.required ? ArgumentValue(words) : argument.default_value);
  }
  return values;
}

inline PlanStep step(PlanStep::Kind kind, uint32_t index, std::vector<TensorIndex> inputs,
                     std::vector<TensorIndex> outputs, std::vector<ArgumentValue> arguments = {}) {
  return {.kind = kind,
          .index = index,
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .arguments = std::move(arguments)};
}

// raw [1, 100] -> the block with its default arguments -> tensor output.
inline BuildPlan alone_plan(const Block& block) {
  BuildPlan plan;
  plan.name = "alone";
  plan.blocks = {block};
  plan.tensors.push_back(tensor(block.descriptor.inputs[0].elements.allowed[0], {1, 100}));
  plan.capabilities = {{CapabilityKind::kRaw, plan.tensors[0], {}}};
  std::vector<TensorIndex> outputs;
  for (const BlockPort& out : block.descriptor.outputs) {
    outputs.push_back(static_cast<TensorIndex>(plan.tensors.size()));
    plan.tensors.push_back(
        tensor(out.elements.allowed.empty() ? plan.tensors[0].element : out.elements.allowed[0], {1, 100}));
  }
  plan.outputs = {{OutputKind::kTensor}};
  plan.steps = {step(PlanStep::Kind::kRead, 0, {}, {0}),
                step(PlanStep::Kind::kBlock, 0, {0}, outputs, default_arguments(block, {"yes", "no"})),
                step(PlanStep::Kind::kWrite, 0, outputs, {})};
  return plan;
}

// One second of sound -> fft -> noise-filtering -> model i8[1, 4] -> most-confident-indices -> label ->
// serial.
inline BuildPlan speech_plan() {
  BuildPlan plan;
  plan.name = "speech";
  plan.tensors = {tensor(ElementType::kI16, {1, 16000}), tensor(ElementType::kU32, {1, 1960}),
                  tensor(ElementType::kI8, {1, 1960}),   tensor(ElementType::kI8, {1, 4}),
                  tensor(ElementType::kU32, {1}),        tensor(ElementType::kF32, {1}),
                  tensor(ElementType::kUtf8, {1})};
  plan.capabilities = {{CapabilityKind::kSound, plan.tensors[0], {{"hz", 16000}}}};
  plan.blocks = {standard("fft"), standard("noise-filtering"), standard("most-confident-indices"),
                 standard("label")};
  plan.models = {{.name = "model",
                  .arena_bytes = 512,
                  .inputs = {plan.tensors[2]},
                  .outputs = {plan.tensors[3]},
                  .kernels = {"fully_connected_s8"},
                  .sections = {{"", ByteVector(64)}}}};
  plan.outputs = {{OutputKind::kSerial}};
  const std::vector<std::string> words = {"silence", "unknown", "yes", "no"};
  plan.steps = {step(PlanStep::Kind::kRead, 0, {}, {0}),
                step(PlanStep::Kind::kBlock, 0, {0}, {1}, default_arguments(plan.blocks[0], words)),
                step(PlanStep::Kind::kBlock, 1, {1}, {2}, default_arguments(plan.blocks[1], words)),
                step(PlanStep::Kind::kModel, 0, {2}, {3}),
                step(PlanStep::Kind::kBlock, 2, {3}, {4, 5}, default_arguments(plan.blocks[2], words)),
                step(PlanStep::Kind::kBlock, 3, {4}, {6}, default_arguments(plan.blocks[3], words)),
                step(PlanStep::Kind::kWrite, 0, {6, 5}, {})};
  return plan;
}

}  // namespace rune::wasmtool
