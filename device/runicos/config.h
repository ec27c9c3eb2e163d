// Limits of RunicOS. A port chooses sizes of buffers; these bound its tables.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rune::os {

inline constexpr uint32_t kMaxSlots = 8;
// Bytes of the engine's own stack for a rune: frames of calls, beside the guest's shadow
// stack. The same on every port, so that a rune overflows everywhere or nowhere.
inline constexpr uint32_t kEngineStackBytes = 8192;
// Guest tensors in one output_write (docs/spec/guest-abi.md).
inline constexpr uint32_t kMaxOutputTensors = 8;
// What the engine needs beside linear memory: stack and instance state. Hammer counts it before it sends.
inline constexpr uint32_t kEngineReserveBytes = kEngineStackBytes + 1024;
// One reason for a failure, as text for `list` and the log.
inline constexpr size_t kReasonBytes = 96;

}  // namespace rune::os
