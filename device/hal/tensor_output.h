// Where raw tensors go: the output `tensor` of a rune.
#pragma once

#include <span>

#include "device/base/bytes.h"
#include "device/base/tensor.h"

namespace rune::hal {

struct OutputTensor {
  TensorType type;
  uint16_t channel = 0;
  Bytes data;  // little-endian elements; valid during the call
};

class TensorOutput {
 public:
  // kIo when the receiver is gone.
  virtual Status write(std::span<const OutputTensor> tensors) = 0;

 protected:
  ~TensorOutput() = default;
};

}  // namespace rune::hal
