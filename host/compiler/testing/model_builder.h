// Builds small .tflite files in tests, so that the compiler is tested without any model file at hand.
//
//   ModelBuilder model;
//   int in = model.activation("in", {1, 4, 4, 2}, 0.5f, -3);
//   int weights = model.constant<int8_t>("w", {3, 1, 1, 2}, values, {0.1f, 0.2f, 0.3f}, 0);
//   int out = model.activation("out", {1, 4, 4, 3}, 0.25f, 4);
//   model.convolution({in, weights}, out, {.padding = Padding::SAME});
//   ByteVector file = model.finish({in}, {out});
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "host/support/files.h"
#include "tflite_subset_generated.h"

namespace rune::compiler::testing {

using tflite::ActivationFunctionType;
using tflite::BuiltinOperator;
using tflite::Padding;
using tflite::TensorType;

struct WindowOptions {
  Padding padding = Padding::VALID;
  int stride_height = 1;
  int stride_width = 1;
  int filter_height = 1;  // pools only
  int filter_width = 1;
  int dilation_height = 1;
  int dilation_width = 1;
  ActivationFunctionType activation = ActivationFunctionType::NONE;
};

class ModelBuilder {
 public:
  ModelBuilder() { buffers_.push_back(tflite::CreateBuffer(builder_)); }

  // int8 with a scale; float32 when the scale is 0.
  int activation(const std::string& name, std::vector<int> shape, float scale, int64_t zero_point = 0) {
    if (scale == 0) return tensor(name, shape, TensorType::FLOAT32, 0, {}, {}, 0);
    return tensor(name, shape, TensorType::INT8, 0, {scale}, {zero_point}, 0);
  }

  template <typename T>
  int constant(const std::string& name, std::vector<int> shape, const std::vector<T>& values,
               std::vector<float> scales = {}, int axis = 0) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    builder_.ForceVectorAlignment(values.size() * sizeof(T), 1, 16);
    auto data = builder_.CreateVector(bytes, values.size() * sizeof(T));
    buffers_.push_back(tflite::CreateBuffer(builder_, data));
    std::vector<int64_t> zero_points(scales.size(), 0);
    return tensor(name, shape, type_of(values), static_cast<uint32_t>(buffers_.size() - 1), scales,
                  zero_points, axis);
  }

  void convolution(const std::vector<int>& inputs, int output, const WindowOptions& options) {
    auto made =
        tflite::CreateConv2DOptions(builder_, options.padding, options.stride_width, options.stride_height,
                                    options.activation, options.dilation_width, options.dilation_height);
    node(BuiltinOperator::CONV_2D, inputs, {output}, tflite::BuiltinOptions::Conv2DOptions, made.Union());
  }

  void depthwise(const std::vector<int>& inputs, int output, int multiplier, const WindowOptions& options) {
    auto made = tflite::CreateDepthwiseConv2DOptions(builder_, options.padding, options.stride_width,
                                                     options.stride_height, multiplier, options.activation,
                                                     options.dilation_width, options.dilation_height);
    node(BuiltinOperator::DEPTHWISE_CONV_2D, inputs, {output}, tflite::BuiltinOptions::DepthwiseConv2DOptions,
         made.Union());
  }

  void fully_connected(const std::vector<int>& inputs, int output,
                       ActivationFunctionType activation = ActivationFunctionType::NONE) {
    auto made = tflite::CreateFullyConnectedOptions(builder_, activation);
    node(BuiltinOperator::FULLY_CONNECTED, inputs, {output}, tflite::BuiltinOptions::FullyConnectedOptions,
         made.Union());
  }

  void pool(BuiltinOperator code, int input, int output, const WindowOptions& options) {
    auto made =
        tflite::CreatePool2DOptions(builder_, options.padding, options.stride_width, options.stride_height,
                                    options.filter_width, options.filter_height, options.activation);
    node(code, {input}, {output}, tflite::BuiltinOptions::Pool2DOptions, made.Union());
  }

  void add(int a, int b, int output, ActivationFunctionType activation = ActivationFunctionType::NONE) {
    auto made = tflite::CreateAddOptions(builder_, activation);
    node(BuiltinOperator::ADD, {a, b}, {output}, tflite::BuiltinOptions::AddOptions, made.Union());
  }

  void softmax(int input, int output, float beta = 1) {
    auto made = tflite::CreateSoftmaxOptions(builder_, beta);
    node(BuiltinOperator::SOFTMAX, {input}, {output}, tflite::BuiltinOptions::SoftmaxOptions, made.Union());
  }

  // Operators without options of their own.
  void node(BuiltinOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs,
            tflite::BuiltinOptions type = tflite::BuiltinOptions::NONE, flatbuffers::Offset<void> options = 0,
            const std::string& custom = {}) {
    const auto narrow = static_cast<int8_t>(std::min(static_cast<int>(code), 127));
    auto name = custom.empty() ? flatbuffers::Offset<flatbuffers::String>() : builder_.CreateString(custom);
    codes_.push_back(tflite::CreateOperatorCode(builder_, narrow, name, 1, code));
    auto in = builder_.CreateVector(inputs);
    auto out = builder_.CreateVector(outputs);
    nodes_.push_back(
        tflite::CreateOperator(builder_, static_cast<uint32_t>(codes_.size() - 1), in, out, type, options));
  }

  ByteVector finish(const std::vector<int>& inputs, const std::vector<int>& outputs) {
    auto tensors = builder_.CreateVector(tensors_);
    auto in = builder_.CreateVector(inputs);
    auto out = builder_.CreateVector(outputs);
    auto nodes = builder_.CreateVector(nodes_);
    const std::vector<flatbuffers::Offset<tflite::SubGraph>> graphs = {
        tflite::CreateSubGraph(builder_, tensors, in, out, nodes)};
    auto codes = builder_.CreateVector(codes_);
    auto subgraphs = builder_.CreateVector(graphs);
    auto buffers = builder_.CreateVector(buffers_);
    tflite::FinishModelBuffer(builder_, tflite::CreateModel(builder_, 3, codes, subgraphs, 0, buffers));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

 private:
  static TensorType type_of(const std::vector<int8_t>&) { return TensorType::INT8; }
  static TensorType type_of(const std::vector<int32_t>&) { return TensorType::INT32; }
  static TensorType type_of(const std::vector<float>&) { return TensorType::FLOAT32; }
  static TensorType type_of(const std::vector<uint16_t>&) { return TensorType::FLOAT16; }

  int tensor(const std::string& name, const std::vector<int>& shape, TensorType type, uint32_t buffer,
             const std::vector<float>& scales, const std::vector<int64_t>& zero_points, int axis) {
    flatbuffers::Offset<tflite::QuantizationParameters> quantization;
    if (!scales.empty()) {
      auto scale = builder_.CreateVector(scales);
      auto points = builder_.CreateVector(zero_points);
      quantization = tflite::CreateQuantizationParameters(builder_, scale, points, 0, axis);
    }
    auto dims = builder_.CreateVector(shape);
    auto text = builder_.CreateString(name);
    tensors_.push_back(tflite::CreateTensor(builder_, dims, type, buffer, text, quantization));
    return static_cast<int>(tensors_.size() - 1);
  }

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<tflite::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<tflite::Operator>> nodes_;
};

}  // namespace rune::compiler::testing
