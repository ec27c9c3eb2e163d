#include "device/runicos/log_ring.h"

#include <gtest/gtest.h>

#include <string>

namespace rune::os {
namespace {

std::string read(const LogRing& ring, uint64_t from, size_t room, uint64_t* next = nullptr) {
  uint8_t buffer[64];
  size_t size = 0;
  const uint64_t end = ring.read(from, MutableBytes(buffer, room), size);
  if (next != nullptr) *next = end;
  return std::string(as_text(Bytes(buffer, size)));
}

TEST(LogRing, KeepsTheLastBytes) {
  uint8_t buffer[8];
  LogRing ring(buffer);
  uint64_t next = 0;
  EXPECT_EQ(read(ring, 0, 64, &next), "");
  ring.append("abcde");
  EXPECT_EQ(read(ring, 0, 64, &next), "abcde");
  ring.append("fghij");
  EXPECT_EQ(read(ring, next, 64, &next), "fghij");
  EXPECT_EQ(next, 10u);
  EXPECT_EQ(read(ring, 0, 64), "cdefghij");
  EXPECT_EQ(read(ring, 0, 3, &next), "cde");
  EXPECT_EQ(next, 5u);
  EXPECT_EQ(read(ring, 99, 64, &next), "");
  EXPECT_EQ(next, 10u);
}

TEST(LogRing, CharactersStayWhole) {
  uint8_t buffer[8];
  LogRing ring(buffer);
  ring.append(
      "ab\xC3\xA9"
      "d");
  EXPECT_EQ(read(ring, 0, 3), "ab");
  ring.append("\xC3\xA9yzwv");  // the oldest byte held is now the second half of a character
  EXPECT_EQ(read(ring, 0, 64), "d\xC3\xA9yzwv");
}

TEST(LogRing, WithoutABufferEverythingIsDropped) {
  LogRing ring;
  ring.append("text");
  EXPECT_EQ(ring.end(), 0u);
}

}  // namespace
}  // namespace rune::os
