// Byte views and fixed-endian loads and stores, valid at any alignment.
//
// Formats of Rune are little-endian; SMP headers and the original's resource
// sections are big-endian. Callers check bounds first: these do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace rune {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline uint16_t load_le16(const uint8_t* at) { return static_cast<uint16_t>(at[0] | at[1] << 8); }
inline uint32_t load_le32(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 |
         static_cast<uint32_t>(at[2]) << 16 | static_cast<uint32_t>(at[3]) << 24;
}
inline uint64_t load_le64(const uint8_t* at) {
  return load_le32(at) | static_cast<uint64_t>(load_le32(at + 4)) << 32;
}
inline void store_le16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value);
  at[1] = static_cast<uint8_t>(value >> 8);
}
inline void store_le32(uint8_t* at, uint32_t value) {
  store_le16(at, static_cast<uint16_t>(value));
  store_le16(at + 2, static_cast<uint16_t>(value >> 16));
}
inline void store_le64(uint8_t* at, uint64_t value) {
  store_le32(at, static_cast<uint32_t>(value));
  store_le32(at + 4, static_cast<uint32_t>(value >> 32));
}
inline uint16_t load_be16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
inline uint32_t load_be32(const uint8_t* at) {
  return static_cast<uint32_t>(load_be16(at)) << 16 | load_be16(at + 2);
}
inline void store_be16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void store_be32(uint8_t* at, uint32_t value) {
  store_be16(at, static_cast<uint16_t>(value >> 16));
  store_be16(at + 2, static_cast<uint16_t>(value));
}

constexpr uint32_t align_up(uint32_t value, uint32_t power_of_two) {
  return (value + power_of_two - 1) & ~(power_of_two - 1);
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace rune
