// The reference set as a constant, so that the tables of faster sets can begin with it.
#pragma once

#include "device/kernels/reference/reference.h"

namespace rune::kernels {

inline constexpr const Kernel* kReferenceTable[] = {
    &kAddF32,
    &kAddS8,
    &kAveragePool2dF32,
    &kAveragePool2dS8,
    &kConv2dF32,
    &kConv2dF32S8,
    &kConv2dS8,
    &kDepthwiseConv2dF32,
    &kDepthwiseConv2dF32S8,
    &kDepthwiseConv2dS8,
    &kDequantizeS8F32,
    &kFullyConnectedF32,
    &kFullyConnectedF32S8,
    &kFullyConnectedS8,
    &kLogSoftmaxF32,
    &kLogSoftmaxS8,
    &kMaxPool2dF32,
    &kMaxPool2dS8,
    &kMeanF32,
    &kMeanS8,
    &kPadS8,
    &kQuantizeF32S8,
    &kReluF32,
    &kReluS8,
    &kRequantizeS8,
    &kReshape,
    &kSoftmaxF32,
    &kSoftmaxS8,
    &kTranspose,
};

}  // namespace rune::kernels
