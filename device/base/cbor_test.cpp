#include "device/base/cbor.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace rune {
namespace {

TEST(Cbor, WritesShortestForms) {
  std::array<uint8_t, 64> buffer;
  CborWriter out(buffer);
  out.begin_map(2);
  out.pair("d", "hello");
  out.pair("n", -500);
  ASSERT_EQ(out.status(), Status::kOk);
  const std::vector<uint8_t> expected = {0xA2, 0x61, 'd',  0x65, 'h',  'e',  'l',
                                         'l',  'o',  0x61, 'n',  0x39, 0x01, 0xF3};
  EXPECT_EQ(std::vector<uint8_t>(out.written().begin(), out.written().end()), expected);
}

TEST(Cbor, FullBufferIsStickyAndCountsOn) {
  std::array<uint8_t, 3> buffer;
  CborWriter out(buffer);
  out.text("hello");
  EXPECT_EQ(out.status(), Status::kNoMemory);
  EXPECT_EQ(out.needed(), 6u);
}

TEST(Cbor, IntegersRoundTripAtEveryWidth) {
  for (const int64_t value : {0ll, 23ll, 24ll, 255ll, 256ll, 65535ll, 65536ll, 4294967295ll, 4294967296ll,
                              -1ll, -24ll, -25ll, -256ll, -257ll, INT64_MAX + 0ll, INT64_MIN + 0ll}) {
    std::array<uint8_t, 16> buffer;
    CborWriter out(buffer);
    out.integer(value);
    CborReader in(out.written());
    const Result<int64_t> read = in.integer();
    ASSERT_TRUE(read.ok()) << value;
    EXPECT_EQ(read.value(), value);
    EXPECT_TRUE(in.at_end());
  }
}

TEST(Cbor, FindsKeysAndEntersIndefiniteMaps) {
  const std::vector<uint8_t> bytes = {0xBF, 0x61, 'a', 0x82, 0x01, 0x02, 0x61, 'b', 0xF5, 0xFF, 0x07};
  CborReader in(bytes);
  Result<CborReader> map = in.enter_map();
  ASSERT_TRUE(map.ok());
  Result<CborReader> b = map.value().find("b");
  ASSERT_TRUE(b.ok());
  EXPECT_TRUE(b.value().boolean().value());
  EXPECT_EQ(map.value().find("c").status(), Status::kNotFound);
  EXPECT_EQ(in.unsigned_integer().value(), 7u);
}

TEST(Cbor, HalfFloatsAndDoubles) {
  const std::vector<uint8_t> bytes = {0xF9, 0x3E, 0x00, 0xFB, 0x3F, 0xF8, 0, 0, 0,
                                      0,    0,    0,    0xFA, 0x3F, 0xC0, 0, 0};
  CborReader in(bytes);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(in.number().value(), 1.5f);
}

TEST(Cbor, EveryTruncationIsRefused) {
  std::array<uint8_t, 64> buffer;
  CborWriter out(buffer);
  out.begin_map(1);
  out.text("key");
  out.begin_array(2);
  out.integer(70000);
  out.bytes(as_bytes("data"));
  for (size_t size = 0; size < out.needed(); ++size) {
    CborReader in(out.written().first(size));
    EXPECT_NE(in.skip(), Status::kOk) << size;
    EXPECT_FALSE(in.enter_map().ok()) << size;
  }
}

TEST(Cbor, NestingIsBounded) {
  const std::vector<uint8_t> deep(100, 0x81);
  EXPECT_EQ(CborReader(deep).skip(), Status::kTooLarge);
}

}  // namespace
}  // namespace rune
