// The compiler's intermediate representation: a list of nodes in execution order over a table of tensors.
//
// Deliberately small. Shapes are static and known; padding is explicit; activations are fields of the node
// that they follow; constants own their bytes in the layout of the imported file (a kernel's packer reorders
// them when the image is emitted). Passes rewrite a Graph in place; ir/verify.h states what holds between
// them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "device/base/tensor.h"

namespace rune::compiler::ir {

using TensorId = uint32_t;
inline constexpr TensorId kNoTensor = std::numeric_limits<TensorId>::max();

// real = (stored - zero_point) * scale; one entry for the tensor, or one for each index of `axis`.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  uint32_t axis = 0;

  bool present() const { return !scales.empty(); }
  float scale(size_t channel) const { return scales.size() == 1 ? scales[0] : scales[channel]; }
  int32_t zero_point(size_t channel) const {
    return zero_points.empty() ? 0 : zero_points.size() == 1 ? zero_points[0] : zero_points[channel];
  }
};

struct Tensor {
  std::string name;
  ElementType element = ElementType::kNone;
  Shape shape;
  Quantization quantization;
  bool constant = false;
  bool variable = false;          // keeps its value from run to run
  std::vector<uint8_t> data;      // constants only: size_bytes() of them, little-endian
  TensorId alias_of = kNoTensor;  // the same bytes under another shape; never a constant, never a chain

  uint32_t size_bytes() const { return shape.elements() * element_bytes(element); }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data.data());
  }
};

enum class Op : uint8_t {
  kAdd,
  kAveragePool2d,
  kConv2d,
  kDepthwiseConv2d,
  kDequantize,
  kFullyConnected,
  kMaxPool2d,
  kMean,
  kQuantize,
  kRelu,  // a stand-alone activation: Node::activation says which
  kReshape,
  kSoftmax,
  kTranspose,
};

enum class Activation : uint8_t { kNone, kRelu, kReluN1To1, kRelu6 };

// A sliding window over axes 1 and 2 of an NHWC tensor. Padding counts cells outside the input; the
// bottom and right sides need no number, the output's shape bounds them.
struct Window {
  uint32_t filter_height = 1;
  uint32_t filter_width = 1;
  uint32_t stride_height = 1;
  uint32_t stride_width = 1;
  uint32_t dilation_height = 1;
  uint32_t dilation_width = 1;
  uint32_t pad_top = 0;
  uint32_t pad_left = 0;
};

struct Node {
  Op op = Op::kReshape;
  std::string name;              // of the first output in the imported file: what messages call the node
  uint32_t source_index = 0;     // its number in the imported file
  std::vector<TensorId> inputs;  // kNoTensor for an optional input that is absent
  std::vector<TensorId> outputs;
  Activation activation = Activation::kNone;
  Window window;                  // convolutions and pools
  uint32_t depth_multiplier = 1;  // kDepthwiseConv2d
  float beta = 1;                 // kSoftmax
  std::vector<uint32_t> axes;     // kMean: reduced axes, ascending; kTranspose: the permutation
};

struct Graph {
  std::string source;  // file name, for messages
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;

  // The tensor whose bytes `id` names: itself, or what it is an alias of.
  TensorId storage(TensorId id) const {
    return tensors[id].alias_of == kNoTensor ? id : tensors[id].alias_of;
  }
};

// "conv_2d", "add": the stem of kernel names and the word in messages.
const char* op_name(Op op);
const char* activation_name(Activation activation);

// Multiply-accumulates of one inference, as counted in the field: convolutions and dense layers only.
uint64_t multiply_accumulates(const Graph& graph, const Node& node);
uint64_t multiply_accumulates(const Graph& graph);

// One line a node: "conv_2d stem: i8[1,32,32,3] i8[16,3,3,3] i32[16] -> i8[1,32,32,16] relu".
std::string to_text(const Graph& graph);

// "i8[1,32,32,3]".
std::string to_text(ElementType element, const Shape& shape);

}  // namespace rune::compiler::ir
