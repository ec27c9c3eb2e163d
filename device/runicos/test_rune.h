// Small runes for tests, made byte by byte: a manifest, `_manifest`, and a `_call` whose
// instructions the test gives. Runs wherever the tests run, also on the boards.
#pragma once

#include <string>
#include <vector>

#include "device/format/manifest.h"

namespace rune::os {

using Code = std::vector<uint8_t>;

inline void append_leb(Code& code, uint32_t value) {
  do {
    const uint8_t low = value & 0x7F;
    value >>= 7;
    code.push_back(static_cast<uint8_t>(low | (value != 0 ? 0x80 : 0)));
  } while (value != 0);
}
inline void append_text(Code& code, const std::string& text) {
  append_leb(code, static_cast<uint32_t>(text.size()));
  code.insert(code.end(), text.begin(), text.end());
}
inline Code operator+(Code left, const Code& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Instructions.
inline Code constant(int32_t value) {
  Code code = {0x41};
  while (true) {
    const uint8_t low = value & 0x7F;
    value >>= 7;
    const bool last = (value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0);
    code.push_back(static_cast<uint8_t>(low | (last ? 0 : 0x80)));
    if (last) return code;
  }
}
inline Code call_import(uint32_t index) { return {0x10, static_cast<uint8_t>(index)}; }
inline Code drop() { return {0x1A}; }
inline Code unreachable() { return {0x00}; }
inline Code endless_loop() { return {0x03, 0x40, 0x0C, 0x00, 0x0B}; }
// Keeps the value on the stack in local 3; returns it when it is not 0.
inline Code return_if_failed() { return {0x22, 0x03, 0x04, 0x40, 0x20, 0x03, 0x0F, 0x0B}; }
// Calls `_call` itself: function 1 behind the imports.
inline Code recurse(uint32_t imports) {
  return constant(0) + constant(0) + constant(0) + call_import(imports + 1) + drop();
}

struct TestRune {
  static constexpr uint32_t kData = 2048;      // address where a test may put its data
  static constexpr uint32_t kManifest = 1024;  // address of what _manifest() returns

  format::Manifest manifest;
  std::vector<std::string> imports;  // functions of module "rune"; (i32 i32 i32) -> i32
  Code call;                         // ends with an i32 on the stack
  Code data;                         // placed at kData
  bool wrong_manifest = false;       // _manifest() returns other bytes than the section

  TestRune() {
    manifest.name = "test";
    manifest.memory_bytes = 4096;
    manifest.stack_bytes = 512;
    manifest.fuel = 10000;
  }

  std::vector<uint8_t> build() const;
};

inline Code section(uint8_t id, const Code& payload) {
  Code code = {id};
  append_leb(code, static_cast<uint32_t>(payload.size()));
  return code + payload;
}

inline Code data_segment(uint32_t address, const Code& bytes) {
  Code code = {0x00};
  code = code + constant(static_cast<int32_t>(address)) + Code{0x0B};
  append_leb(code, static_cast<uint32_t>(bytes.size()));
  return code + bytes;
}

inline Code function_body(const Code& locals, const Code& instructions) {
  const Code body = locals + instructions + Code{0x0B};
  Code code;
  append_leb(code, static_cast<uint32_t>(body.size()));
  return code + body;
}

inline std::vector<uint8_t> TestRune::build() const {
  std::vector<uint8_t> buffer(format::kMaxManifestBytes);
  CborWriter out(buffer);
  if (format::write_manifest(manifest, out) != Status::kOk) return {};
  const Code manifest_bytes(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(out.needed()));

  Code custom;
  append_text(custom, "rune.manifest");
  custom = custom + manifest_bytes;
  Code import_list;
  append_leb(import_list, static_cast<uint32_t>(imports.size()));
  for (const std::string& name : imports) {
    append_text(import_list, "rune");
    append_text(import_list, name);
    import_list = import_list + Code{0x00, 0x00};
  }
  const auto count = static_cast<uint8_t>(imports.size());
  Code exports = {3};
  append_text(exports, "memory");
  exports = exports + Code{0x02, 0x00};
  append_text(exports, "_manifest");
  exports = exports + Code{0x00, count};
  append_text(exports, "_call");
  exports = exports + Code{0x00, static_cast<uint8_t>(count + 1)};
  Code returned(4);
  store_le32(returned.data(), static_cast<uint32_t>(manifest_bytes.size()));
  returned = returned + manifest_bytes;
  if (wrong_manifest) returned.back() ^= 1;

  Code module = {0x00, 'a', 's', 'm', 1, 0, 0, 0};
  module = module + section(0, custom);
  module = module + section(1, {2, 0x60, 3, 0x7F, 0x7F, 0x7F, 1, 0x7F, 0x60, 0, 1, 0x7F});
  if (!imports.empty()) module = module + section(2, import_list);
  module = module + section(3, {2, 1, 0});
  module = module + section(5, {1, 0x01, 1, 1});
  module = module + section(7, exports);
  module = module +
           section(10, Code{2} + function_body({0}, constant(kManifest)) + function_body({1, 1, 0x7F}, call));
  return module + section(11, Code{2} + data_segment(kManifest, returned) + data_segment(kData, data));
}

// A guest tensor record (docs/spec/guest-abi.md) of rank 1.
inline Code tensor_record(uint32_t data, uint32_t size_bytes, ElementType element, uint32_t dims_address,
                          uint16_t channel = 0) {
  Code record(28);
  store_le32(record.data(), data);
  store_le32(record.data() + 4, size_bytes);
  record[8] = static_cast<uint8_t>(element);
  record[9] = 1;
  store_le16(record.data() + 10, channel);
  store_le32(record.data() + 12, dims_address);
  return record;
}

}  // namespace rune::os
