// The walk that the pools share. A pool says how a cell joins and what the result is:
//
//   struct Pool { using Element; using Params; kElement; kMaxCells; static Status check(const Params&);
//                 void add(Element); Element result(int32_t cells, const Params&) const; };
#pragma once

#include "device/kernels/verify.h"

namespace rune::kernels {

template <typename Pool>
Status verify_pool_2d(const Plan& plan) {
  using Params = typename Pool::Params;
  constexpr ElementType kInputs[] = {Pool::kElement};
  RUNE_TRY(check_operands(plan, kInputs, Pool::kElement, sizeof(Params)));
  if (plan.params.size() != sizeof(Params)) return Status::kInvalid;
  const auto& params = params_of<Params>(plan);
  const Tensor& input = plan.inputs[0];
  const Tensor& output = plan.outputs[0];
  RUNE_TRY(check_images(input, output));
  RUNE_TRY(check_window(params.window, input, output));
  RUNE_TRY(Pool::check(params));
  const Window& window = params.window;
  if (window.dilation_height != 1 || window.dilation_width != 1) return Status::kInvalid;
  if (input.shape.dims[3] != output.shape.dims[3]) return Status::kInvalid;
  if (uint64_t{input.shape.dims[1]} * input.shape.dims[2] >= Pool::kMaxCells) return Status::kTooLarge;
  // The first and the last window meet the input, hence all between them do.
  if (window.pad_top >= window.kernel_height || window.pad_left >= window.kernel_width)
    return Status::kInvalid;
  const uint64_t bottom = uint64_t{output.shape.dims[1] - 1} * window.stride_height;
  const uint64_t right = uint64_t{output.shape.dims[2] - 1} * window.stride_width;
  const bool meets = bottom < uint64_t{input.shape.dims[1]} + window.pad_top &&
                     right < uint64_t{input.shape.dims[2]} + window.pad_left;
  return meets ? Status::kOk : Status::kInvalid;
}

template <typename Pool>
void run_pool_2d(const Call& call) {
  using Element = typename Pool::Element;
  const auto& params = params_of<typename Pool::Params>(call);
  const Window& window = params.window;
  const Tensor& input = call.inputs[0];
  const auto height = static_cast<int32_t>(input.shape.dims[1]);
  const auto width = static_cast<int32_t>(input.shape.dims[2]);
  const auto channels = static_cast<int32_t>(input.shape.dims[3]);
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    const int32_t y = static_cast<int32_t>(row) * window.stride_height - window.pad_top;
    const Taps ky = taps_inside(y, window.kernel_height, 1, height);
    auto* out = reinterpret_cast<Element*>(call.outputs[0].row(row));
    for (uint32_t column = 0; column < call.outputs[0].shape.dims[2]; ++column) {
      const int32_t x = static_cast<int32_t>(column) * window.stride_width - window.pad_left;
      const Taps kx = taps_inside(x, window.kernel_width, 1, width);
      const int32_t cells = (ky.end - ky.begin) * (kx.end - kx.begin);
      for (int32_t c = 0; c < channels; ++c) {
        Pool pool;
        for (int32_t j = ky.begin; j < ky.end; ++j) {
          const auto* cell = reinterpret_cast<const Element*>(input.row(static_cast<uint32_t>(y + j))) +
                             (x + kx.begin) * channels + c;
          for (int32_t i = kx.begin; i < kx.end; ++i, cell += channels) pool.add(*cell);
        }
        *out++ = pool.result(cells, params);
      }
    }
  }
}

}  // namespace rune::kernels
