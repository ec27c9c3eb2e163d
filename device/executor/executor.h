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
//
// A group of kind kWhole runs its operators one after another, each over all its
// rows. A row group produces its last operator rows_per_step rows at a time and
// every other operator one row at a time, when a row is asked for: there is no
// step list, only a counter of finished rows for each operator. Rows of a tensor
// with ring_rows are kept at row % ring_rows, so a group needs a few rows of each
// tensor inside it, not the whole.
#pragma once

#include "device/format/model_image.h"
#include "device/kernels/kernel.h"

namespace rune::executor {

// Called around each operator's run when profiling; null to switch it off. In a row group
// an operator runs many times.
struct Observer {
  void (*before)(void* context, uint16_t operator_index);
  void (*after)(void* context, uint16_t operator_index);
  void* context;
};

class Executor {
 public:
  // RAM beside the arena: a pointer for each kernel name; when there are row groups, 4 bytes for
  // each operator and 2 for each operand.
  static uint32_t state_bytes(const format::ModelImage& image);

  // Requires image to outlive the executor, `state` 8-byte aligned, `arena` 16-byte aligned
  // and of image.header().arena_bytes, or more. kUnsupported: a kernel is not in the table, and
  // missing_kernel() names it; kInvalid: an operator or its group cannot be run in bounds, and
  // failed_operator() says which; kNoMemory, kInvalidArgument: state or arena.
  Status load(const format::ModelImage& image, kernels::KernelTable table, MutableBytes state,
              MutableBytes arena);
  std::string_view missing_kernel() const { return missing_kernel_; }
  uint16_t failed_operator() const { return failed_operator_; }

  // One inference. inputs[i] is copied into the image's input tensor i, outputs[i] receives
  // output tensor i; sizes must be exactly those of the tensors (kMismatch). kBadState before load().
  Status run(std::span<const Bytes> inputs, std::span<const MutableBytes> outputs,
             const Observer* observer = nullptr);

 private:
  struct Prepared;  // an operator's tensors, as its kernel sees them
  struct Progress;  // of an operator in a row group

  void prepare(uint16_t index, Prepared& prepared) const;
  void run_rows(uint16_t index, const Prepared& prepared, uint32_t begin, uint32_t end,
                const Observer* observer) const;

  Status find_kernels(kernels::KernelTable table);
  void find_producers();
  Status verify_group(const format::GroupRecord& group);
  Status verify_operator(const format::GroupRecord& group, uint16_t index);
  Status verify_rings(const Prepared& prepared, bool in_row_group, uint32_t rows_per_step) const;

  void run_whole(const format::GroupRecord& group, const Observer* observer) const;
  void run_row_group(const format::GroupRecord& group, const Observer* observer);
  uint16_t missing_producer(const format::GroupRecord& group, uint16_t index, const Prepared& prepared,
                            uint32_t begin, uint32_t end) const;

  format::ModelImage image_;
  const kernels::Kernel** kernels_ = nullptr;
  Progress* progress_ = nullptr;   // [operator], null without row groups
  uint16_t* producers_ = nullptr;  // [operand]: the operator in the same row group that makes it, or kNone
  MutableBytes arena_;
  std::string_view missing_kernel_;
  uint16_t failed_operator_ = 0;
};

}  // namespace rune::executor
