// Runs a packed script of the standard's test suite. The same source on the host and on boards.
#pragma once

#include "device/base/bytes.h"

namespace rune::spec {

// Prints `line N: ...` for each failure, then `P passed, F failed`. Returns F.
int run_script(Bytes packed);
// The file's bytes; null after a message when it cannot be read. Freed by the caller.
uint8_t* read_file(const char* path, size_t& size);

}  // namespace rune::spec
