// The small grammar that both dialects share: types, edges, names.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "device/format/manifest.h"
#include "host/runefile/syntax_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_number(std::string_view text, uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_dims(std::string_view text, std::vector<uint32_t>& out) {
  if (trim(text).empty()) return true;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view item = trim(text.substr(0, comma));
    uint32_t extent = 0;
    if (item != "_" && (!parse_number(item, extent) || extent == 0)) return false;
    out.push_back(extent);
    if (out.size() > Shape::kMaxRank) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<PartialType> parse_type(std::string_view text) {
  PartialType type;
  text = trim(text);
  uint32_t count = 0;
  if (parse_number(text, count)) {
    if (count == 0) return std::nullopt;
    type.element_count = count;
    return type;
  }
  const size_t bracket = text.find('[');
  const std::string_view name = trim(text.substr(0, bracket));
  if (!name.empty() && name != "_") {
    const Result<ElementType> element = element_type(name);
    if (!element.ok()) return std::nullopt;
    type.element = element.value();
  }
  if (bracket == std::string_view::npos) return name.empty() ? std::nullopt : std::optional(type);
  if (text.back() != ']') return std::nullopt;
  type.dims.emplace();
  if (!parse_dims(text.substr(bracket + 1, text.size() - bracket - 2), *type.dims)) return std::nullopt;
  return type;
}

bool valid_stage_name(std::string_view name) {
  if (name.empty() || name.size() > format::kMaxNameBytes) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-'))) return false;
  }
  return true;
}

std::optional<WrittenEdge> parse_edge(std::string_view text) {
  WrittenEdge edge;
  const size_t dot = text.find('.');
  edge.stage = std::string(text.substr(0, dot));
  if (!valid_stage_name(edge.stage)) return std::nullopt;
  if (dot != std::string_view::npos && !parse_number(text.substr(dot + 1), edge.output)) return std::nullopt;
  return edge;
}

Diagnostic finding(const Location& where, std::string what, std::string hint) {
  Diagnostic one;
  one.where = where;
  one.what = std::move(what);
  one.hint = std::move(hint);
  return one;
}

Diagnostic unknown_word(const Location& where, const std::string& what, const std::string& name,
                        const std::vector<std::string>& candidates) {
  const std::string near = nearest(name, candidates);
  return finding(where, fmt::format("unknown {} \"{}\"", what, name.substr(0, 80)),
                 near.empty() ? one_of(candidates) : near);
}

}  // namespace rune::runefile
