// Text of translated code, for people: `i32_add_k s3, s1, 12`. Host only; not linked on devices.
#pragma once

#include <string>

#include "device/wasm/wasm.h"

namespace rune::wasm {

// One line for each instruction of each function: offset, name, fields (s slot, -> target offset).
// Requires an image that Code::open accepted.
std::string disassemble(const Code& code);

}  // namespace rune::wasm
