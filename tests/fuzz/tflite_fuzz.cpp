// The .tflite front end on any bytes: a graph that verifies, or a diagnostic.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "host/compiler/frontends/tflite/tflite.h"
#include "host/compiler/ir/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> file(data, data + size);  // exactly sized, so that reading past it is caught
  rune::Result<rune::compiler::ir::Graph, rune::Diagnostic> graph =
      rune::compiler::import_tflite(file, "fuzz.tflite");
  if (!graph.ok()) {
    if (graph.error().text().empty()) std::abort();
    return 0;
  }
  if (rune::compiler::ir::verify(graph.value())) std::abort();
  return 0;
}
