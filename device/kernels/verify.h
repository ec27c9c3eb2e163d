// Checks that the verify functions of kernels share. Each returns kOk or why the plan is refused.
#pragma once

#include "device/kernels/kernel.h"
#include "device/kernels/params.h"

namespace rune::kernels {

// The block's struct. Requires the block to be at least that long: check_block() first.
template <typename Params>
const Params& params_of(const Plan& plan) {
  return *reinterpret_cast<const Params*>(plan.params.data());
}
template <typename Params>
const Params& params_of(const Call& call) {
  return *reinterpret_cast<const Params*>(call.params);
}
template <typename T>
const T* array_at(const uint8_t* block, uint32_t offset) {
  return reinterpret_cast<const T*>(block + offset);
}

// The plan has so many operands, of these element types, and a block of at least `params_bytes`.
Status check_operands(const Plan& plan, std::span<const ElementType> inputs, ElementType output,
                      size_t params_bytes);

// One image each, [1, height, width, channels].
Status check_images(const Tensor& input, const Tensor& output);

// Window fields at least 1, and no position of the window overflows 31 bits.
Status check_window(const Window& window, const Tensor& input, const Tensor& output);

// Offsets, activation range and rounding of an int8 operator.
Status check_stage(const OutputStage& stage);
Status check_range(int32_t low, int32_t high);  // of int8 activations
Status check_multiplier(int32_t multiplier, int32_t shift);
Status check_channels(std::span<const ChannelScale> channels);

// Equal shapes.
Status check_same_shape(const Tensor& a, const Tensor& b);

// Kernel::input_rows of operators whose block starts with a Window, and of those that go row by row.
void window_input_rows(const Plan& plan, uint32_t index, uint32_t row_begin, uint32_t row_end,
                       uint32_t* begin, uint32_t* end);
void same_input_rows(const Plan& plan, uint32_t index, uint32_t row_begin, uint32_t row_end, uint32_t* begin,
                     uint32_t* end);

// The kernel positions [begin, end) whose cell origin + position * dilation lies in [0, size).
struct Taps {
  int32_t begin;
  int32_t end;
};
inline Taps taps_inside(int32_t origin, int32_t kernel, int32_t dilation, int32_t size) {
  const int32_t begin = origin < 0 ? (dilation - 1 - origin) / dilation : 0;
  const int32_t limit = size > origin ? (size - origin + dilation - 1) / dilation : 0;
  const int32_t end = limit < kernel ? limit : kernel;
  return {begin, end > begin ? end : begin};
}

}  // namespace rune::kernels
