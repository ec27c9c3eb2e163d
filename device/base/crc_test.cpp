#include "device/base/crc.h"

#include <gtest/gtest.h>

namespace rune {
namespace {

TEST(Crc, PublishedCheckValues) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926u);
  EXPECT_EQ(crc16_xmodem(as_bytes("123456789")), 0x31C3u);
  EXPECT_EQ(crc32({}), 0u);
}

TEST(Crc, PiecesEqualTheWhole) {
  const Bytes whole = as_bytes("runes are small");
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(crc32(whole.subspan(cut), crc32(whole.first(cut))), crc32(whole));
    EXPECT_EQ(crc16_xmodem(whole.subspan(cut), crc16_xmodem(whole.first(cut))), crc16_xmodem(whole));
  }
}

}  // namespace
}  // namespace rune
