// The one number that the build reads from a linked module: where its memory ends.
#include <optional>

#include "device/format/rune.h"
#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

// Reads what our own linker wrote; past the end it reads zeros.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  uint8_t byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }
  uint32_t leb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const uint8_t next = byte();
      value |= static_cast<uint64_t>(next & 0x7F) << shift;
      if ((next & 0x80) == 0) break;
    }
    return static_cast<uint32_t>(value);
  }
  std::string_view name() {
    const size_t size = leb();
    if (size > bytes_.size() - at_) return {};
    const std::string_view text = as_text(bytes_.subspan(at_, size));
    at_ += size;
    return text;
  }

 private:
  Bytes bytes_;
  size_t at_ = 0;
};

std::optional<Bytes> section(Bytes module, uint8_t id) {
  format::SectionReader reader(module);
  while (!reader.at_end()) {
    const Result<format::Section> next = reader.next();
    if (!next.ok()) return std::nullopt;
    if (next.value().id == id) return next.value().payload;
  }
  return std::nullopt;
}

// Initial value of global `index`; the linker's globals are i32 constants.
std::optional<uint32_t> global_value(Bytes globals, uint32_t index) {
  Cursor cursor(globals);
  const uint32_t count = cursor.leb();
  for (uint32_t i = 0; i < count; ++i) {
    cursor.byte();                                   // type
    cursor.byte();                                   // mutability
    if (cursor.byte() != 0x41) return std::nullopt;  // i32.const
    const uint32_t value = cursor.leb();             // addresses fit 31 bits: signed and unsigned agree
    if (cursor.byte() != 0x0B) return std::nullopt;
    if (i == index) return value;
  }
  return std::nullopt;
}

}  // namespace

Result<uint32_t, Diagnostic> heap_base(Bytes module) {
  constexpr uint8_t kGlobalSection = 6;
  constexpr uint8_t kExportSection = 7;
  const auto exports = section(module, kExportSection);
  const auto globals = section(module, kGlobalSection);
  if (exports && globals) {
    Cursor cursor(*exports);
    const uint32_t count = cursor.leb();
    for (uint32_t i = 0; i < count; ++i) {
      const std::string_view name = cursor.name();
      const uint8_t kind = cursor.byte();
      const uint32_t index = cursor.leb();
      if (name != "__heap_base" || kind != 3) continue;
      if (const auto value = global_value(*globals, index)) return *value;
    }
  }
  return Diagnostic{.what = "the linker did not say where memory ends"};
}

}  // namespace rune::wasmtool
