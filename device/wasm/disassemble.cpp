// Driven by the forms of instructions.def, so that a new instruction is shown without a change here.
#include "device/wasm/disassemble.h"

#include "device/wasm/image_internal.h"
#include "device/wasm/opcodes_internal.h"

namespace rune::wasm {
namespace {

struct Row {
  const char* name;
  const char* form;
};

constexpr Row kRows[] = {
#define UNARY(name, ...) {#name, "ds"},
#define CHECKED_UNARY(name, ...) {#name, "ds"},
#define BINARY(name, ...) {#name, "dss"},
#define BINARY_K(name, ...) {#name, "dss"}, {#name "_k", "dsk"},
#define CHECKED_BINARY(name, ...) {#name, "dss"},
#define COMPARE(name, ...) \
  {#name, "dss"}, {#name "_k", "dsk"}, {"br_if_" #name, "ssj"}, {"br_if_" #name "_k", "skj"},
#define COMPARE_FLOAT(name, ...) {#name, "dss"}, {"br_if_" #name, "ssj"}, {"br_unless_" #name, "ssj"},
#define LOAD(name, ...) {#name, "dso"},
#define STORE(name, ...) {#name, "sso"},
#define OTHER(name, form) {#name, form},
#include "device/wasm/instructions.def"
};
static_assert(sizeof(kRows) / sizeof(kRows[0]) == kOpcodes);

class Printer {
 public:
  Printer(Bytes image, std::string& out) : image_(image), out_(out) {}

  // Instructions from `at` to `end`; a padding halfword at the end is left out.
  void function(uint32_t at, uint32_t end) {
    while (end - at > 2) at = instruction(at);
  }

 private:
  uint32_t instruction(uint32_t at) {
    const Row& row = kRows[load_le16(image_.data() + at)];
    out_ += "  " + std::to_string(at) + ": " + row.name;
    at += 2;
    const char* separator = " ";
    for (const char* letter = row.form; *letter != 0; letter++, separator = ", ") {
      out_ += separator;
      at = field(*letter, at);
    }
    out_ += '\n';
    return at;
  }

  uint32_t field(char letter, uint32_t at) {
    const uint8_t* bytes = image_.data() + at;
    switch (letter) {
      case 'd':
      case 's': out_ += "s" + std::to_string(load_le16(bytes)); return at + 2;
      case 'n': out_ += std::to_string(load_le16(bytes)); return at + 2;
      case 'k': out_ += std::to_string(static_cast<int32_t>(load_le32(bytes))); return at + 4;
      case 'K': out_ += std::to_string(static_cast<int64_t>(load_le64(bytes))); return at + 8;
      case 'o': out_ += "+" + std::to_string(load_le32(bytes)); return at + 4;
      case 'j': out_ += "-> " + std::to_string(at + load_le32(bytes)); return at + 4;
      default: return table(at);
    }
  }

  uint32_t table(uint32_t at) {
    const uint32_t count = load_le32(image_.data() + at);
    at += 4;
    for (uint32_t i = 0; i <= count; i++, at += 4) {
      out_ += i == 0 ? "->" : "";
      out_ += " " + std::to_string(at + load_le32(image_.data() + at));
    }
    return at;
  }

  Bytes image_;
  std::string& out_;
};

}  // namespace

std::string disassemble(const Code& code) {
  const Bytes image = code.image();
  ImageFooter footer;
  std::memcpy(&footer, image.data() + image.size() - sizeof(footer), sizeof(footer));
  std::string out;
  for (uint32_t i = 0; i < footer.function_count; i++) {
    const uint32_t begin = load_le32(image.data() + footer.functions + 4 * i);
    const uint32_t end = i + 1 < footer.function_count
                             ? load_le32(image.data() + footer.functions + 4 * (i + 1))
                             : footer.types;
    FunctionHeader header;
    std::memcpy(&header, image.data() + begin, sizeof(header));
    out += "function " + std::to_string(footer.imported[0] + i) + ": type " + std::to_string(header.type) +
           ", " + std::to_string(header.parameter_slots) + " parameter slots, " +
           std::to_string(header.local_slots) + " locals, " + std::to_string(header.frame_slots) +
           " in all\n";
    Printer(image, out).function(begin + static_cast<uint32_t>(sizeof(header)), end);
  }
  return out;
}

}  // namespace rune::wasm
