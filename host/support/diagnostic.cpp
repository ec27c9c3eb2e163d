#include "host/support/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rune {
namespace {

std::string location_text(const Location& where) {
  std::string text;
  if (!where.file.empty()) {
    text += where.file;
    if (where.line > 0) text += fmt::format(":{}", where.line);
    if (where.line > 0 && where.column > 0) text += fmt::format(":{}", where.column);
    text += ": ";
  }
  if (where.byte) text += fmt::format("byte {}: ", *where.byte);
  if (!where.node.empty()) text += where.node + ": ";
  return text;
}

}  // namespace

std::string Diagnostic::text() const {
  std::string text = location_text(where);
  if (severity == Severity::kWarning) text += "warning: ";
  text += what;
  const std::string suffix = unit.empty() ? "" : " " + unit;
  if (actual) text += fmt::format("{} {}{}", limit ? "; needs" : ";", *actual, suffix);
  if (limit) text += fmt::format("{} limit {}{}", actual ? "," : ";", *limit, suffix);
  if (!hint.empty()) text += "; try " + hint;
  return text;
}

nlohmann::json Diagnostic::json() const {
  nlohmann::json object = {{"severity", severity == Severity::kError ? "error" : "warning"}, {"what", what}};
  if (!where.file.empty()) object["file"] = where.file;
  if (where.line > 0) object["line"] = where.line;
  if (where.column > 0) object["column"] = where.column;
  if (!where.node.empty()) object["node"] = where.node;
  if (where.byte) object["byte"] = *where.byte;
  if (limit) object["limit"] = *limit;
  if (actual) object["actual"] = *actual;
  if (!unit.empty()) object["unit"] = unit;
  if (!hint.empty()) object["hint"] = hint;
  return object;
}

bool Diagnostics::has_errors() const {
  return std::any_of(begin(), end(), [](const Diagnostic& one) { return one.severity == Severity::kError; });
}

std::string Diagnostics::text() const {
  std::string text;
  for (const Diagnostic& one : items_) text += one.text() + "\n";
  return text;
}

nlohmann::json Diagnostics::json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const Diagnostic& one : items_) list.push_back(one.json());
  return list;
}

Diagnostic from_status(Location where, const std::string& what, Status status, std::string hint) {
  Diagnostic one;
  one.where = std::move(where);
  one.what = fmt::format("{} ({})", what, status_name(status));
  one.hint = std::move(hint);
  return one;
}

}  // namespace rune
