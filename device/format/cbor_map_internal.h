// Reading a CBOR map against a closed list of keys: the shape of every map in the
// manifest and the profile.
#pragma once

#include <cmath>

#include "device/base/cbor.h"

namespace rune::format {

// Calls read(key index, cursor at the value) for each pair of `map`, in the order of the
// bytes. kInvalid for an unknown key, for one named twice and when a key whose bit is set
// in `required` is missing.
template <size_t N, typename Read>
Status read_map(CborReader map, const std::string_view (&keys)[N], uint32_t required, Read read) {
  static_assert(N <= 32);
  uint32_t seen = 0;
  while (!map.at_end()) {
    const Result<std::string_view> key = map.text();
    if (!key.ok()) return key.status();
    size_t index = 0;
    while (index < N && keys[index] != key.value()) ++index;
    if (index == N || (seen >> index & 1u) != 0) return Status::kInvalid;
    seen |= 1u << index;
    RUNE_TRY(read(index, map));
  }
  return (seen & required) == required ? Status::kOk : Status::kInvalid;
}

// Calls read(cursor) until the array at `cursor` is used up.
template <typename Read>
Status read_array(CborReader& cursor, Read read) {
  Result<CborReader> items = cursor.enter_array();
  if (!items.ok()) return items.status();
  while (!items.value().at_end()) RUNE_TRY(read(items.value()));
  return Status::kOk;
}

inline Status read_u32(CborReader& cursor, uint32_t& out) {
  const Result<uint64_t> value = cursor.unsigned_integer();
  if (!value.ok()) return value.status();
  if (value.value() > UINT32_MAX) return Status::kTooLarge;
  out = static_cast<uint32_t>(value.value());
  return Status::kOk;
}

inline Status read_i32(CborReader& cursor, int32_t& out) {
  const Result<int64_t> value = cursor.integer();
  if (!value.ok()) return value.status();
  if (value.value() < INT32_MIN || value.value() > INT32_MAX) return Status::kTooLarge;
  out = static_cast<int32_t>(value.value());
  return Status::kOk;
}

// What a cursor's failure means at a door of trust: an item of the wrong kind breaks a
// rule of the format, an item that ends early is no CBOR.
inline Status door_status(Status status) {
  switch (status) {
    case Status::kMismatch:
    case Status::kUnsupported:
    case Status::kNotFound: return Status::kInvalid;
    case Status::kEndOfData: return Status::kMalformed;
    default: return status;
  }
}

}  // namespace rune::format
