// The line that `output_write` to serial prints (docs/spec/guest-abi.md): JSON for the
// tensors of one call, the same bytes on every port.
#pragma once

#include <span>

#include "device/hal/console.h"
#include "device/runicos/guest_memory.h"

namespace rune::os {

// Writes the object of one tensor, or the array of several, and a newline. Floating-point
// elements that are not finite become null. Requires tensors that GuestMemory::tensor()
// accepted; strings are looked up in `memory` and kInvalidArgument when outside it,
// kUnsupported for elements without a text form. Nothing is written on failure.
Status write_serial_json(std::span<const GuestTensor> tensors, GuestMemory memory, hal::Console& console);

}  // namespace rune::os
