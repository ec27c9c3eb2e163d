// Loading: find each kernel, give it its plan to verify, and check that groups can be run.
#include <algorithm>
#include <memory>

#include "device/executor/executor_internal.h"

namespace rune::executor {

using format::GroupRecord;
using format::OperatorRecord;
using format::Storage;
using format::TensorRecord;
using kernels::Tensor;

uint32_t Executor::state_bytes(const format::ModelImage& image) {
  uint32_t bytes = image.header().kernel_count * static_cast<uint32_t>(sizeof(kernels::Kernel*));
  if (has_row_groups(image)) {
    bytes += image.header().operator_count * static_cast<uint32_t>(sizeof(Progress));
    bytes += image.header().operand_count * static_cast<uint32_t>(sizeof(uint16_t));
  }
  return align_up(bytes, 8);
}

Status Executor::load(const format::ModelImage& image, kernels::KernelTable table, MutableBytes state,
                      MutableBytes arena) {
  if (reinterpret_cast<uintptr_t>(state.data()) % 8 != 0) return Status::kInvalidArgument;
  if (reinterpret_cast<uintptr_t>(arena.data()) % 16 != 0) return Status::kInvalidArgument;
  if (state.size() < state_bytes(image) || arena.size() < image.header().arena_bytes)
    return Status::kNoMemory;
  *this = Executor();
  image_ = image;
  arena_ = arena;
  uint8_t* at = state.data();
  kernels_ = reinterpret_cast<const kernels::Kernel**>(at);
  at += image.header().kernel_count * sizeof(kernels::Kernel*);
  if (has_row_groups(image)) {
    progress_ = reinterpret_cast<Progress*>(at);
    std::uninitialized_default_construct_n(progress_, image.header().operator_count);
    producers_ = reinterpret_cast<uint16_t*>(at + image.header().operator_count * sizeof(Progress));
  }
  Status status = find_kernels(table);
  if (status == Status::kOk && producers_ != nullptr) find_producers();
  for (const GroupRecord& group : image.groups()) {
    if (status == Status::kOk) status = verify_group(group);
  }
  if (status != Status::kOk) kernels_ = nullptr;
  return status;
}

Status Executor::find_kernels(kernels::KernelTable table) {
  const std::span<const format::KernelName> names = image_.kernel_names();
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = image_.string(names[i].name);
    kernels_[i] = kernels::find_kernel(table, name);
    if (kernels_[i] != nullptr) continue;
    missing_kernel_ = name;
    return Status::kUnsupported;
  }
  return Status::kOk;
}

// An input comes from the nearest earlier operator of its row group that writes the tensor.
void Executor::find_producers() {
  const std::span<const uint16_t> operands = image_.operands();
  const std::span<const OperatorRecord> operators = image_.operators();
  std::fill_n(producers_, operands.size(), kNone);
  for (const GroupRecord& group : image_.groups()) {
    if (!is_row_group(group)) continue;
    const uint32_t end = uint32_t{group.first_operator} + group.operator_count;
    for (uint32_t consumer = group.first_operator; consumer < end; ++consumer) {
      const OperatorRecord& op = operators[consumer];
      for (uint32_t operand = op.first_operand; operand < uint32_t{op.first_operand} + op.input_count;
           ++operand) {
        for (uint32_t earlier = group.first_operator; earlier < consumer; ++earlier) {
          const OperatorRecord& producer = operators[earlier];
          if (operands[producer.first_operand + producer.input_count] == operands[operand]) {
            producers_[operand] = static_cast<uint16_t>(earlier);
          }
        }
      }
    }
  }
}

void Executor::prepare(uint16_t index, Prepared& prepared) const {
  const OperatorRecord& op = image_.operators()[index];
  const uint32_t count = uint32_t{op.input_count} + op.output_count;
  const std::span<const uint16_t> operands = image_.operands().subspan(op.first_operand, count);
  for (uint32_t i = 0; i < count; ++i) {
    const TensorRecord& record = image_.tensors()[operands[i]];
    Tensor& tensor = prepared.tensors[i];
    tensor.element = static_cast<ElementType>(record.element);
    tensor.shape.rank = record.rank;
    std::copy(record.dims, record.dims + Shape::kMaxRank, tensor.shape.dims.begin());
    // Constants are never written: check_operator refused them as outputs.
    tensor.data = record.storage == static_cast<uint8_t>(Storage::kArena)
                      ? arena_.data() + record.offset
                      : const_cast<uint8_t*>(image_.bytes().data()) + record.offset;
    const uint32_t rows = tensor.rows();
    tensor.row_bytes = image_.tensor_type(operands[i]).size_bytes() / rows;
    tensor.ring_rows = record.ring_rows == 0 ? rows : record.ring_rows;
  }
  prepared.kernel = kernels_[op.kernel];
  prepared.plan.inputs = {prepared.tensors, op.input_count};
  prepared.plan.outputs = {prepared.tensors + op.input_count, op.output_count};
  prepared.plan.params = image_.bytes().subspan(op.params_offset, op.params_bytes);
  prepared.plan.scratch_bytes = op.scratch_bytes;
  prepared.rows = prepared.tensors[op.input_count].rows();
}

Status Executor::verify_group(const GroupRecord& group) {
  const uint32_t end = uint32_t{group.first_operator} + group.operator_count;
  for (uint32_t index = group.first_operator; index < end; ++index) {
    failed_operator_ = static_cast<uint16_t>(index);
    RUNE_TRY(verify_operator(group, failed_operator_));
  }
  failed_operator_ = 0;
  return Status::kOk;
}

Status Executor::verify_operator(const GroupRecord& group, uint16_t index) {
  const OperatorRecord& op = image_.operators()[index];
  Prepared prepared;
  prepare(index, prepared);
  for (uint32_t i = 0; i < op.input_count; ++i) {
    const uint16_t tensor = image_.operands()[op.first_operand + i];
    // verify() may read constants; the arena holds nothing yet.
    if (image_.tensors()[tensor].storage == static_cast<uint8_t>(Storage::kArena))
      prepared.tensors[i].data = nullptr;
    // A ring outlives no group.
    const bool inside = producers_ != nullptr && producers_[op.first_operand + i] != kNone;
    if (!inside && !prepared.tensors[i].whole()) return Status::kInvalid;
  }
  for (uint32_t i = 0; i < op.output_count; ++i) prepared.tensors[op.input_count + i].data = nullptr;
  RUNE_TRY(prepared.kernel->verify(prepared.plan));
  const bool last = index + 1 == group.first_operator + group.operator_count;
  return verify_rings(prepared, is_row_group(group), last ? group.rows_per_step : 1);
}

// Whole groups hold whole tensors; in a row group each step's input rows must fit in the input's ring.
Status Executor::verify_rings(const Prepared& prepared, bool in_row_group, uint32_t rows_per_step) const {
  const kernels::Plan& plan = prepared.plan;
  const auto whole = [](const Tensor& tensor) { return tensor.whole(); };
  if (!in_row_group) {
    const bool all = std::all_of(plan.inputs.begin(), plan.inputs.end(), whole) &&
                     std::all_of(plan.outputs.begin(), plan.outputs.end(), whole);
    return all ? Status::kOk : Status::kInvalid;
  }
  if (!prepared.kernel->row_splittable || plan.outputs.size() != 1) return Status::kInvalid;
  if (prepared.rows >= kNone || plan.outputs[0].ring_rows < rows_per_step) return Status::kInvalid;
  for (uint32_t input = 0; input < plan.inputs.size(); ++input) {
    if (plan.inputs[input].whole()) continue;
    // Steps start at any row: going down they count from the other end.
    for (uint32_t row = 0; row < prepared.rows; ++row) {
      uint32_t begin = 0;
      uint32_t end = 0;
      prepared.kernel->input_rows(plan, input, row, std::min(row + rows_per_step, prepared.rows), &begin,
                                  &end);
      if (end - begin > plan.inputs[input].ring_rows) return Status::kInvalid;
    }
  }
  return Status::kOk;
}

}  // namespace rune::executor
