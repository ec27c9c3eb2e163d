// The .tflite front end: bytes of a file to a verified ir::Graph.
//
//   Result<ir::Graph, Diagnostic> graph = import_tflite(file_bytes, "net.tflite");
//
// The whole file is verified (FlatBuffers' verifier, then every index, shape and buffer) before any of it is
// used; what the compiler has no kernel for is refused with the node and the operator named. int8 with scales
// per tensor or per channel, float32, and float32 with int8 weights (hybrid). One subgraph, static shapes.
// Fuzzed by tests/fuzz/tflite_fuzz.cpp.
#pragma once

#include <string_view>

#include "device/base/bytes.h"
#include "host/compiler/ir/ir.h"
#include "host/support/result.h"

namespace rune::compiler {

// True when `file` carries the identifier of a .tflite file.
bool is_tflite(Bytes file);

// `name` is the file's name in messages. `file` is not needed afterwards.
Result<ir::Graph, Diagnostic> import_tflite(Bytes file, std::string_view name);

}  // namespace rune::compiler
