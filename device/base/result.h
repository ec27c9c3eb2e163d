// Result<T>: a value, or the Status that says why there is none.
//
// Invariant: a Result built from a Status is never kOk. T must be default
// constructible and cheap to hold; the value is meaningful only when ok().
//
//   Result<Header> header = read_header(bytes);
//   if (!header.ok()) return header.status();
//   use(header.value());
#pragma once

#include <utility>

#include "device/base/status.h"

namespace rune {

// On the host, host/support/result.h adds Result<T, Diagnostic>.
template <typename T, typename Error = Status>
class Result;

template <typename T>
class [[nodiscard]] Result<T, Status> {
 public:
  Result(T value) : status_(Status::kOk), value_(std::move(value)) {}  // NOLINT: implicit by design
  Result(Status status)                                                // NOLINT: implicit by design
      : status_(status == Status::kOk ? Status::kInternal : status), value_() {}

  bool ok() const { return status_ == Status::kOk; }
  Status status() const { return status_; }
  T& value() { return value_; }
  const T& value() const { return value_; }

 private:
  Status status_;
  T value_;
};

}  // namespace rune
