// Places every activation and every kernel's scratch in one arena.
//
// A buffer is live from the node that writes it to the last that reads it; inputs are live from before the
// first node, outputs to after the last. Buffers whose lives do not meet may share bytes. A node whose kernel
// may write over an input that dies there (an elementwise one) shares that input's buffer.
//
// Placing buffers of known lives at least total height is strip packing with fixed x, which is NP-hard;
// greedy placement in a good order reaches the lower bound (the largest sum of buffers live at one node) on
// all networks tested. Several orders are tried and the lowest arena kept.
#pragma once

#include <vector>

#include "host/compiler/ir/ir.h"

namespace rune::compiler::passes {

// What the planner must know of the kernel chosen for a node.
struct KernelNeeds {
  uint32_t scratch_bytes = 0;
  // Bit i: the output may overwrite input i, because element n of the output is written after element n of
  // the input was read for the last time.
  uint32_t in_place_inputs = 0;
};

struct MemoryPlan {
  std::vector<uint32_t> tensor_offsets;   // by tensor; 0 for constants and unused tensors
  std::vector<uint32_t> scratch_offsets;  // by node; 0 without scratch
  uint32_t arena_bytes = 0;
  uint32_t lower_bound_bytes = 0;  // no placement of these lives can be smaller
};

// Offsets of tensors are multiples of 4 (8 for 64-bit elements), of scratch 16; arena_bytes of 16.
// Requires needs.size() == graph.nodes.size().
MemoryPlan plan_memory(const ir::Graph& graph, const std::vector<KernelNeeds>& needs);

}  // namespace rune::compiler::passes
