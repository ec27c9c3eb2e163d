// Calls a block natively, as the pipeline does: for the tests beside the blocks.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "blocks/sdk/rune_block.h"

namespace rune_block {

// A tensor that owns its elements.
struct TestTensor {
  template <typename T>
  static TestTensor of(uint8_t element, const std::vector<T>& values, std::vector<uint32_t> dims = {}) {
    TestTensor tensor{
        element, std::move(dims), std::vector<uint64_t>((values.size() * sizeof(T) + 7) / 8), 0, 0, 0};
    tensor.size_bytes = static_cast<uint32_t>(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(tensor.storage.data(), values.data(), tensor.size_bytes);
    return tensor;
  }

  template <typename T>
  std::vector<T> values() const {
    std::vector<T> result(size_bytes / sizeof(T));
    if (!result.empty()) std::memcpy(result.data(), storage.data(), size_bytes);
    return result;
  }

  RuneTensor view() {
    if (dims.empty()) dims = {1};
    return {storage.data(), size_bytes, element, static_cast<uint8_t>(dims.size()), 0, dims.data(),
            scale,          zero_point, 0};
  }

  uint8_t element;
  std::vector<uint32_t> dims;
  std::vector<uint64_t> storage;
  uint32_t size_bytes;
  float scale;
  int32_t zero_point;
};

inline RuneArgument argument(int32_t value) {
  RuneArgument result{};
  result.i32 = value;
  return result;
}
inline RuneArgument argument(float value) {
  RuneArgument result{};
  result.f32 = value;
  return result;
}

// One call with fresh state; outputs keep their element types and sizes.
inline int32_t run(RuneBlockFunction* block, std::vector<TestTensor> inputs, std::vector<TestTensor>& outputs,
                   const std::vector<RuneArgument>& arguments = {}, size_t state_bytes = 16384) {
  std::vector<RuneTensor> in;
  std::vector<RuneTensor> out;
  for (TestTensor& tensor : inputs) in.push_back(tensor.view());
  for (TestTensor& tensor : outputs) out.push_back(tensor.view());
  std::vector<uint64_t> state(state_bytes / 8);
  return block(in.data(), static_cast<uint32_t>(in.size()), out.data(), static_cast<uint32_t>(out.size()),
               arguments.data(), state.data());
}

}  // namespace rune_block
