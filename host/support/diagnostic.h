// What went wrong, where, by how much and what to try: the host's only kind of error.
//
//   net.onnx: node conv3: activation needs 41472 bytes, arena has 32768; try a smaller input
//   Runefile:4: unknown argument "inptu" of MODEL; try --input
//
// A function returns Result<T, Diagnostic>, or Result<T, Diagnostics> when it can report
// several findings in one go. Commands print them in order on standard error and exit with 1.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "device/base/status.h"

namespace rune {

// Each part may be missing: an empty text, line 0, no byte.
struct Location {
  std::string file = {};
  int line = 0;                       // from 1
  int column = 0;                     // from 1; known only with the line
  std::string node = {};              // "node conv3", "stage model", "section rune.manifest"
  std::optional<uint64_t> byte = {};  // offset in the file
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  Location where = {};
  std::string what = {};              // one sentence without a full stop
  std::optional<int64_t> limit = {};  // printed after `what` when set, with `unit`
  std::optional<int64_t> actual = {};
  std::string unit = {};  // "bytes", "Hz"
  std::string hint = {};  // what to try: printed after "try "; may be empty
  Severity severity = Severity::kError;

  // One line, without a newline.
  std::string text() const;
  // {"severity", "file", "line", "column", "node", "byte", "what", "limit", "actual", "unit", "hint"},
  // without the parts that are missing.
  nlohmann::json json() const;
};

// Findings in the order they were made.
class Diagnostics {
 public:
  Diagnostics() = default;
  Diagnostics(Diagnostic one) { add(std::move(one)); }  // NOLINT: implicit by design

  void add(Diagnostic one) { items_.push_back(std::move(one)); }
  void add(const Diagnostics& others) {
    items_.insert(items_.end(), others.items_.begin(), others.items_.end());
  }
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  bool has_errors() const;
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  const Diagnostic& operator[](size_t index) const { return items_[index]; }

  // One line each, each ended by a newline.
  std::string text() const;
  nlohmann::json json() const;

 private:
  std::vector<Diagnostic> items_;
};

// A device function's status as a finding about `file`: "not a rune (malformed)".
Diagnostic from_status(Location where, const std::string& what, Status status, std::string hint = {});

}  // namespace rune
