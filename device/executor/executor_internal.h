// What the sources of the executor share.
#pragma once

#include "device/executor/executor.h"

namespace rune::executor {

inline constexpr uint16_t kNone = UINT16_MAX;

struct Executor::Prepared {
  const kernels::Kernel* kernel = nullptr;
  kernels::Plan plan;  // of `tensors`; with the data pointers set, a kernel's Call as well
  uint32_t rows = 0;   // of the first output
  kernels::Tensor tensors[format::kMaxOperands];
};

struct Executor::Progress {
  uint16_t done = 0;           // rows finished, from the group's first end
  uint16_t requester = kNone;  // operator to go on with after the row in hand
};

inline bool is_row_group(const format::GroupRecord& group) {
  return group.kind != static_cast<uint8_t>(format::GroupKind::kWhole);
}
inline bool is_descending(const format::GroupRecord& group) {
  return group.kind == static_cast<uint8_t>(format::GroupKind::kRowsDescending);
}
inline bool has_row_groups(const format::ModelImage& image) {
  for (const format::GroupRecord& group : image.groups()) {
    if (is_row_group(group)) return true;
  }
  return false;
}

}  // namespace rune::executor
