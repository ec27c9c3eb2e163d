// depthwise_conv_2d_s8_dsp: 3x3 kernels, one output channel for each input channel, horizontal stride 1 or 2.
//
// Four channels at a time, a band of input rows is turned from interleaved bytes into four planes of 16-bit
// values with a zero border. In a plane two neighbours share a word, so with the words xa = (x0, x1) and
// xb = (x2, x3) and the weight pairs w01 = (w0, w1), w12 = (w1, w2)
//   out0 += SMLAD(xa, w01) + SMLABT(xb, w12)      out1 += SMLATB(xa, w01) + SMLAD(xb, w12)
// is six products in four instructions. Weights and bias are stored times 256, as requantisation wants the
// sum. Transposing costs two instructions a value, shared by the nine taps.
#include <algorithm>

#include "device/kernels/dsp/dsp.h"
#include "device/kernels/dsp/dsp_verify.h"
#include "device/kernels/dsp/gemm_s8.h"
#include "device/kernels/verify.h"

namespace rune::kernels {
namespace {

using namespace dsp;  // NOLINT: the kernel is written in its vocabulary

struct Planes {
  int16_t* data;
  uint32_t row_elements;    // of one plane
  uint32_t plane_elements;  // rows of it
};

// Two pixels of four channels as lanes (c0, c2) and (c1, c3); zero outside the row.
struct Pixel {
  Pair even, odd;
};
inline Pixel load_pixel(const int8_t* cell, Pair offsets) {
  const int32_t bytes = load_word(cell);
  return {sxtab16(offsets, bytes), sxtab16_odd(offsets, bytes)};
}
inline void store_pixels(const Planes& planes, int16_t* at, const Pixel& left, const Pixel& right) {
  store_word(at, pack_low(left.even, right.even));
  store_word(at + planes.plane_elements, pack_low(left.odd, right.odd));
  store_word(at + 2 * planes.plane_elements, pack_high(left.even, right.even));
  store_word(at + 3 * planes.plane_elements, pack_high(left.odd, right.odd));
}

// One row of the four planes; `cells` is the first pixel's four channels, null for a row outside the input.
void fill_row(const Planes& planes, int16_t* out, const int8_t* cells, int32_t width, int32_t channels,
              int32_t pad_left, Pair offsets) {
  const auto elements = static_cast<int32_t>(planes.row_elements);
  const auto pixel = [&](int32_t at) {
    const int32_t x = at - pad_left;
    return cells != nullptr && x >= 0 && x < width ? load_pixel(cells + x * channels, offsets) : Pixel{0, 0};
  };
  int32_t at = 0;
  if (cells != nullptr) {
    for (; at < elements && at < pad_left; at += 2) store_pixels(planes, out + at, pixel(at), pixel(at + 1));
    const int32_t end = std::min(elements, width + pad_left);
    const int8_t* cell = cells + (at - pad_left) * channels;
    for (; at + 2 <= end; at += 2, cell += 2 * channels) {
      store_pixels(planes, out + at, load_pixel(cell, offsets), load_pixel(cell + channels, offsets));
    }
  }
  for (; at < elements; at += 2) store_pixels(planes, out + at, pixel(at), pixel(at + 1));
}

inline void store_value(const DspStage& stage, int32_t value, int8_t* out) {
  if (stage.narrow != 0) value = std::clamp(value, stage.activation_min, stage.activation_max);
  *out = static_cast<int8_t>(value);
}

// Four neighbouring sums, times 256, of the window row at `x`.
template <uint32_t kStride>
inline void add_row(int32_t sums[4], const int16_t* x, Pair w01, Pair w12) {
  const Pair a = load_word(x);
  const Pair b = load_word(x + 2);
  const Pair c = load_word(x + 4);
  if constexpr (kStride == 1) {
    sums[0] = smlabt(b, w12, smlad(a, w01, sums[0]));
    sums[1] = smlad(b, w12, smlatb(a, w01, sums[1]));
    sums[2] = smlabt(c, w12, smlad(b, w01, sums[2]));
    sums[3] = smlad(c, w12, smlatb(b, w01, sums[3]));
  } else {
    const Pair d = load_word(x + 6);
    const Pair e = load_word(x + 8);
    sums[0] = smlabt(b, w12, smlad(a, w01, sums[0]));
    sums[1] = smlabt(c, w12, smlad(b, w01, sums[1]));
    sums[2] = smlabt(d, w12, smlad(c, w01, sums[2]));
    sums[3] = smlabt(e, w12, smlad(d, w01, sums[3]));
  }
}

// One output row of one channel from its plane.
template <RoundingForm kForm, uint32_t kStride>
void run_channel(const DspStage& stage, const DepthwiseChannel& channel, const int16_t* plane,
                 uint32_t row_elements, int8_t* out, uint32_t width, uint32_t channels) {
  for (uint32_t column = 0; column < width; column += 4, plane += 4 * kStride) {
    int32_t sums[4] = {channel.bias, channel.bias, channel.bias, channel.bias};
    add_row<kStride>(sums, plane, channel.first[0], channel.second[0]);
    add_row<kStride>(sums, plane + row_elements, channel.first[1], channel.second[1]);
    add_row<kStride>(sums, plane + 2 * row_elements, channel.first[2], channel.second[2]);
    const uint32_t count = std::min<uint32_t>(4, width - column);
    for (uint32_t i = 0; i < 4; ++i) {
      if (i == count) return;
      store_value(stage, scale_sum<kForm>(sums[i], channel.scale), out);
      out += channels;
    }
  }
}

template <RoundingForm kForm, uint32_t kStride>
void run_band(const Call& call, uint32_t row_begin, uint32_t row_end) {
  const auto& params = params_of<DepthwiseConv2dS8DspParams>(call);
  const Window& window = params.window;
  const auto& in = call.inputs[0].shape.dims;
  const uint32_t channels = in[3];
  const uint32_t width = call.outputs[0].shape.dims[2];
  const auto* blocks = array_at<DepthwiseChannel>(call.params, sizeof(params));
  const Pair offsets = both_lanes(params.stage.input_offset);
  Planes planes{reinterpret_cast<int16_t*>(call.scratch), align_up(depthwise_plane_width(window, width), 2),
                0};
  planes.plane_elements = planes.row_elements * depthwise_plane_rows(window, params.band_rows);
  const uint32_t rows = depthwise_plane_rows(window, row_end - row_begin);
  const int32_t top = static_cast<int32_t>(row_begin * window.stride_height) - window.pad_top;
  for (uint32_t group = 0; group < channels; group += 4) {
    // The last four overlap the ones before when channels are no multiple of four.
    const uint32_t first = std::min(group, channels - 4);
    for (uint32_t row = 0; row < rows; ++row) {
      const int32_t y = top + static_cast<int32_t>(row);
      const bool inside = y >= 0 && y < static_cast<int32_t>(in[1]);
      const auto* cells =
          inside ? reinterpret_cast<const int8_t*>(call.inputs[0].row(static_cast<uint32_t>(y))) + first
                 : nullptr;
      fill_row(planes, planes.data + row * planes.row_elements, cells, static_cast<int32_t>(in[2]),
               static_cast<int32_t>(channels), window.pad_left, offsets);
    }
    for (uint32_t lane = 0; lane < 4; ++lane) {
      const int16_t* plane = planes.data + lane * planes.plane_elements;
      for (uint32_t row = row_begin; row < row_end; ++row) {
        auto* out = reinterpret_cast<int8_t*>(call.outputs[0].row(row)) + first + lane;
        run_channel<kForm, kStride>(params.stage, blocks[first + lane], plane, planes.row_elements, out,
                                    width, channels);
        plane += window.stride_height * planes.row_elements;
      }
    }
  }
}

template <RoundingForm kForm>
void run_form(const Call& call) {
  const auto& params = params_of<DepthwiseConv2dS8DspParams>(call);
  for (uint32_t row = call.row_begin; row < call.row_end; row += params.band_rows) {
    const uint32_t end = std::min(row + params.band_rows, call.row_end);
    if (params.window.stride_width == 1) {
      run_band<kForm, 1>(call, row, end);
    } else {
      run_band<kForm, 2>(call, row, end);
    }
  }
}

Status verify(const Plan& plan) {
  constexpr ElementType kInputs[] = {ElementType::kI8};
  RUNE_TRY(check_operands(plan, kInputs, ElementType::kI8, sizeof(DepthwiseConv2dS8DspParams)));
  const auto& params = params_of<DepthwiseConv2dS8DspParams>(plan);
  const Window& window = params.window;
  const Tensor& input = plan.inputs[0];
  const Tensor& output = plan.outputs[0];
  RUNE_TRY(check_images(input, output));
  RUNE_TRY(check_window(window, input, output));
  RUNE_TRY(verify_stage(params.stage, 4));
  const uint32_t channels = input.shape.dims[3];
  if (channels < 4 || channels >= 1U << 24 || channels != output.shape.dims[3]) return Status::kInvalid;
  if (window.kernel_height != 3 || window.kernel_width != 3) return Status::kInvalid;
  if (window.dilation_height != 1 || window.dilation_width != 1 || window.stride_width > 2)
    return Status::kInvalid;
  if (output.shape.dims[2] >= 1U << 20 || params.band_rows == 0 || params.band_rows > 4096)
    return Status::kInvalid;
  if (window.stride_height > 4096) return Status::kInvalid;
  if (plan.scratch_bytes < depthwise_scratch_bytes(window, output.shape.dims[2], params.band_rows)) {
    return Status::kInvalid;
  }
  if (plan.params.size() != sizeof(params) + channels * sizeof(DepthwiseChannel)) return Status::kInvalid;
  const auto* blocks = array_at<DepthwiseChannel>(plan.params.data(), sizeof(params));
  for (uint32_t channel = 0; channel < channels; ++channel) RUNE_TRY(verify_scale(blocks[channel].scale));
  return Status::kOk;
}

void run(const Call& call) {
  if (params_of<DepthwiseConv2dS8DspParams>(call).stage.form == static_cast<uint8_t>(RoundingForm::kSigned)) {
    run_form<RoundingForm::kSigned>(call);
  } else {
    run_form<RoundingForm::kFloor>(call);
  }
}

}  // namespace

const Kernel kDepthwiseConv2dS8Dsp = {"depthwise_conv_2d_s8_dsp", verify, run, true, window_input_rows};

}  // namespace rune::kernels
