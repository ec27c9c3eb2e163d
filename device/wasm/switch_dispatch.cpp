// The interpreter built the portable way, so that the tests run both dispatches.
#define RUNE_WASM_COMPUTED_GOTO 0
#include "device/wasm/interpret.cpp"  // NOLINT: the same source, configured
