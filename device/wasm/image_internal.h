// The translated code of a module as it lies in flash: docs/spec/wasm-code.md is the page.
//
//   +--------+------------+-----+-------+-----------+----------+--------+
//   | Header | function 0 | ... | types | functions | segments | Footer |
//   +--------+------------+-----+-------+-----------+----------+--------+
//
// Everything is a little-endian 32-bit or 16-bit number, aligned to its size from the image's start.
// A function is a FunctionHeader and its instructions. The tables stand behind the functions because
// the image is appended to and never read back while it is written.
#pragma once

#include "device/wasm/decode_internal.h"

namespace rune::wasm {

inline constexpr uint32_t kImageMagic = 0x434D5752;   // "RWMC"
inline constexpr uint32_t kFooterMagic = 0x464D5752;  // "RWMF"
inline constexpr uint32_t kImageVersion = 1;

struct ImageHeader {
  uint32_t magic;
  uint32_t version;
  uint32_t build_identity;  // of instructions.def
  uint32_t module_bytes;
};

struct FunctionHeader {
  uint16_t type;             // the first equal type of the module
  uint16_t parameter_slots;  // locals and parameters are the first slots of the frame
  uint16_t local_slots;      // parameters included; the rest is zeroed at a call
  uint16_t frame_slots;      // locals and the highest operand
};

struct ImageFooter {
  SectionMap sections;  // of the module
  uint32_t types;       // offset: position in the module of each type's entry, u32
  uint32_t type_count;
  uint32_t functions;       // offset: offset of each defined function's FunctionHeader, u32
  uint32_t function_count;  // defined ones
  uint32_t function_types;  // offset: canonical type of each imported function, u32
  uint32_t elements;        // offset: position in the module of each element segment, u32
  uint32_t element_count;
  uint32_t data;  // offset: begin and size in the module of each data segment, 2 u32
  uint32_t data_count;
  uint32_t imported[kExternKinds];
  uint32_t global_count;  // defined ones, as are tables and memories
  uint32_t table_count;
  uint32_t memory_count;
  uint32_t module_crc;   // SectionMap::checksum
  uint32_t image_bytes;  // footer included
  uint32_t image_crc;    // of everything before this field
  uint32_t magic;
};

static_assert(sizeof(ImageHeader) == 16 && sizeof(FunctionHeader) == 8 && sizeof(ImageFooter) == 184);

// Changes with instructions.def.
extern const uint32_t kBuildIdentity;

}  // namespace rune::wasm
