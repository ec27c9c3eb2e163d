// The first 256 bytes of a slot (docs/spec/store.md), little-endian words.
//
//     0 u32 magic "RSL1"       4 u32 file_bytes     8 u32 sequence
//    12 char name[32]         44 u32 CRC-32 of bytes 0..43
//    48 u32 file checksum     52 u32 uploaded      56 u32 requested
//    60 u32 installed         64 u32 failure       68 u32 removed
//    72 8 translations: u32 code_bytes, u32 whole
//   136 ones
//
// Step words are all ones until they are programmed to 0 (failure: to its status).
#pragma once

#include "device/base/bytes.h"
#include "device/base/crc.h"

namespace rune::os {

inline constexpr uint32_t kSlotMagic = 0x314C5352;
inline constexpr uint32_t kErased = 0xFFFFFFFF;
inline constexpr uint32_t kFileBytesAt = 4;
inline constexpr uint32_t kSequenceAt = 8;
inline constexpr uint32_t kNameAt = 12;
inline constexpr uint32_t kHeaderChecksumAt = 44;
inline constexpr uint32_t kFixedHeaderBytes = 48;
inline constexpr uint32_t kFileChecksumAt = 48;
inline constexpr uint32_t kUploadedAt = 52;
inline constexpr uint32_t kRequestedAt = 56;
inline constexpr uint32_t kInstalledAt = 60;
inline constexpr uint32_t kFailureAt = 64;
inline constexpr uint32_t kRemovedAt = 68;
inline constexpr uint32_t kTranslationsAt = 72;
inline constexpr uint32_t kTranslationBytes = 8;
inline constexpr uint32_t kTranslationEntries = 8;

class HeaderView {
 public:
  explicit HeaderView(const uint8_t* bytes) : bytes_(bytes) {}
  uint32_t word(uint32_t at) const { return load_le32(bytes_ + at); }
  bool valid() const {
    return word(0) == kSlotMagic && word(kHeaderChecksumAt) == crc32(Bytes(bytes_, kHeaderChecksumAt)) &&
           bytes_[kNameAt + 31] == 0;
  }

 private:
  const uint8_t* bytes_;
};

// Requires a name of at most 31 bytes and 48 bytes at `into`.
inline void write_fixed_header(uint8_t* into, std::string_view name, uint32_t file_bytes, uint32_t sequence) {
  memset(into, 0, kFixedHeaderBytes);
  store_le32(into, kSlotMagic);
  store_le32(into + kFileBytesAt, file_bytes);
  store_le32(into + kSequenceAt, sequence);
  memcpy(into + kNameAt, name.data(), name.size());
  store_le32(into + kHeaderChecksumAt, crc32(Bytes(into, kHeaderChecksumAt)));
}

}  // namespace rune::os
