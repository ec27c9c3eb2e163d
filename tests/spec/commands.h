// The packed script that tools/spec.py writes and the runner executes.
//
//   "RWSP", then commands: u8 kind, u32 line, and by kind
//     module, assert_malformed, _invalid, _unlinkable, _uninstantiable: text name, u32 size, module,
//       text expected
//     register: text as, text name
//     action, assert_return, assert_trap, assert_exhaustion: text module, text field, u8 is_get,
//       values arguments; then values expected (assert_return), nothing (action) or text expected
//   text: u32 size, bytes. values: u32 count, then u8 type, u8 pattern, u64 bits each.
//   Numbers are little-endian and unaligned.
#pragma once

#include <string_view>

#include "device/base/bytes.h"

namespace rune::spec {

enum class CommandKind : uint8_t {
  kModule = 1,
  kRegister,
  kAction,
  kAssertReturn,
  kAssertTrap,
  kAssertExhaustion,
  kAssertMalformed,
  kAssertInvalid,
  kAssertUnlinkable,
  kAssertUninstantiable,
};
enum class Pattern : uint8_t { kExact, kCanonicalNan, kArithmeticNan, kAnyReference, kAny };

struct PackedValue {
  uint8_t type;
  Pattern pattern;
  uint64_t bits;
};

class CommandReader {
 public:
  explicit CommandReader(Bytes bytes) : bytes_(bytes) {}
  bool at_end() const { return bytes_.empty(); }
  uint8_t u8() { return take(1)[0]; }
  uint32_t u32() { return load_le32(take(4).data()); }
  std::string_view text() { return as_text(blob()); }
  Bytes blob() { return take(u32()); }
  PackedValue value() {
    const Bytes item = take(10);
    return {item[0], static_cast<Pattern>(item[1]), load_le64(item.data() + 2)};
  }

 private:
  // The file is our own tool's: a short one is a bug, and ends the runner.
  Bytes take(size_t size) {
    if (size > bytes_.size()) __builtin_trap();
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  Bytes bytes_;
};

}  // namespace rune::spec
