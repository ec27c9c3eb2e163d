// Nibble tables: 64 + 32 bytes of flash, four times the speed of bit loops.
#include "device/base/crc.h"

#include <array>

namespace rune {
namespace {

constexpr std::array<uint32_t, 16> make_crc32_nibbles() {
  std::array<uint32_t, 16> table{};
  for (uint32_t i = 0; i < 16; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 4; ++bit) value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint16_t, 16> make_crc16_nibbles() {
  std::array<uint16_t, 16> table{};
  for (uint32_t i = 0; i < 16; ++i) {
    uint32_t value = i << 12;
    for (int bit = 0; bit < 4; ++bit) value = value & 0x8000 ? value << 1 ^ 0x1021u : value << 1;
    table[i] = static_cast<uint16_t>(value);
  }
  return table;
}

constexpr auto kCrc32Nibbles = make_crc32_nibbles();
constexpr auto kCrc16Nibbles = make_crc16_nibbles();

}  // namespace

uint32_t crc32(Bytes bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    crc = crc >> 4 ^ kCrc32Nibbles[crc & 15];
    crc = crc >> 4 ^ kCrc32Nibbles[crc & 15];
  }
  return ~crc;
}

uint16_t crc16_xmodem(Bytes bytes, uint16_t seed) {
  uint32_t crc = seed;
  for (const uint8_t byte : bytes) {
    crc = (crc << 4 ^ kCrc16Nibbles[(crc >> 12 ^ byte >> 4) & 15]) & 0xFFFF;
    crc = (crc << 4 ^ kCrc16Nibbles[(crc >> 12 ^ byte) & 15]) & 0xFFFF;
  }
  return static_cast<uint16_t>(crc);
}

}  // namespace rune
