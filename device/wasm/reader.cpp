#include "device/wasm/reader_internal.h"

namespace rune::wasm {
namespace {

// Whether `text` is UTF-8 without overlong forms and surrogates (Unicode table 3-7).
bool is_utf8(Bytes text) {
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t lead = text[i++];
    if (lead < 0x80) continue;
    uint32_t more = 0;
    uint8_t low = 0x80, high = 0xBF;  // bounds of the second byte
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    for (; more > 0; more--, low = 0x80, high = 0xBF) {
      if (i == text.size() || text[i] < low || text[i] > high) return false;
      i++;
    }
  }
  return true;
}

}  // namespace

void Reader::fail_at(Status status, const char* text, uint32_t offset) {
  if (!ok()) return;
  status_ = status;
  error_ = text;
  error_offset_ = offset;
  position_ = end_;
}

uint8_t Reader::u8() {
  if (position_ >= end_) {
    fail(Status::kMalformed, "unexpected end");
    return 0;
  }
  return module_[position_++];
}

uint64_t Reader::unsigned_leb(uint32_t bits) {
  const uint32_t start = position_;
  uint64_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    const uint8_t byte = u8();
    if (!ok()) return 0;
    if (shift + 7 > bits) {  // the last byte that the size allows
      if (byte & 0x80)
        fail_at(Status::kMalformed, "integer representation too long", start);
      else if (byte >> (bits - shift))
        fail_at(Status::kMalformed, "integer too large", start);
    }
    if (!ok()) return 0;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) return value;
  }
}

int64_t Reader::signed_leb(uint32_t bits) {
  const uint32_t start = position_;
  uint64_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    const uint8_t byte = u8();
    if (!ok()) return 0;
    if (shift + 7 >= bits) {
      // Bits above the value's sign bit must repeat it.
      const int8_t extended = static_cast<int8_t>(static_cast<uint8_t>(byte << 1)) >> (bits - shift);
      if (byte & 0x80)
        fail_at(Status::kMalformed, "integer representation too long", start);
      else if (extended != 0 && extended != -1)
        fail_at(Status::kMalformed, "integer too large", start);
    }
    if (!ok()) return 0;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte & 0x80) continue;
    if ((byte & 0x40) && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
    return static_cast<int64_t>(value);
  }
}

uint32_t Reader::u32() {
  // Nearly all are one byte.
  if (position_ < end_ && module_[position_] < 0x80) return module_[position_++];
  return static_cast<uint32_t>(unsigned_leb(32));
}
int32_t Reader::s32() { return static_cast<int32_t>(signed_leb(32)); }
int64_t Reader::s33() { return signed_leb(33); }
int64_t Reader::s64() { return signed_leb(64); }

uint32_t Reader::count() {
  const uint32_t value = u32();
  if (value > end_ - position_) fail(Status::kMalformed, "length out of bounds");
  return ok() ? value : 0;
}

Bytes Reader::bytes(uint32_t size) {
  if (size > end_ - position_) {
    fail(Status::kMalformed, "length out of bounds");
    return {};
  }
  const Bytes view = module_.subspan(position_, size);
  position_ += size;
  return view;
}

std::string_view Reader::name() {
  const uint32_t start = position_;
  const Bytes text = bytes(u32());
  if (!is_utf8(text)) fail_at(Status::kMalformed, "malformed UTF-8 encoding", start);
  return ok() ? as_text(text) : std::string_view{};
}

}  // namespace rune::wasm
