// Parameter blocks of the Cortex-M DSP kernels: what dsp_packing writes and the kernels read.
//
// Weights of four output channels 0..3 make a quad, two in a word (kernels in gemm_s8.h say why):
//
//   GemmSums                      where the sums start: biases
//   { W02, W13 } for two inputs   lane of input i: 256 * w0[i] + w2[i], and 256 * w1[i] + w3[i]
//   ... depth / 2 times
//   DspScale[4]                   channels 0, 1, 2, 3
//
// Inputs stand in the order in which expand() writes them: 0 2 1 3 in each four when a cell's channels are a
// multiple of four, else as they are. Depth is padded with zero weights to a multiple of four, outputs to one
// of four.
#pragma once

#include "device/kernels/params.h"

namespace rune::kernels::dsp {

enum class RoundingForm : uint8_t {
  kFloor = 0,   // y = (smmla(256 * sum, multiplier, rounding)) >> shift
  kSigned = 1,  // the same of double rounding with negative results: ties away from zero
};

struct DspStage {
  int32_t input_offset;  // -(zero point)
  int32_t activation_min;
  int32_t activation_max;
  uint8_t form;     // RoundingForm
  uint8_t narrow;   // 1: the activation range is not -128..127
  uint8_t ordered;  // 1: inputs as they are; 0: 0 2 1 3
  uint8_t reserved;
};
static_assert(sizeof(DspStage) == 16);

// real factor = multiplier / 2^(24 + shift); `rounding` holds the rounding constant and the zero point.
struct DspScale {
  int32_t multiplier;
  int32_t rounding;
  int32_t shift;  // 7..22
};
static_assert(sizeof(DspScale) == 12);

struct GemmSums {
  int32_t both_02;  // 256 * bias0 + bias2
  int32_t low_02;   // bias2
  int32_t both_13;
  int32_t low_13;
};
static_assert(sizeof(GemmSums) == 16);

struct Conv2dS8DspParams {
  Window window;
  DspStage stage;
};
static_assert(sizeof(Conv2dS8DspParams) == 32);

struct FullyConnectedS8DspParams {
  DspStage stage;
  uint32_t units;
  uint32_t depth;
  uint32_t reserved[2];
};
static_assert(sizeof(FullyConnectedS8DspParams) == 32);

// For each channel: DepthwiseChannel, 3x3 kernels only.
struct DepthwiseConv2dS8DspParams {
  Window window;
  DspStage stage;
  uint32_t band_rows;  // output rows for which input planes are made at a time
  uint32_t reserved[3];
};
static_assert(sizeof(DepthwiseConv2dS8DspParams) == 48);

struct DepthwiseChannel {
  int32_t first[3];   // of each kernel row: the pair (w0, w1)
  int32_t second[3];  // (w1, w2)
  int32_t bias;
  DspScale scale;
};
static_assert(sizeof(DepthwiseChannel) == 40);

constexpr uint32_t gemm_depth(uint32_t depth) { return align_up(depth, 4); }
constexpr uint32_t gemm_quad_bytes(uint32_t depth) {
  return static_cast<uint32_t>(sizeof(GemmSums)) + gemm_depth(depth) * 4 +
         4 * static_cast<uint32_t>(sizeof(DspScale));
}
constexpr uint64_t gemm_bytes(uint32_t depth, uint32_t outputs) {
  return uint64_t{gemm_quad_bytes(depth)} * (align_up(outputs, 4) / 4);
}
// Two columns of 16-bit inputs.
constexpr uint32_t conv_2d_scratch_bytes(uint32_t depth) { return 2 * gemm_depth(depth) * 2; }
constexpr uint32_t fully_connected_scratch_bytes(uint32_t depth) { return gemm_depth(depth) * 2; }

// Planes of four channels: rows for `band_rows` outputs, each row as wide as the outputs reach, in pairs.
constexpr uint32_t depthwise_plane_width(const Window& window, uint32_t output_width) {
  // Outputs are made four at a time, and read in words.
  return (align_up(output_width, 4) - 1) * window.stride_width + 4;
}
constexpr uint32_t depthwise_plane_rows(const Window& window, uint32_t band_rows) {
  return (band_rows - 1) * window.stride_height + 3;
}
constexpr uint64_t depthwise_scratch_bytes(const Window& window, uint32_t output_width, uint32_t band_rows) {
  return uint64_t{4 * 2} * align_up(depthwise_plane_width(window, output_width), 2) *
         depthwise_plane_rows(window, band_rows);
}

}  // namespace rune::kernels::dsp
