#include "device/base/cbor.h"

#include <bit>
#include <limits>

namespace rune {

void CborWriter::byte(uint8_t value) {
  if (size_ < buffer_.size()) buffer_[size_] = value;
  ++size_;
}

void CborWriter::head(uint8_t major, uint64_t value) {
  const uint8_t top = static_cast<uint8_t>(major << 5);
  if (value < 24) return byte(static_cast<uint8_t>(top | value));
  int width_bytes = 8;
  uint8_t info = 27;
  if (value <= 0xFF) {
    width_bytes = 1, info = 24;
  } else if (value <= 0xFFFF) {
    width_bytes = 2, info = 25;
  } else if (value <= 0xFFFFFFFFu) {
    width_bytes = 4, info = 26;
  }
  byte(top | info);
  for (int shift = (width_bytes - 1) * 8; shift >= 0; shift -= 8) {
    byte(static_cast<uint8_t>(value >> shift));
  }
}

void CborWriter::integer(int64_t value) {
  if (value >= 0) return head(0, static_cast<uint64_t>(value));
  head(1, ~static_cast<uint64_t>(value));
}

void CborWriter::bytes(Bytes value) {
  head(2, value.size());
  for (const uint8_t each : value) byte(each);
}

void CborWriter::text(std::string_view value) {
  head(3, value.size());
  for (const char each : value) byte(static_cast<uint8_t>(each));
}

void CborWriter::float32(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  byte(0xFA);
  for (int shift = 24; shift >= 0; shift -= 8) byte(static_cast<uint8_t>(bits >> shift));
}

namespace {

constexpr uint8_t kIndefinite = 31;

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const int exponent = half >> 10 & 31;
  const uint32_t mantissa = half & 0x3FF;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
  if (exponent == 0) {
    const float value = static_cast<float>(mantissa) * (1.0f / 16777216.0f);
    return sign ? -value : value;
  }
  return std::bit_cast<float>(sign | static_cast<uint32_t>(exponent + 112) << 23 | mantissa << 13);
}

}  // namespace

Result<CborReader::Head> CborReader::read_head() const {
  if (at_ >= input_.size()) return Status::kEndOfData;
  Head head;
  head.major = input_[at_] >> 5;
  head.info = input_[at_] & 31;
  head.size_bytes = 1;
  if (head.info < 24) {
    head.value = head.info;
    return head;
  }
  if (head.info == kIndefinite) {
    const bool allowed = (head.major >= 2 && head.major <= 5) || head.major == 7;
    return allowed ? Result<Head>(head) : Result<Head>(Status::kMalformed);
  }
  if (head.info > 27) return Status::kMalformed;
  const size_t width_bytes = size_t{1} << (head.info - 24);
  if (input_.size() - at_ - 1 < width_bytes) return Status::kMalformed;
  for (size_t i = 0; i < width_bytes; ++i) head.value = head.value << 8 | input_[at_ + 1 + i];
  head.size_bytes += width_bytes;
  return head;
}

CborKind CborReader::peek() const {
  const Result<Head> head = read_head();
  if (!head.ok()) return CborKind::kEnd;
  switch (head.value().major) {
    case 0: return CborKind::kUnsigned;
    case 1: return CborKind::kNegative;
    case 2: return CborKind::kBytes;
    case 3: return CborKind::kText;
    case 4: return CborKind::kArray;
    case 5: return CborKind::kMap;
    case 6: return CborKind::kTag;
    default: break;
  }
  switch (head.value().info) {
    case 20:
    case 21: return CborKind::kBoolean;
    case 31: return CborKind::kBreak;
    case 25:
    case 26:
    case 27: return CborKind::kFloat;
    default: return CborKind::kNull;
  }
}

Result<uint64_t> CborReader::unsigned_integer() {
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  if (head.value().major != 0) return Status::kMismatch;
  at_ += head.value().size_bytes;
  return head.value().value;
}

Result<int64_t> CborReader::integer() {
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  if (head.value().major > 1) return Status::kMismatch;
  const uint64_t magnitude = head.value().value;
  if (magnitude > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return Status::kTooLarge;
  at_ += head.value().size_bytes;
  const int64_t value = static_cast<int64_t>(magnitude);
  return head.value().major == 0 ? value : -1 - value;
}

Result<Bytes> CborReader::bytes() {
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  if (head.value().major != 2) return Status::kMismatch;
  if (head.value().info == kIndefinite) return Status::kUnsupported;
  const size_t start = at_ + head.value().size_bytes;
  if (head.value().value > input_.size() - start) return Status::kMalformed;
  const size_t size_bytes = static_cast<size_t>(head.value().value);
  at_ = start + size_bytes;
  return input_.subspan(start, size_bytes);
}

Result<std::string_view> CborReader::text() {
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  if (head.value().major != 3) return Status::kMismatch;
  if (head.value().info == kIndefinite) return Status::kUnsupported;
  const size_t start = at_ + head.value().size_bytes;
  if (head.value().value > input_.size() - start) return Status::kMalformed;
  const size_t size_bytes = static_cast<size_t>(head.value().value);
  at_ = start + size_bytes;
  return as_text(input_.subspan(start, size_bytes));
}

Result<bool> CborReader::boolean() {
  if (peek() != CborKind::kBoolean) return at_end() ? Status::kEndOfData : Status::kMismatch;
  const bool value = input_[at_] == 0xF5;
  ++at_;
  return value;
}

Result<float> CborReader::number() {
  const CborKind kind = peek();
  if (kind == CborKind::kUnsigned || kind == CborKind::kNegative) {
    const Result<int64_t> whole = integer();
    if (!whole.ok()) return whole.status();
    return static_cast<float>(whole.value());
  }
  if (kind != CborKind::kFloat) return kind == CborKind::kEnd ? Status::kEndOfData : Status::kMismatch;
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  at_ += head.value().size_bytes;
  const uint64_t bits = head.value().value;
  switch (head.value().info) {
    case 25: return half_to_float(static_cast<uint16_t>(bits));
    case 26: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    default: return static_cast<float>(std::bit_cast<double>(bits));
  }
}

Status CborReader::skip_item(int depth) {
  if (depth > kMaxDepth) return Status::kTooLarge;
  const Result<Head> read = read_head();
  if (!read.ok()) return read.status();
  const Head head = read.value();
  at_ += head.size_bytes;
  if (head.major <= 1 || head.major == 7) return Status::kOk;
  if (head.major == 6) return skip_item(depth + 1);
  if (head.info == kIndefinite) {
    while (peek() != CborKind::kBreak) RUNE_TRY(skip_item(depth + 1));
    ++at_;
    return Status::kOk;
  }
  const uint64_t left = input_.size() - at_;
  if (head.major <= 3) {
    if (head.value > left) return Status::kMalformed;
    at_ += static_cast<size_t>(head.value);
    return Status::kOk;
  }
  if (head.value > left) return Status::kMalformed;  // each item takes a byte or more
  const uint64_t items = head.major == 5 ? head.value * 2 : head.value;
  for (uint64_t i = 0; i < items; ++i) RUNE_TRY(skip_item(depth + 1));
  return Status::kOk;
}

Status CborReader::skip() {
  const size_t start = at_;
  const Status status = skip_item(0);
  if (status != Status::kOk) at_ = start;
  return status;
}

Result<CborReader> CborReader::enter(uint8_t major) {
  const Result<Head> head = read_head();
  if (!head.ok()) return head.status();
  if (head.value().major != major) return Status::kMismatch;
  const size_t start = at_;
  const Status status = skip();
  if (status != Status::kOk) return status == Status::kEndOfData ? Status::kMalformed : status;
  const size_t stop_bytes = head.value().info == kIndefinite ? 1 : 0;
  const size_t first = start + head.value().size_bytes;
  return CborReader(input_.subspan(first, at_ - first - stop_bytes));
}

Result<CborReader> CborReader::enter_array() { return enter(4); }
Result<CborReader> CborReader::enter_map() { return enter(5); }

Result<CborReader> CborReader::find(std::string_view key) const {
  CborReader cursor = *this;
  while (!cursor.at_end()) {
    const Result<std::string_view> name = cursor.text();
    if (name.ok() && name.value() == key) return cursor;
    if (!name.ok()) RUNE_TRY(cursor.skip());
    RUNE_TRY(cursor.skip());
  }
  return Status::kNotFound;
}

}  // namespace rune
