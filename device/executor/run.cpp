// Running: whole groups in order, row groups on demand.
#include <algorithm>
#include <cstring>

#include "device/executor/executor_internal.h"

namespace rune::executor {

using format::GroupRecord;
using format::OperatorRecord;

namespace {

struct Rows {
  uint32_t begin;
  uint32_t end;
};

// The next `count` rows, at most, after `done` of `rows` are finished.
Rows next_rows(bool descending, uint32_t rows, uint32_t done, uint32_t count) {
  const uint32_t last = std::min(done + count, rows);
  return descending ? Rows{rows - last, rows - done} : Rows{done, last};
}

}  // namespace

Status Executor::run(std::span<const Bytes> inputs, std::span<const MutableBytes> outputs,
                     const Observer* observer) {
  if (kernels_ == nullptr) return Status::kBadState;
  if (inputs.size() != image_.inputs().size() || outputs.size() != image_.outputs().size())
    return Status::kMismatch;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].size() != image_.tensor_type(image_.inputs()[i]).size_bytes()) return Status::kMismatch;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].size() != image_.tensor_type(image_.outputs()[i]).size_bytes()) return Status::kMismatch;
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    // memmove: a caller may have prepared the input in its place.
    uint8_t* to = arena_.data() + image_.tensors()[image_.inputs()[i]].offset;
    if (!inputs[i].empty()) std::memmove(to, inputs[i].data(), inputs[i].size());
  }
  for (const GroupRecord& group : image_.groups()) {
    if (is_row_group(group)) {
      run_row_group(group, observer);
    } else {
      run_whole(group, observer);
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const uint8_t* from = arena_.data() + image_.tensors()[image_.outputs()[i]].offset;
    if (!outputs[i].empty()) std::memmove(outputs[i].data(), from, outputs[i].size());
  }
  return Status::kOk;
}

void Executor::run_rows(uint16_t index, const Prepared& prepared, uint32_t begin, uint32_t end,
                        const Observer* observer) const {
  kernels::Call call;
  call.inputs = prepared.plan.inputs;
  call.outputs = prepared.plan.outputs;
  call.params = prepared.plan.params.data();
  call.scratch = arena_.data() + image_.operators()[index].scratch_offset;
  call.row_begin = begin;
  call.row_end = end;
  if (observer != nullptr) observer->before(observer->context, index);
  prepared.kernel->run(call);
  if (observer != nullptr) observer->after(observer->context, index);
}

void Executor::run_whole(const GroupRecord& group, const Observer* observer) const {
  Prepared prepared;
  for (uint32_t i = 0; i < group.operator_count; ++i) {
    const auto index = static_cast<uint16_t>(group.first_operator + i);
    prepare(index, prepared);
    run_rows(index, prepared, 0, prepared.rows, observer);
  }
}

// The producer of an input of which rows are still missing, or kNone.
uint16_t Executor::missing_producer(const GroupRecord& group, uint16_t index, const Prepared& prepared,
                                    uint32_t begin, uint32_t end) const {
  const OperatorRecord& op = image_.operators()[index];
  for (uint32_t input = 0; input < op.input_count; ++input) {
    const uint16_t producer = producers_[op.first_operand + input];
    if (producer == kNone) continue;
    Rows needed{};
    prepared.kernel->input_rows(prepared.plan, input, begin, end, &needed.begin, &needed.end);
    const uint32_t rows = prepared.plan.inputs[input].rows();
    const uint32_t reached = is_descending(group) ? rows - needed.begin : needed.end;
    if (needed.begin < needed.end && progress_[producer].done < reached) return producer;
  }
  return kNone;
}

// From the last operator, descend to a producer whose rows are missing, run one row of it, and return to who
// asked. Producers come before their consumers in the group, so the descent ends.
void Executor::run_row_group(const GroupRecord& group, const Observer* observer) {
  const auto last = static_cast<uint16_t>(group.first_operator + group.operator_count - 1);
  std::fill_n(progress_ + group.first_operator, group.operator_count, Progress());
  Prepared prepared;
  uint16_t current = last;
  prepare(current, prepared);
  const uint32_t last_rows = prepared.rows;
  while (progress_[last].done < last_rows) {
    Progress& progress = progress_[current];
    const uint32_t step = current == last ? group.rows_per_step : 1;
    const Rows rows = next_rows(is_descending(group), prepared.rows, progress.done, step);
    const uint16_t producer = missing_producer(group, current, prepared, rows.begin, rows.end);
    if (producer != kNone) {
      progress_[producer].requester = current;
      current = producer;
    } else {
      run_rows(current, prepared, rows.begin, rows.end, observer);
      progress.done = static_cast<uint16_t>(progress.done + (rows.end - rows.begin));
      if (current == last) continue;
      current = progress.requester;
    }
    prepare(current, prepared);
  }
}

}  // namespace rune::executor
