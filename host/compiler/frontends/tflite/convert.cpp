// Turns one operator of a .tflite file into a node, or says why it cannot be run.
//
// A refusal names the node, the operator, what is supported and what to try. Convolutions, dense layers and
// pools are in convert_layers.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "host/compiler/frontends/tflite/importer_internal.h"

namespace rune::compiler::tflite {
namespace {

Refusal check_arity(const Context& context, size_t inputs_min, size_t inputs_max) {
  if (context.inputs() < inputs_min || context.inputs() > inputs_max || context.node.outputs.size() != 1) {
    return context.refuse(
        fmt::format("{} inputs and {} outputs", context.inputs(), context.node.outputs.size()),
        "copying or exporting it again: the file is damaged");
  }
  for (size_t i = 0; i < inputs_min; ++i) {
    if (!context.has_input(i))
      return context.refuse(fmt::format("input {} is left out", i), "exporting it again");
  }
  return {};
}

Refusal check_same(const Context& context, const ir::Tensor& a, const ir::Tensor& b) {
  if (a.element == b.element) return {};
  return context.refuse(fmt::format("mixes {} and {}", element_name(a.element), element_name(b.element)),
                        "one element type on both sides");
}

Refusal check_same_quantization(const Context& context) {
  const ir::Quantization& in = context.input(0).quantization;
  const ir::Quantization& out = context.output().quantization;
  if (context.input(0).element == ElementType::kF32) return {};
  if (in.scale(0) == out.scale(0) && in.zero_point(0) == out.zero_point(0)) return {};
  return context.refuse("input and output have different scales", "a converter that keeps them equal");
}

// The values of a constant i32 list given as input `index`.
Refusal read_list(const Context& context, size_t index, std::vector<int32_t>& out) {
  const ir::Tensor& list = context.input(index);
  if (!list.constant || list.element != ElementType::kI32) {
    return context.refuse(fmt::format("input {} is computed at run time, supported are constants", index),
                          "exporting with static shapes");
  }
  out.assign(list.as<int32_t>(), list.as<int32_t>() + list.shape.elements());
  return {};
}

Refusal convert_add(Context& context) {
  if (Refusal refusal = check_arity(context, 2, 2)) return refusal;
  for (size_t i = 0; i < 2; ++i) {
    if (Refusal refusal = check_activation_type(context, context.input(i))) return refusal;
    if (Refusal refusal = check_same(context, context.input(i), context.output())) return refusal;
    if (context.input(i).shape != context.output().shape) {
      return context.refuse(fmt::format("adds {} into {}, supported are equal shapes",
                                        ir::to_text(context.input(i).element, context.input(i).shape),
                                        ir::to_text(context.output().element, context.output().shape)),
                            "expanding the smaller operand in the model");
    }
  }
  const auto* options = context.source.builtin_options_as_AddOptions();
  context.node.op = ir::Op::kAdd;
  return options == nullptr ? Refusal() : set_activation(context, options->fused_activation_function());
}

// Operators whose output has the input's type and shape.
Refusal convert_elementwise(Context& context, ir::Op op) {
  if (Refusal refusal = check_arity(context, 1, 1)) return refusal;
  if (Refusal refusal = check_activation_type(context, context.input(0))) return refusal;
  if (Refusal refusal = check_activation_type(context, context.output())) return refusal;
  if (Refusal refusal = check_same(context, context.input(0), context.output())) return refusal;
  if (context.input(0).shape != context.output().shape) {
    return context.refuse("input and output differ in shape", "exporting it again");
  }
  context.node.op = op;
  return {};
}

Refusal convert_softmax(Context& context) {
  if (Refusal refusal = convert_elementwise(context, ir::Op::kSoftmax)) return refusal;
  const ir::Tensor& output = context.output();
  if (output.element == ElementType::kI8 &&
      (output.quantization.scale(0) != 1.0f / 256 || output.quantization.zero_point(0) != -128)) {
    return context.refuse("the output's scale must be 1/256 and its zero point -128", "a standard converter");
  }
  const auto* options = context.source.builtin_options_as_SoftmaxOptions();
  // Without options the field's default is 0, which no converter means.
  context.node.beta = options == nullptr ? 1.0f : options->beta();
  if (!(context.node.beta > 0)) return context.refuse("beta must be above 0", "exporting it again");
  return {};
}

Refusal convert_stand_alone_activation(Context& context, ir::Activation activation) {
  if (Refusal refusal = convert_elementwise(context, ir::Op::kRelu)) return refusal;
  context.node.activation = activation;
  return {};
}

Refusal convert_mean(Context& context) {
  if (Refusal refusal = check_arity(context, 2, 2)) return refusal;
  if (Refusal refusal = check_activation_type(context, context.input(0))) return refusal;
  if (Refusal refusal = check_activation_type(context, context.output())) return refusal;
  if (Refusal refusal = check_same(context, context.input(0), context.output())) return refusal;
  std::vector<int32_t> axes;
  if (Refusal refusal = read_list(context, 1, axes)) return refusal;
  const Shape& shape = context.input(0).shape;
  uint32_t kept = shape.elements();
  for (int32_t axis : axes) {
    if (axis < -int32_t{shape.rank} || axis >= shape.rank) {
      return context.refuse(fmt::format("axis {} of a tensor of rank {}", axis, shape.rank),
                            "exporting it again");
    }
    const auto positive = static_cast<uint32_t>(axis < 0 ? axis + shape.rank : axis);
    if (std::count(context.node.axes.begin(), context.node.axes.end(), positive) != 0) continue;
    context.node.axes.push_back(positive);
    kept /= shape.dims[positive];
  }
  std::sort(context.node.axes.begin(), context.node.axes.end());
  if (kept != context.output().shape.elements())
    return context.refuse("the output has another size", "exporting it again");
  context.node.op = ir::Op::kMean;
  context.node.inputs.resize(1);
  return {};
}

Refusal convert_reshape(Context& context) {
  if (Refusal refusal = check_arity(context, 1, 2)) return refusal;
  if (Refusal refusal = check_same(context, context.input(0), context.output())) return refusal;
  if (!context.input(0).constant) {
    if (Refusal refusal = check_activation_type(context, context.input(0))) return refusal;
    if (Refusal refusal = check_activation_type(context, context.output())) return refusal;
    if (Refusal refusal = check_same_quantization(context)) return refusal;
  }
  if (context.input(0).shape.elements() != context.output().shape.elements()) {
    return context.refuse(fmt::format("{} elements become {}", context.input(0).shape.elements(),
                                      context.output().shape.elements()),
                          "exporting with static shapes");
  }
  context.node.op = ir::Op::kReshape;
  context.node.inputs.resize(1);  // the output's shape says what the second input would
  return {};
}

Refusal convert_transpose(Context& context) {
  if (Refusal refusal = check_arity(context, 2, 2)) return refusal;
  if (Refusal refusal = check_same(context, context.input(0), context.output())) return refusal;
  if (Refusal refusal = check_activation_type(context, context.input(0))) return refusal;
  if (Refusal refusal = check_activation_type(context, context.output())) return refusal;
  if (Refusal refusal = check_same_quantization(context)) return refusal;
  std::vector<int32_t> permutation;
  if (Refusal refusal = read_list(context, 1, permutation)) return refusal;
  const Shape& in = context.input(0).shape;
  const Shape& out = context.output().shape;
  bool fits = permutation.size() == in.rank && out.rank == in.rank;
  for (uint32_t i = 0; fits && i < in.rank; ++i) {
    const int32_t axis = permutation[i] < 0 ? permutation[i] + in.rank : permutation[i];
    fits = axis >= 0 && axis < in.rank && out.dims[i] == in.dims[static_cast<uint32_t>(axis)] &&
           std::count(context.node.axes.begin(), context.node.axes.end(), static_cast<uint32_t>(axis)) == 0;
    if (fits) context.node.axes.push_back(static_cast<uint32_t>(axis));
  }
  if (!fits)
    return context.refuse("the permutation does not lead from the input's shape to the output's",
                          "exporting it again");
  context.node.op = ir::Op::kTranspose;
  context.node.inputs.resize(1);
  return {};
}

Refusal convert_quantize(Context& context, ir::Op op) {
  if (Refusal refusal = check_arity(context, 1, 1)) return refusal;
  // Weights stored as float16 or int8 are dequantised once, by the compiler.
  if (!context.input(0).constant) {
    if (Refusal refusal = check_activation_type(context, context.input(0))) return refusal;
  }
  if (Refusal refusal = check_activation_type(context, context.output())) return refusal;
  const ElementType expected = op == ir::Op::kQuantize ? ElementType::kI8 : ElementType::kF32;
  if (context.output().element != expected) {
    return context.refuse(fmt::format("makes {}, supported is {}", element_name(context.output().element),
                                      element_name(expected)),
                          "exporting as int8 or float32");
  }
  if (context.input(0).shape != context.output().shape) {
    return context.refuse("input and output differ in shape", "exporting it again");
  }
  context.node.op = op;
  return {};
}

}  // namespace

Refusal check_activation_type(const Context& context, const ir::Tensor& tensor) {
  if (tensor.element == ElementType::kF32) return {};
  if (tensor.element != ElementType::kI8) {
    return context.refuse(
        fmt::format("tensor {} is {}, supported are i8 and f32", tensor.name, element_name(tensor.element)),
        "quantising to int8 or exporting as float32");
  }
  if (tensor.quantization.scales.size() != 1 || !(tensor.quantization.scale(0) > 0)) {
    return context.refuse(fmt::format("int8 tensor {} has {} scales, supported is one above 0", tensor.name,
                                      tensor.quantization.scales.size()),
                          "full integer quantisation");
  }
  const int32_t zero_point = tensor.quantization.zero_point(0);
  if (zero_point < -128 || zero_point > 127) {
    return context.refuse(fmt::format("tensor {} has the zero point {}", tensor.name, zero_point),
                          "exporting it again");
  }
  return {};
}

Refusal set_activation(Context& context, ActivationFunctionType activation) {
  switch (activation) {
    case ActivationFunctionType::NONE: context.node.activation = ir::Activation::kNone; return {};
    case ActivationFunctionType::RELU: context.node.activation = ir::Activation::kRelu; return {};
    case ActivationFunctionType::RELU_N1_TO_1:
      context.node.activation = ir::Activation::kReluN1To1;
      return {};
    case ActivationFunctionType::RELU6: context.node.activation = ir::Activation::kRelu6; return {};
    default: break;
  }
  return context.refuse(fmt::format("fused activation {}, supported are RELU, RELU6, RELU_N1_TO_1",
                                    EnumNameActivationFunctionType(activation)),
                        "a ReLU activation");
}

Refusal convert_operator(BuiltinOperator code, Context& context) {
  switch (code) {
    case BuiltinOperator::ADD: return convert_add(context);
    case BuiltinOperator::AVERAGE_POOL_2D:
    case BuiltinOperator::CONV_2D:
    case BuiltinOperator::DEPTHWISE_CONV_2D:
    case BuiltinOperator::FULLY_CONNECTED:
    case BuiltinOperator::MAX_POOL_2D: return convert_layer(code, context);
    case BuiltinOperator::DEQUANTIZE: return convert_quantize(context, ir::Op::kDequantize);
    case BuiltinOperator::MEAN: return convert_mean(context);
    case BuiltinOperator::QUANTIZE: return convert_quantize(context, ir::Op::kQuantize);
    case BuiltinOperator::RELU: return convert_stand_alone_activation(context, ir::Activation::kRelu);
    case BuiltinOperator::RELU6: return convert_stand_alone_activation(context, ir::Activation::kRelu6);
    case BuiltinOperator::RELU_N1_TO_1:
      return convert_stand_alone_activation(context, ir::Activation::kReluN1To1);
    case BuiltinOperator::EXPAND_DIMS:
    case BuiltinOperator::RESHAPE:
    case BuiltinOperator::SQUEEZE: return convert_reshape(context);
    case BuiltinOperator::SOFTMAX: return convert_softmax(context);
    case BuiltinOperator::TRANSPOSE: return convert_transpose(context);
    default: break;
  }
  return context.refuse(
      fmt::format("operator {} is not supported", context.operator_name),
      "a model of ADD, AVERAGE_POOL_2D, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, FULLY_CONNECTED, "
      "MAX_POOL_2D, MEAN, QUANTIZE, RELU, RESHAPE, SOFTMAX, TRANSPOSE");
}

}  // namespace rune::compiler::tflite
