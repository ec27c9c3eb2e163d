#include "host/compiler/ir/fold.h"

#include <cmath>
#include <cstring>

namespace rune::compiler::ir {
namespace {

// IEEE 754 binary16 to binary32; exact.
float half_to_float(uint16_t half) {
  const int exponent = (half >> 10) & 0x1F;
  const int fraction = half & 0x3FF;
  float magnitude;
  if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else if (exponent == 31) {
    magnitude = fraction == 0 ? INFINITY : NAN;
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

// Elements between two neighbours on the quantised axis.
uint32_t elements_inside(const Shape& shape, uint32_t axis) {
  uint32_t inside = 1;
  for (uint32_t i = axis + 1; i < shape.rank; ++i) inside *= shape.dims[i];
  return inside;
}

}  // namespace

std::vector<float> constant_values(const Tensor& tensor) {
  std::vector<float> values(tensor.shape.elements());
  const Quantization& quantization = tensor.quantization;
  const bool per_channel = quantization.scales.size() > 1;
  const uint32_t inside = per_channel ? elements_inside(tensor.shape, quantization.axis) : 1;
  for (size_t i = 0; i < values.size(); ++i) {
    if (tensor.element == ElementType::kI8) {
      const size_t channel = per_channel ? i / inside % quantization.scales.size() : 0;
      const int32_t stored = tensor.as<int8_t>()[i] - quantization.zero_point(channel);
      values[i] = static_cast<float>(stored) * quantization.scale(channel);
    } else if (tensor.element == ElementType::kF16) {
      values[i] = half_to_float(tensor.as<uint16_t>()[i]);
    } else {
      values[i] = tensor.as<float>()[i];
    }
  }
  return values;
}

void set_constant(Tensor& tensor, const std::vector<float>& values) {
  tensor.element = ElementType::kF32;
  tensor.quantization = {};
  tensor.constant = true;
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
}

bool fold(Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.outputs.size() != 1 || node.inputs[0] == kNoTensor) return false;
  const Tensor& input = graph.tensors[node.inputs[0]];
  Tensor& output = graph.tensors[node.outputs[0]];
  if (!input.constant || output.constant) return false;
  if (node.op == Op::kReshape) {
    output.constant = true;
    output.data = input.data;
    return true;
  }
  const bool readable = input.element == ElementType::kF16 ||
                        (input.element == ElementType::kI8 && input.quantization.present());
  if (node.op != Op::kDequantize || !readable) return false;
  if (input.element == ElementType::kI8 && input.quantization.scales.size() > 1 &&
      (input.quantization.axis >= input.shape.rank ||
       input.quantization.scales.size() != input.shape.dims[input.quantization.axis])) {
    return false;
  }
  set_constant(output, constant_values(input));
  return true;
}

}  // namespace rune::compiler::ir
