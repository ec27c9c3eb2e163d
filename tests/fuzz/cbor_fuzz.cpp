// CBOR reader: any bytes, every read function, nesting; never past the view.
#include "device/base/cbor.h"

namespace {

void walk(rune::CborReader reader, int depth) {
  using rune::CborKind;
  (void)reader.find("off");
  while (depth < 10 && !reader.at_end()) {
    rune::Status status = rune::Status::kOk;
    switch (reader.peek()) {
      case CborKind::kUnsigned: status = reader.unsigned_integer().status(); break;
      case CborKind::kNegative: status = reader.integer().status(); break;
      case CborKind::kBytes: status = reader.bytes().status(); break;
      case CborKind::kText: status = reader.text().status(); break;
      case CborKind::kBoolean: status = reader.boolean().status(); break;
      case CborKind::kFloat: status = reader.number().status(); break;
      case CborKind::kArray:
      case CborKind::kMap: {
        const auto inner = reader.peek() == CborKind::kArray ? reader.enter_array() : reader.enter_map();
        status = inner.status();
        if (inner.ok()) walk(inner.value(), depth + 1);
        break;
      }
      default: status = reader.skip(); break;
    }
    if (status != rune::Status::kOk && reader.skip() != rune::Status::kOk) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  walk(rune::CborReader(rune::Bytes(data, size)), 0);
  return 0;
}
