#include "host/compiler/passes/memory_plan.h"

#include <algorithm>
#include <functional>

#include "device/base/bytes.h"

namespace rune::compiler::passes {
namespace {

constexpr size_t kNone = SIZE_MAX;

// Steps: 0 before the first node, node i is step i + 1, then one after the last.
struct Buffer {
  uint64_t size = 0;
  uint32_t alignment = 4;
  size_t first = kNone;  // kNone: never written
  size_t last = 0;
  uint64_t offset = 0;

  bool meets(const Buffer& other) const { return first <= other.last && other.first <= last; }
};

class Planner {
 public:
  Planner(const ir::Graph& graph, const std::vector<KernelNeeds>& needs)
      : graph_(graph), needs_(needs), buffer_of_(graph.tensors.size(), kNone) {}

  MemoryPlan plan() {
    find_lives();
    share_in_place();
    add_scratch();
    place_best();
    return result();
  }

 private:
  void touch(ir::TensorId id, size_t step) {
    if (id == ir::kNoTensor || graph_.tensors[id].constant) return;
    const ir::TensorId storage = graph_.storage(id);
    if (buffer_of_[storage] == kNone) {
      buffer_of_[storage] = buffers_.size();
      const ir::Tensor& tensor = graph_.tensors[storage];
      buffers_.push_back({.size = tensor.size_bytes(),
                          .alignment = std::max(4u, element_bytes(tensor.element)),
                          .first = step});
    }
    Buffer& buffer = buffers_[buffer_of_[storage]];
    buffer.first = std::min(buffer.first, step);
    buffer.last = std::max(buffer.last, step);
  }

  void find_lives() {
    for (ir::TensorId id : graph_.inputs) touch(id, 0);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (ir::TensorId id : graph_.nodes[i].inputs) touch(id, i + 1);
      for (ir::TensorId id : graph_.nodes[i].outputs) touch(id, i + 1);
    }
    for (ir::TensorId id : graph_.outputs) touch(id, graph_.nodes.size() + 1);
  }

  // Merges the buffer of a node's output into that of an input it may overwrite and that nothing reads later.
  void share_in_place() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const ir::Node& node = graph_.nodes[i];
      for (size_t input = 0; input < node.inputs.size(); ++input) {
        if ((needs_[i].in_place_inputs >> input & 1) != 0 &&
            share(node.inputs[input], node.outputs[0], i + 1))
          break;
      }
    }
  }

  bool share(ir::TensorId input, ir::TensorId output, size_t step) {
    if (graph_.tensors[input].constant) return false;
    const size_t into = buffer_of_[graph_.storage(input)];
    const size_t from = buffer_of_[graph_.storage(output)];
    if (into == from || buffers_[into].last != step || buffers_[into].size < buffers_[from].size)
      return false;
    buffers_[into].last = buffers_[from].last;
    buffers_[into].alignment = std::max(buffers_[into].alignment, buffers_[from].alignment);
    buffers_[from].first = kNone;  // gone
    std::replace(buffer_of_.begin(), buffer_of_.end(), from, into);
    return true;
  }

  void add_scratch() {
    scratch_of_.assign(graph_.nodes.size(), kNone);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (needs_[i].scratch_bytes == 0) continue;
      scratch_of_[i] = buffers_.size();
      buffers_.push_back({.size = needs_[i].scratch_bytes, .alignment = 16, .first = i + 1, .last = i + 1});
    }
  }

  // Puts the buffers, in this order, each into the tightest gap that the ones placed before leave it.
  uint64_t place(const std::vector<size_t>& order) {
    std::vector<size_t> placed;  // by offset
    uint64_t top = 0;
    for (size_t index : order) {
      Buffer& buffer = buffers_[index];
      uint64_t end = 0, best = 0, best_gap = UINT64_MAX;
      for (size_t other : placed) {
        if (!buffer.meets(buffers_[other])) continue;
        const uint64_t start = (end + buffer.alignment - 1) / buffer.alignment * buffer.alignment;
        if (start + buffer.size <= buffers_[other].offset && buffers_[other].offset - start < best_gap) {
          best_gap = buffers_[other].offset - start;
          best = start;
        }
        end = std::max(end, buffers_[other].offset + buffers_[other].size);
      }
      if (best_gap == UINT64_MAX) best = (end + buffer.alignment - 1) / buffer.alignment * buffer.alignment;
      buffer.offset = best;
      top = std::max(top, best + buffer.size);
      auto after = std::upper_bound(placed.begin(), placed.end(), best, [&](uint64_t offset, size_t other) {
        return offset < buffers_[other].offset;
      });
      placed.insert(after, index);
    }
    return top;
  }

  void place_best() {
    std::vector<size_t> live;
    for (size_t i = 0; i < buffers_.size(); ++i) {
      if (buffers_[i].first != kNone) live.push_back(i);
    }
    auto length = [&](size_t i) { return buffers_[i].last - buffers_[i].first + 1; };
    const std::vector<std::function<bool(size_t, size_t)>> orders = {
        [&](size_t a, size_t b) { return buffers_[a].size > buffers_[b].size; },
        [&](size_t a, size_t b) { return length(a) > length(b); },
        [&](size_t a, size_t b) { return length(a) * buffers_[a].size > length(b) * buffers_[b].size; },
        [&](size_t a, size_t b) { return buffers_[a].first < buffers_[b].first; },
        [&](size_t a, size_t b) { return buffers_[a].last > buffers_[b].last; },
    };
    std::vector<uint64_t> best_offsets;
    for (const auto& order : orders) {
      std::vector<size_t> sorted = live;
      std::stable_sort(sorted.begin(), sorted.end(), order);
      const uint64_t top = place(sorted);
      if (!best_offsets.empty() && top >= arena_) continue;
      arena_ = top;
      best_offsets.clear();
      for (const Buffer& buffer : buffers_) best_offsets.push_back(buffer.offset);
    }
    for (size_t i = 0; i < best_offsets.size(); ++i) buffers_[i].offset = best_offsets[i];
  }

  uint64_t lower_bound() const {
    uint64_t bound = 0;
    for (size_t step = 0; step <= graph_.nodes.size() + 1; ++step) {
      uint64_t live = 0;
      for (const Buffer& buffer : buffers_) {
        if (buffer.first != kNone && buffer.first <= step && step <= buffer.last) live += buffer.size;
      }
      bound = std::max(bound, live);
    }
    return bound;
  }

  MemoryPlan result() const {
    // Above 4 GiB the caller's limit check must still see a number above its limit.
    auto narrow = [](uint64_t value) {
      return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX & ~15u));
    };
    MemoryPlan plan;
    plan.arena_bytes = narrow((arena_ + 15) / 16 * 16);
    plan.lower_bound_bytes = narrow(lower_bound());
    for (ir::TensorId id = 0; id < graph_.tensors.size(); ++id) {
      const size_t buffer = buffer_of_[graph_.storage(id)];
      plan.tensor_offsets.push_back(buffer == kNone ? 0 : narrow(buffers_[buffer].offset));
    }
    for (size_t buffer : scratch_of_) {
      plan.scratch_offsets.push_back(buffer == kNone ? 0 : narrow(buffers_[buffer].offset));
    }
    return plan;
  }

  const ir::Graph& graph_;
  const std::vector<KernelNeeds>& needs_;
  std::vector<size_t> buffer_of_;   // by storage tensor
  std::vector<size_t> scratch_of_;  // by node
  std::vector<Buffer> buffers_;
  uint64_t arena_ = 0;
};

}  // namespace

MemoryPlan plan_memory(const ir::Graph& graph, const std::vector<KernelNeeds>& needs) {
  return Planner(graph, needs).plan();
}

}  // namespace rune::compiler::passes
