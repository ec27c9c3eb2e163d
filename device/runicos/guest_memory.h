// The one place where addresses of a guest are checked.
//
// Host calls get a GuestMemory and ask it for views; what it gives lies inside linear
// memory and stays valid until the guest runs again. Guests may pass any alignment.
#pragma once

#include "device/base/result.h"
#include "device/base/tensor.h"
#include "device/wasm/wasm.h"

namespace rune::os {

// A guest tensor (docs/spec/guest-abi.md, 28 bytes) with its elements and dimensions read.
struct GuestTensor {
  TensorType type;
  uint16_t channel = 0;
  MutableBytes data;
};

class GuestMemory {
 public:
  explicit GuestMemory(MutableBytes bytes) : bytes_(bytes) {}

  // [address, address + size_bytes); kInvalidArgument outside linear memory.
  Result<MutableBytes> bytes(uint32_t address, uint32_t size_bytes) const;
  // The u32 at index `index` of an array at `address`.
  Result<uint32_t> word(uint32_t address, uint32_t index) const;
  // The tensor that is described at `address`: kInvalidArgument when it lies outside, kInvalid
  // when its element type is unknown or its size does not follow from its dimensions.
  Result<GuestTensor> tensor(uint32_t address) const;
  // Element `index` of a tensor of strings: a view of the text.
  Result<std::string_view> string(const GuestTensor& tensor, uint32_t index) const;

 private:
  MutableBytes bytes_;
};

}  // namespace rune::os
