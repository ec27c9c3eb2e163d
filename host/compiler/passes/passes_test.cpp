// Passes keep graphs sound and do what they say; the planner's buffers never meet in time and space.
#include "host/compiler/passes/passes.h"

#include <gtest/gtest.h>

#include <random>

#include "host/compiler/ir/verify.h"
#include "host/compiler/passes/memory_plan.h"

namespace rune::compiler::passes {
namespace {

ir::TensorId add_tensor(ir::Graph& graph, uint32_t elements, float scale = 0.5f) {
  ir::Tensor tensor;
  tensor.name = "t" + std::to_string(graph.tensors.size());
  tensor.element = ElementType::kI8;
  tensor.shape = {.rank = 1, .dims = {elements}};
  tensor.quantization.scales = {scale};
  graph.tensors.push_back(tensor);
  return static_cast<ir::TensorId>(graph.tensors.size() - 1);
}

void add_node(ir::Graph& graph, ir::Op op, std::vector<ir::TensorId> inputs, ir::TensorId output) {
  ir::Node node;
  node.op = op;
  node.name = graph.tensors[output].name;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  if (op == ir::Op::kRelu) node.activation = ir::Activation::kRelu;
  graph.nodes.push_back(node);
}

// in -> max_pool -> relu -> reshape -> softmax, with a relu of its own scale.
ir::Graph chain(float relu_scale) {
  ir::Graph graph;
  graph.inputs = {add_tensor(graph, 64)};
  const ir::TensorId pooled = add_tensor(graph, 16);
  const ir::TensorId clamped = add_tensor(graph, 16, relu_scale);
  const ir::TensorId flat = add_tensor(graph, 16, relu_scale);
  const ir::TensorId out = add_tensor(graph, 16);
  add_node(graph, ir::Op::kMaxPool2d, {graph.inputs[0]}, pooled);
  add_node(graph, ir::Op::kRelu, {pooled}, clamped);
  add_node(graph, ir::Op::kReshape, {clamped}, flat);
  add_node(graph, ir::Op::kSoftmax, {flat}, out);
  graph.outputs = {out};
  return graph;
}

TEST(Passes, FuseAnActivationOfTheSameScaleOnly) {
  ir::Graph same = chain(0.5f);
  fuse_activations(same);
  EXPECT_EQ(ir::verify(same), std::nullopt);
  ASSERT_EQ(same.nodes.size(), 3u);
  EXPECT_EQ(same.nodes[0].activation, ir::Activation::kRelu);

  ir::Graph other = chain(0.25f);
  fuse_activations(other);
  EXPECT_EQ(other.nodes.size(), 4u);
}

TEST(Passes, KeepAnActivationWhoseInputIsReadElsewhere) {
  ir::Graph graph = chain(0.5f);
  graph.outputs.push_back(graph.nodes[0].outputs[0]);
  fuse_activations(graph);
  EXPECT_EQ(graph.nodes.size(), 4u);
}

TEST(Passes, TurnReshapesIntoAliases) {
  ir::Graph graph = chain(0.5f);
  for (const Pass& pass : kPasses) {
    pass.run(graph);
    ASSERT_EQ(ir::verify(graph), std::nullopt) << pass.name;
  }
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.storage(graph.nodes[1].inputs[0]), graph.nodes[0].outputs[0]);
  const MemoryPlan plan = plan_memory(graph, std::vector<KernelNeeds>(2));
  EXPECT_EQ(plan.tensor_offsets[graph.nodes[1].inputs[0]], plan.tensor_offsets[graph.nodes[0].outputs[0]]);
  EXPECT_EQ(plan.arena_bytes, 80u);  // the pool reads 64 and writes 16; the softmax fits beside it
}

TEST(MemoryPlan, OverwritesAnInputThatDies) {
  ir::Graph graph;
  graph.inputs = {add_tensor(graph, 100)};
  const ir::TensorId a = add_tensor(graph, 100), b = add_tensor(graph, 100), sum = add_tensor(graph, 100);
  add_node(graph, ir::Op::kSoftmax, {graph.inputs[0]}, a);
  add_node(graph, ir::Op::kSoftmax, {graph.inputs[0]}, b);
  add_node(graph, ir::Op::kAdd, {a, b}, sum);
  graph.outputs = {sum};
  EXPECT_EQ(plan_memory(graph, {{}, {}, {.in_place_inputs = 3}}).tensor_offsets[sum],
            plan_memory(graph, {{}, {}, {.in_place_inputs = 3}}).tensor_offsets[a]);
  graph.outputs = {sum, a};  // `a` lives on: only b may be overwritten
  const MemoryPlan plan = plan_memory(graph, {{}, {}, {.in_place_inputs = 3}});
  EXPECT_EQ(plan.tensor_offsets[sum], plan.tensor_offsets[b]);
  EXPECT_NE(plan.tensor_offsets[sum], plan.tensor_offsets[a]);
}

struct Placed {
  uint64_t begin, end;
  size_t first, last;
};

// Random networks: every pair of buffers that live together lies apart.
TEST(MemoryPlan, NeverPlacesTwoLivingBuffersOnTheSameBytes) {
  std::mt19937 random(7);
  auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  for (int round = 0; round < 200; ++round) {
    ir::Graph graph;
    graph.inputs = {add_tensor(graph, 1 + below(500))};
    std::vector<KernelNeeds> needs;
    const size_t count = 1 + below(12);
    for (size_t i = 0; i < count; ++i) {
      const auto a = below(static_cast<uint32_t>(graph.tensors.size()));
      const auto b = below(static_cast<uint32_t>(graph.tensors.size()));
      const ir::TensorId out = add_tensor(graph, 1 + below(500));
      add_node(graph, ir::Op::kAdd, {a, b}, out);
      needs.push_back({.scratch_bytes = below(3) == 0 ? below(300) : 0});
    }
    graph.outputs = {graph.nodes.back().outputs[0]};
    ASSERT_EQ(ir::verify(graph), std::nullopt);
    const MemoryPlan plan = plan_memory(graph, needs);

    std::vector<Placed> placed;
    for (ir::TensorId id = 0; id < graph.tensors.size(); ++id) {
      Placed one{plan.tensor_offsets[id], plan.tensor_offsets[id] + graph.tensors[id].size_bytes(), SIZE_MAX,
                 0};
      if (id == graph.inputs[0]) one.first = 0;
      for (size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const auto* list : {&graph.nodes[i].inputs, &graph.nodes[i].outputs}) {
          if (std::find(list->begin(), list->end(), id) == list->end()) continue;
          one.first = std::min(one.first, i + 1);
          one.last = std::max(one.last, i + 1);
        }
      }
      if (id == graph.outputs[0]) one.last = count + 1;
      placed.push_back(one);
    }
    for (size_t i = 0; i < count; ++i) {
      if (needs[i].scratch_bytes == 0) continue;
      EXPECT_EQ(plan.scratch_offsets[i] % 16, 0u);
      placed.push_back(
          {plan.scratch_offsets[i], plan.scratch_offsets[i] + needs[i].scratch_bytes, i + 1, i + 1});
    }
    for (size_t i = 0; i < placed.size(); ++i) {
      ASSERT_LE(placed[i].end, plan.arena_bytes);
      for (size_t j = 0; j < i; ++j) {
        const bool together = placed[i].first <= placed[j].last && placed[j].first <= placed[i].last;
        const bool apart = placed[i].end <= placed[j].begin || placed[j].end <= placed[i].begin;
        ASSERT_TRUE(!together || apart) << "round " << round << ": buffers " << i << " and " << j;
      }
    }
    EXPECT_GE(plan.arena_bytes, plan.lower_bound_bytes);
  }
}

}  // namespace
}  // namespace rune::compiler::passes
