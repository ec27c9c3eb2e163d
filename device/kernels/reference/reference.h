// The reference kernels: one operator a file, plain C++, total on what their verify accepts.
//
// They are the definition of every operator (with docs/spec/quantisation.md in words): tests compare each
// faster kernel with them bit for bit. Written for that and to be quick enough to use, not to be fastest.
#pragma once

#include "device/kernels/kernel.h"

namespace rune::kernels {

extern const Kernel kAddF32;
extern const Kernel kAddS8;
extern const Kernel kAveragePool2dF32;
extern const Kernel kAveragePool2dS8;
extern const Kernel kConv2dF32;
extern const Kernel kConv2dF32S8;
extern const Kernel kConv2dS8;
extern const Kernel kDepthwiseConv2dF32;
extern const Kernel kDepthwiseConv2dF32S8;
extern const Kernel kDepthwiseConv2dS8;
extern const Kernel kDequantizeS8F32;
extern const Kernel kFullyConnectedF32;
extern const Kernel kFullyConnectedF32S8;
extern const Kernel kFullyConnectedS8;
extern const Kernel kLogSoftmaxF32;
extern const Kernel kLogSoftmaxS8;
extern const Kernel kMaxPool2dF32;
extern const Kernel kMaxPool2dS8;
extern const Kernel kMeanF32;
extern const Kernel kMeanS8;
extern const Kernel kPadS8;
extern const Kernel kQuantizeF32S8;
extern const Kernel kReluF32;
extern const Kernel kReluS8;
extern const Kernel kRequantizeS8;
extern const Kernel kReshape;
extern const Kernel kSoftmaxF32;
extern const Kernel kSoftmaxS8;
extern const Kernel kTranspose;

}  // namespace rune::kernels
