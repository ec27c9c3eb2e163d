// conv_2d_s8_dsp: each window of the input becomes a column of 16-bit values, two output pixels at a time,
// which gemm_s8.h multiplies by all output channels. The two columns stand side by side, a pair of each in
// turn. A column costs about one instruction a value, once for all outputs, and makes every kernel size,
// stride, dilation and padding the same product. Pixels are paired across rows, so narrow images waste
// nothing.
#include "device/kernels/dsp/dsp.h"
#include "device/kernels/dsp/dsp_verify.h"
#include "device/kernels/dsp/gemm_s8.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

using namespace dsp;  // NOLINT: the kernel is written in its vocabulary

struct Shapes {
  int32_t height, width, channels, outputs, output_width;
  uint32_t depth;
};

Shapes shapes_of(const Window& window, const Tensor& input, const Tensor& output) {
  const auto& in = input.shape.dims;
  return {static_cast<int32_t>(in[1]),
          static_cast<int32_t>(in[2]),
          static_cast<int32_t>(in[3]),
          static_cast<int32_t>(output.shape.dims[3]),
          static_cast<int32_t>(output.shape.dims[2]),
          uint32_t{window.kernel_height} * window.kernel_width * in[3]};
}

// Writes the column of the output pixel whose window starts at (y, x), beside the other one of two.
void fill_column(const Conv2dS8DspParams& params, const Shapes& s, const Tensor& input, int32_t y, int32_t x,
                 uint8_t* out) {
  const Window& window = params.window;
  const Pair offsets = both_lanes(params.stage.input_offset);
  const bool ordered = params.stage.ordered != 0;
  const auto channels = static_cast<uint32_t>(s.channels);
  const Taps kx = taps_inside(x, window.kernel_width, window.dilation_width, s.width);
  ColumnWriter<2> column(out);
  for (int32_t j = 0; j < window.kernel_height; ++j, y += window.dilation_height) {
    if (y < 0 || y >= s.height || kx.begin == kx.end) {
      column.zeros(window.kernel_width * channels);
      continue;
    }
    const auto* row = reinterpret_cast<const int8_t*>(input.row(static_cast<uint32_t>(y)));
    const int8_t* cell = row + (x + kx.begin * window.dilation_width) * s.channels;
    column.zeros(static_cast<uint32_t>(kx.begin) * channels);
    if (window.dilation_width == 1) {
      column.values(cell, static_cast<uint32_t>(kx.end - kx.begin) * channels, offsets, ordered);
    } else {
      for (int32_t i = kx.begin; i < kx.end; ++i, cell += window.dilation_width * s.channels) {
        column.values(cell, channels, offsets, ordered);
      }
    }
    column.zeros(static_cast<uint32_t>(window.kernel_width - kx.end) * channels);
  }
  column.zeros(gemm_depth(s.depth) - column.written());
}

template <RoundingForm kForm>
void run_form(const Call& call) {
  const auto& params = params_of<Conv2dS8DspParams>(call);
  const Shapes s = shapes_of(params.window, call.inputs[0], call.outputs[0]);
  const uint32_t depth = gemm_depth(s.depth);
  const auto outputs = static_cast<uint32_t>(s.outputs);
  const uint8_t* quads = call.params + sizeof(Conv2dS8DspParams);
  const auto* columns = reinterpret_cast<const Pair*>(call.scratch);
  int8_t* waiting = nullptr;  // output of the first column, when the second is still to come
  for (uint32_t row = call.row_begin; row < call.row_end; ++row) {
    auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row));
    const int32_t y = static_cast<int32_t>(row) * params.window.stride_height - params.window.pad_top;
    int32_t x = -params.window.pad_left;
    for (int32_t pixel = 0; pixel < s.output_width;
         ++pixel, x += params.window.stride_width, out += outputs) {
      if (waiting == nullptr) {
        fill_column(params, s, call.inputs[0], y, x, call.scratch);
        waiting = out;
        continue;
      }
      fill_column(params, s, call.inputs[0], y, x, call.scratch + sizeof(Pair));
      multiply_two<kForm>(params.stage, quads, depth, outputs, columns, waiting, out);
      waiting = nullptr;
    }
  }
  if (waiting != nullptr) multiply_one<kForm>(params.stage, quads, depth, outputs, columns, 2, waiting);
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(Conv2dS8DspParams)));
  const auto& params = params_of<Conv2dS8DspParams>(plan);
  RUNE_TRY(check_images(plan.inputs[0], plan.outputs[0]));
  RUNE_TRY(check_window(params.window, plan.inputs[0], plan.outputs[0]));
  RUNE_TRY(verify_stage(params.stage, plan.inputs[0].shape.dims[3]));
  const uint64_t depth =
      uint64_t{params.window.kernel_height} * params.window.kernel_width * plan.inputs[0].shape.dims[3];
  const uint32_t outputs = plan.outputs[0].shape.dims[3];
  if (depth * outputs >= 1U << 26 || depth >= 1U << 24 || outputs >= 1U << 24) return Status::kTooLarge;
  const auto whole_depth = static_cast<uint32_t>(depth);
  if (plan.scratch_bytes < conv_2d_scratch_bytes(whole_depth)) return Status::kInvalid;
  return verify_quads(plan.params.subspan(sizeof(params)), whole_depth, outputs);
}

void run(const Call& call) {
  if (params_of<Conv2dS8DspParams>(call).stage.form == static_cast<uint8_t>(RoundingForm::kSigned)) {
    run_form<RoundingForm::kSigned>(call);
  } else {
    run_form<RoundingForm::kFloor>(call);
  }
}

}  // namespace

const Kernel kConv2dS8Dsp = {"conv_2d_s8_dsp", verify, run, true, window_input_rows};

}  // namespace rune::kernels
