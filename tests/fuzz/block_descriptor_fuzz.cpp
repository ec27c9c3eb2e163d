// Block descriptors: any bytes, as an object and as the text of its section.
#include <cstdlib>

#include "host/support/block_descriptor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const rune::Bytes bytes(data, size);
  const auto object = rune::read_block_descriptor(bytes, "fuzz.o");
  if (!object.ok() && object.error().what.empty()) std::abort();
  const auto text = rune::parse_block_descriptor(rune::as_text(bytes), "fuzz");
  if (!text.ok()) return 0;
  // What is accepted keeps the rules that the layers above rely on.
  for (const rune::BlockPort& port : text.value().outputs) {
    const bool listed = !port.elements.allowed.empty();
    const bool same = port.elements.same_as_input >= 0 &&
                      port.elements.same_as_input < static_cast<int>(text.value().inputs.size());
    if (listed == same) std::abort();
    if (port.shape.kind == rune::ShapeRule::Kind::kSameAs && port.shape.input >= text.value().inputs.size())
      std::abort();
  }
  return 0;
}
