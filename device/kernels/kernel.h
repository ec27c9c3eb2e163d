// The contract of a kernel: one operator on one instruction set.
//
// A kernel is three things that carry one name, such as "conv_2d_s8_dsp":
//   - a parameter block and its scratch size: device/kernels/<op>_params.h,
//     shared by both sides;
//   - a packer, on the host: host/compiler/emit/<op>.cpp turns an IR node into
//     the parameter block with weights in the order that the kernel reads;
//   - verify and run, on the device: device/kernels/<set>/<name>.cpp.
// The compiler chooses a kernel for each node and names it in the model image;
// the executor finds the name in the table that the port links (kernel_table.h).
// Kernels of one operator agree bit for bit: device/kernels/reference judges.
//
// A kernel computes a range of rows of its outputs, so that the executor can run
// whole operators, or row pipelines over ring buffers, with the same code. Row:
// one index of the row axis, which is axis 1 (height) of a rank-4 NHWC tensor and
// axis 0 of any other. Operators that cannot be cut are verified with
// row_splittable == false and are always asked for all rows.
//
// Kernels allocate nothing, own nothing and keep no state between calls: what an
// operator must remember lives in tensors of the image.
#pragma once

#include <cstddef>
#include <span>

#include "device/base/bytes.h"
#include "device/base/tensor.h"

namespace rune::kernels {

// A tensor as a kernel sees it. `data` is at least 4-byte aligned; constants point
// into the image (flash), the rest into the arena or the caller's buffers.
struct Tensor {
  ElementType element = ElementType::kNone;
  Shape shape;
  uint8_t* data = nullptr;
  // Rows held in memory: equal to the row count for a whole tensor, less for a
  // ring, where row r is kept at index r % ring_rows.
  uint32_t ring_rows = 0;
  uint32_t row_bytes = 0;

  uint32_t rows() const { return shape.rank == 4 ? shape.dims[1] : shape.rank == 0 ? 1 : shape.dims[0]; }
  uint8_t* row(uint32_t index) const { return data + (index % ring_rows) * row_bytes; }
  bool whole() const { return ring_rows >= rows(); }
  template <typename T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
};

struct Call {
  std::span<const Tensor> inputs;
  std::span<const Tensor> outputs;
  const uint8_t* params = nullptr;  // 16-byte aligned, verified
  uint8_t* scratch = nullptr;       // 16-byte aligned, scratch_bytes as the image says
  uint32_t row_begin = 0;           // output rows [row_begin, row_end)
  uint32_t row_end = 0;
};

// What verify may look at, and what it reports: everything that is known before a run.
struct Plan {
  std::span<const Tensor> inputs;  // data is null for tensors that are not constant
  std::span<const Tensor> outputs;
  Bytes params;
  uint32_t scratch_bytes = 0;
};

struct Kernel {
  const char* name;
  // kOk exactly when run() on this plan reads and writes inside its buffers for
  // every content of the tensors. Called once, when an image is loaded.
  Status (*verify)(const Plan& plan);
  // Requires a plan that verify accepted. Total: no failure is left at run time.
  void (*run)(const Call& call);
  // False: inputs and outputs are whole and run is called once with all rows.
  bool row_splittable;
  // Rows of input `index` needed for output rows [row_begin, row_end): sets
  // [*begin, *end), clamped to the input. Null when row_splittable is false.
  void (*input_rows)(const Plan& plan, uint32_t index, uint32_t row_begin, uint32_t row_end, uint32_t* begin,
                     uint32_t* end);
};

// The kernels of a build, in no order. The port chooses the table.
using KernelTable = std::span<const Kernel* const>;

const Kernel* find_kernel(KernelTable table, std::string_view name);

}  // namespace rune::kernels
