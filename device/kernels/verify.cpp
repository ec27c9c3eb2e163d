#include "device/kernels/verify.h"

#include <algorithm>

#include "device/format/model_image.h"

namespace rune::kernels {

Status check_operands(const Plan& plan, std::span<const ElementType> inputs, ElementType output,
                      size_t params_bytes) {
  if (plan.inputs.size() != inputs.size() || plan.outputs.size() != 1) return Status::kInvalid;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (plan.inputs[i].element != inputs[i]) return Status::kInvalid;
  }
  if (plan.outputs[0].element != output) return Status::kInvalid;
  return plan.params.size() >= params_bytes ? Status::kOk : Status::kInvalid;
}

Status check_images(const Tensor& input, const Tensor& output) {
  if (input.shape.rank != 4 || output.shape.rank != 4) return Status::kInvalid;
  return input.shape.dims[0] == 1 && output.shape.dims[0] == 1 ? Status::kOk : Status::kInvalid;
}

Status check_window(const Window& window, const Tensor& input, const Tensor& output) {
  if (window.kernel_height == 0 || window.kernel_width == 0) return Status::kInvalid;
  if (window.stride_height == 0 || window.stride_width == 0) return Status::kInvalid;
  if (window.dilation_height == 0 || window.dilation_width == 0) return Status::kInvalid;
  const auto reach = [](uint64_t inputs, uint64_t outputs, uint64_t stride, uint64_t kernel,
                        uint64_t dilation) { return inputs + outputs * stride + kernel * dilation; };
  constexpr uint64_t kLimit = uint64_t{1} << 30;
  const auto& from = input.shape.dims;
  const auto& to = output.shape.dims;
  const bool fits =
      reach(from[1], to[1], window.stride_height, window.kernel_height, window.dilation_height) < kLimit &&
      reach(from[2], to[2], window.stride_width, window.kernel_width, window.dilation_width) < kLimit;
  return fits ? Status::kOk : Status::kInvalid;
}

Status check_range(int32_t low, int32_t high) {
  return low >= -128 && low <= high && high <= 127 ? Status::kOk : Status::kInvalid;
}

Status check_stage(const OutputStage& stage) {
  if (stage.input_offset < -127 || stage.input_offset > 128) return Status::kInvalid;
  if (stage.output_offset < -128 || stage.output_offset > 127) return Status::kInvalid;
  if (stage.rounding > static_cast<uint8_t>(format::Rounding::kSingle)) return Status::kInvalid;
  return check_range(stage.activation_min, stage.activation_max);
}

Status check_multiplier(int32_t multiplier, int32_t shift) {
  return multiplier >= 0 && shift >= -31 && shift <= 30 ? Status::kOk : Status::kInvalid;
}

Status check_channels(std::span<const ChannelScale> channels) {
  for (const ChannelScale& channel : channels) RUNE_TRY(check_multiplier(channel.multiplier, channel.shift));
  return Status::kOk;
}

Status check_same_shape(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape ? Status::kOk : Status::kInvalid;
}

void window_input_rows(const Plan& plan, uint32_t index, uint32_t row_begin, uint32_t row_end,
                       uint32_t* begin, uint32_t* end) {
  const auto& window = params_of<Window>(plan);
  const int64_t rows = plan.inputs[index].rows();
  const int64_t first = int64_t{row_begin} * window.stride_height - window.pad_top;
  const int64_t last = (int64_t{row_end} - 1) * window.stride_height - window.pad_top +
                       (int64_t{window.kernel_height} - 1) * window.dilation_height + 1;
  *begin = static_cast<uint32_t>(std::clamp<int64_t>(first, 0, rows));
  *end = static_cast<uint32_t>(std::clamp<int64_t>(last, *begin, rows));
}

void same_input_rows(const Plan& plan, uint32_t index, uint32_t row_begin, uint32_t row_end, uint32_t* begin,
                     uint32_t* end) {
  // An operand of other rows than the output is a broadcast one, needed whole.
  const bool broadcast = plan.inputs[index].rows() != plan.outputs[0].rows();
  *begin = broadcast ? 0 : row_begin;
  *end = broadcast ? plan.inputs[index].rows() : row_end;
}

}  // namespace rune::kernels
