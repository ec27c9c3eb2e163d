// The executor: walks a model image.
//
//   Result<ModelImage> image = ModelImage::open(bytes);
//   uint32_t state = Executor::state_bytes(image.value());
//   Executor executor;
//   RUNE_TRY(executor.load(image.value(), kernels, state_memory, arena));
//   RUNE_TRY(executor.run(inputs, outputs));
//
// No parser, no allocation, no globals: structure is verified by ModelImage::open(),
// operators by their kernels' verify() in load(), and run() has nothing left to
// refuse. Weights are read in place from the image.
#pragma once

#include "device/format/model_image.h"
#include "device/kernels/kernel.h"

namespace rune::executor {

// Called around each operator when profiling; null to switch it off.
struct Observer {
  void (*before)(void* context, uint16_t operator_index);
  void (*after)(void* context, uint16_t operator_index);
  void* context;
};

class Executor {
 public:
  // RAM beside the arena: one pointer for each kernel name, one row counter for each operator
  // in a row group.
  static uint32_t state_bytes(const format::ModelImage& image);

  // Requires image to outlive the executor, `state` 8-byte aligned, `arena` 16-byte aligned
  // and of image.header().arena_bytes. kUnsupported: a kernel is not in the table, and
  // missing_kernel() names it; kInvalid: a kernel's verify refused, failed_operator() says which.
  Status load(const format::ModelImage& image, kernels::KernelTable table, MutableBytes state, MutableBytes arena);
  std::string_view missing_kernel() const { return missing_kernel_; }
  uint16_t failed_operator() const { return failed_operator_; }

  // One inference. inputs[i] is copied into the image's input tensor i, outputs[i] receives
  // output tensor i; sizes must be exactly those of the tensors (kMismatch). State tensors
  // live in the arena and keep their values from run to run until reset_state().
  Status run(std::span<const Bytes> inputs, std::span<const MutableBytes> outputs, const Observer* observer = nullptr);

 private:
  Status run_group(const format::GroupRecord& group, const Observer* observer);

  format::ModelImage image_;
  const kernels::Kernel** kernels_ = nullptr;
  MutableBytes arena_;
  std::string_view missing_kernel_;
  uint16_t failed_operator_ = 0;
};

}  // namespace rune::executor
