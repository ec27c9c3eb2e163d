// CBOR (RFC 8949), the deterministic subset that Rune's manifests, profiles and
// SMP messages use: integers, byte and text strings, arrays, maps, booleans,
// null, float32 and float64. Tested by cbor_test.cpp and the cbor fuzzer.
//
//   CborWriter out(buffer);
//   out.begin_map(2);
//   out.text("off"); out.integer(0);
//   out.text("data"); out.bytes(chunk);
//   if (out.status() != Status::kOk) ...     // one check at the end is enough
//   send(out.written());
//
//   CborReader in(message);
//   Result<CborReader> map = in.enter_map();  // cursor over the pairs
//   while (!map.value().at_end()) { key = map.value().text(); ... }
//
// The writer emits shortest forms and definite lengths; writing past the buffer
// sets a sticky kNoMemory and counts on, so `needed()` tells the size to offer.
// The reader accepts any well-formed item, indefinite lengths included (stock
// SMP clients send them), to a nesting depth of kMaxDepth. It never reads
// outside its view and never allocates; a failed read leaves the cursor where
// it was.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace rune {

class CborWriter {
 public:
  explicit CborWriter(MutableBytes buffer) : buffer_(buffer) {}

  void unsigned_integer(uint64_t value) { head(0, value); }
  void integer(int64_t value);
  void bytes(Bytes value);
  void text(std::string_view value);
  void begin_array(size_t count) { head(4, count); }
  void begin_map(size_t pairs) { head(5, pairs); }
  // Indefinite length: close with end().
  void begin_map() { byte(0xBF); }
  void begin_array() { byte(0x9F); }
  void end() { byte(0xFF); }
  void boolean(bool value) { byte(value ? 0xF5 : 0xF4); }
  void null() { byte(0xF6); }
  void float32(float value);

  // Key and value in one line, for maps.
  void pair(std::string_view key, std::string_view value) {
    text(key);
    text(value);
  }
  void pair(std::string_view key, int64_t value) {
    text(key);
    integer(value);
  }

  Status status() const { return size_ <= buffer_.size() ? Status::kOk : Status::kNoMemory; }
  // Requires status() == kOk.
  Bytes written() const { return Bytes(buffer_.data(), size_); }
  size_t needed() const { return size_; }

 private:
  void head(uint8_t major, uint64_t value);
  void byte(uint8_t value);

  MutableBytes buffer_;
  size_t size_ = 0;
};

enum class CborKind : uint8_t {
  kUnsigned,
  kNegative,
  kBytes,
  kText,
  kArray,
  kMap,
  kTag,
  kBoolean,
  kNull,
  kFloat,
  kBreak,
  kEnd,
};

class CborReader {
 public:
  static constexpr int kMaxDepth = 8;

  CborReader() = default;
  explicit CborReader(Bytes input) : input_(input) {}

  // The kind of the next item; kEnd when the view, or the container entered, is used up.
  CborKind peek() const;
  bool at_end() const { return peek() == CborKind::kEnd; }

  // Each reads one item of its kind: kMismatch for another kind, kMalformed for
  // bytes that are not CBOR, kEndOfData at the end. Strings are views into the
  // input; indefinite strings are kUnsupported.
  Result<uint64_t> unsigned_integer();
  Result<int64_t> integer();
  Result<Bytes> bytes();
  Result<std::string_view> text();
  Result<bool> boolean();
  // Integers convert; float64 rounds to the nearest float32.
  Result<float> number();

  // Enters a container: the returned reader covers just its items (a map's keys
  // and values in turn), and this cursor moves past the whole container.
  Result<CborReader> enter_array();
  Result<CborReader> enter_map();

  // Moves past one item of any kind.
  Status skip();

  // Looks `key` up in a map without moving: a reader at its value, or kNotFound.
  // Requires this to be a cursor over a map's pairs.
  Result<CborReader> find(std::string_view key) const;

 private:
  struct Head {
    uint8_t major = 0;
    uint8_t info = 0;
    uint64_t value = 0;
    size_t size_bytes = 0;
  };
  Result<Head> read_head() const;
  Result<CborReader> enter(uint8_t major);
  Status skip_item(int depth);

  Bytes input_;
  size_t at_ = 0;
};

}  // namespace rune
