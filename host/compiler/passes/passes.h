// Rewrites of a graph, in the order in which the compiler runs them. Each leaves a graph that ir::verify()
// accepts and computes the same values.
#pragma once

#include "host/compiler/ir/ir.h"

namespace rune::compiler::passes {

// A stand-alone activation moves into the node before it, where that node's result has no other reader and
// (int8) both sides have the same scale, so that clamping commutes with storing.
void fuse_activations(ir::Graph& graph);

// A reshape changes no bytes: its output becomes an alias of its input and the node disappears.
void remove_reshapes(ir::Graph& graph);

// Drops nodes of which nothing reads the result.
void remove_dead_nodes(ir::Graph& graph);

struct Pass {
  const char* name;
  void (*run)(ir::Graph& graph);
};
inline constexpr Pass kPasses[] = {
    {"fuse_activations", fuse_activations},
    {"remove_reshapes", remove_reshapes},
    {"remove_dead_nodes", remove_dead_nodes},
};

}  // namespace rune::compiler::passes
