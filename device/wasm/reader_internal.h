// A cursor over the bytes of a module that reads the binary format's primitives.
//
// The first failure sticks: it keeps its status, text and position, moves the cursor to the end, and
// further reads give 0. So decoders check once after a group of reads, and loops over counts stop.
#pragma once

#include <string_view>

#include "device/base/bytes.h"
#include "device/base/status.h"

namespace rune::wasm {

class Reader {
 public:
  Reader() = default;
  explicit Reader(Bytes module) : Reader(module, 0, static_cast<uint32_t>(module.size())) {}
  // Requires begin <= end <= module.size(); positions stay relative to the module.
  Reader(Bytes module, uint32_t begin, uint32_t end) : module_(module), position_(begin), end_(end) {}

  bool ok() const { return status_ == Status::kOk; }
  Status status() const { return status_; }
  const char* error() const { return error_; }
  uint32_t error_offset() const { return error_offset_; }

  Bytes module() const { return module_; }
  uint32_t position() const { return position_; }
  uint32_t end() const { return end_; }
  bool at_end() const { return position_ >= end_; }
  // Requires position within the cursor's bytes, and ok().
  void seek(uint32_t position) { position_ = position; }

  // `text` has static storage. Only the first call counts.
  void fail(Status status, const char* text) { fail_at(status, text, position_); }
  void fail_at(Status status, const char* text, uint32_t offset);

  uint8_t u8();
  uint32_t u32();  // LEB128, at most 5 bytes, unused bits zero
  int32_t s32();
  int64_t s33();
  int64_t s64();
  // A count of items of at least one byte each, so never above the bytes that are left.
  uint32_t count();
  Bytes bytes(uint32_t size);
  std::string_view name();  // UTF-8, checked

 private:
  uint64_t unsigned_leb(uint32_t bits);
  int64_t signed_leb(uint32_t bits);

  Bytes module_;
  uint32_t position_ = 0;
  uint32_t end_ = 0;
  Status status_ = Status::kOk;
  const char* error_ = nullptr;
  uint32_t error_offset_ = 0;
};

}  // namespace rune::wasm
