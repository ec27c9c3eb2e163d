// Choices of the engine's build.
#pragma once

// Whether the interpreter jumps from handler to handler by the addresses of labels, an extension of
// GCC and Clang, or through one switch. 0 or 1.
#ifndef RUNE_WASM_COMPUTED_GOTO
#if defined(__GNUC__)
#define RUNE_WASM_COMPUTED_GOTO 1
#else
#define RUNE_WASM_COMPUTED_GOTO 0
#endif
#endif
