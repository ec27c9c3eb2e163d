// What the packers of this folder share.
#pragma once

#include <cstring>

#include "device/kernels/params.h"
#include "host/compiler/emit/emit.h"
#include "host/compiler/emit/requantization.h"

namespace rune::compiler::emit {

using Packed = Result<LoweredNode, Diagnostic>;

struct Source {
  const ir::Graph& graph;
  const ir::Node& node;
  format::Rounding rounding;

  const ir::Tensor& input(size_t index) const { return graph.tensors[node.inputs[index]]; }
  bool has_input(size_t index) const {
    return index < node.inputs.size() && node.inputs[index] != ir::kNoTensor;
  }
  const ir::Tensor& output() const { return graph.tensors[node.outputs[0]]; }
  bool is_float() const { return input(0).element == ElementType::kF32; }
  bool is_hybrid() const { return is_float() && input(1).element == ElementType::kI8; }

  // "net.tflite: node conv1 (conv_2d): <what>; try <hint>".
  Diagnostic refuse(std::string what, std::string hint) const;
  // The node with this kernel, reading its first `inputs` inputs at run time.
  LoweredNode lowered(const std::string& kernel, size_t inputs) const;
};

// "conv_2d" -> "conv_2d_s8", "conv_2d_f32" or, with int8 weights, "conv_2d_f32_s8".
std::string typed_name(const Source& source);

// A parameter block under construction; what is not written is 0.
class Block {
 public:
  explicit Block(size_t bytes) : bytes_(bytes, 0) {}
  template <typename T>
  void put(size_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(T));
  }
  template <typename T>
  void put_all(size_t offset, const std::vector<T>& values) {
    std::memcpy(bytes_.data() + offset, values.data(), values.size() * sizeof(T));
  }
  ByteVector take() { return std::move(bytes_); }

 private:
  ByteVector bytes_;
};

template <typename T>
ByteVector block_of(const T& params) {
  Block block(sizeof(T));
  block.put(0, params);
  return block.take();
}

// Offsets and clamp of an int8 layer from input 0 to the output.
kernels::OutputStage output_stage(const Source& source);
kernels::FloatRange float_stage(const Source& source);

// A window in the device's 16-bit fields; refused when a number does not fit.
Result<kernels::Window, Diagnostic> device_window(const Source& source);

// Bias, multiplier and shift of each output channel; the bias of a float layer; the scales of a hybrid one.
std::vector<kernels::ChannelScale> channel_scales(const Source& source, uint32_t channels);
std::vector<float> float_bias(const Source& source, uint32_t channels);
std::vector<float> weight_scales(const Source& source, uint32_t channels);

Packed pack_convolution(const Source& source);
Packed pack_depthwise_convolution(const Source& source);
Packed pack_fully_connected(const Source& source);
Packed pack_pool(const Source& source);
Packed pack_mean(const Source& source);
Packed pack_softmax(const Source& source);
Packed pack_add(const Source& source);
Packed pack_relu(const Source& source);
Packed pack_quantize(const Source& source);
Packed pack_dequantize(const Source& source);
Packed pack_transpose(const Source& source);

}  // namespace rune::compiler::emit
