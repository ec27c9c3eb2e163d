// The opcodes of the register form, in the order of instructions.def.
#pragma once

#include <cstdint>

namespace rune::wasm {

enum Opcode : uint16_t {
#define UNARY(name, ...) kOp_##name,
#define CHECKED_UNARY(name, ...) kOp_##name,
#define BINARY(name, ...) kOp_##name,
#define BINARY_K(name, ...) kOp_##name, kOp_##name##_k,
#define CHECKED_BINARY(name, ...) kOp_##name,
#define COMPARE(name, ...) kOp_##name, kOp_##name##_k, kOp_br_if_##name, kOp_br_if_##name##_k,
#define COMPARE_FLOAT(name, ...) kOp_##name, kOp_br_if_##name, kOp_br_unless_##name,
#define LOAD(name, ...) kOp_##name,
#define STORE(name, ...) kOp_##name,
#define OTHER(name, ...) kOp_##name,
#include "device/wasm/instructions.def"
  kOpcodes,
};

}  // namespace rune::wasm
