// Result<T, Diagnostic>: a value, or what went wrong in words.
//
// The host's side of device/base/result.h. Error is Diagnostic (one finding) or
// Diagnostics (several, collected in order); both print the same way.
//
//   Result<Model, Diagnostic> load(const std::string& path) {
//     auto bytes = read_file(path);
//     if (!bytes.ok()) return bytes.error();
//     if (bytes.value().empty()) return Diagnostic{.where = {.file = path}, .what = "the file is empty"};
//     return Model(bytes.value());
//   }
#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include "device/base/result.h"
#include "host/support/diagnostic.h"

namespace rune {

template <typename T, typename Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT: implicit by design
  template <typename From>
    requires std::convertible_to<From, Error> && (!std::convertible_to<From, T>)
  Result(From error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return value_.has_value(); }
  // Requires ok().
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  // Requires !ok().
  const Error& error() const { return error_; }

 private:
  std::optional<T> value_;
  Error error_;
};

// For functions that have nothing to give: `return {};` is success.
template <typename Error>
class [[nodiscard]] Result<void, Error> {
 public:
  Result() = default;
  template <typename From>
    requires std::convertible_to<From, Error>
  Result(From error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !error_.has_value(); }
  // Requires !ok().
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace rune
