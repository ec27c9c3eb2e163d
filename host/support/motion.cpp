#include <charconv>
#include <cmath>

#include "host/support/media.h"
#include "host/support/text.h"

namespace rune {
namespace {

constexpr int kAxes = 3;

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Appends the first three numbers of a line; false when they are not there.
bool parse_line(std::string_view line, std::vector<float>& into) {
  for (int axis = 0; axis < kAxes; ++axis) {
    const size_t comma = line.find(',');
    const std::string_view field = trimmed(line.substr(0, comma));
    float value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) return false;
    into.push_back(value);
    if (comma == std::string_view::npos && axis + 1 < kAxes) return false;
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
  return true;
}

}  // namespace

Result<std::vector<float>, Diagnostic> read_motion(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text.ok()) return text.error();
  std::vector<float> values;
  int number = 0;
  for (std::string_view rest = text.value(); !rest.empty();) {
    const size_t end = rest.find('\n');
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    ++number;
    const size_t before = values.size();
    if (line.empty() || parse_line(line, values)) continue;
    values.resize(before);
    if (number == 1) continue;  // names of the columns
    return Diagnostic{.where = {.file = path, .line = number},
                      .what = "is not three numbers with commas between",
                      .hint = "lines of x,y,z"};
  }
  if (values.empty()) {
    return Diagnostic{.where = {.file = path}, .what = "holds no samples", .hint = "lines of x,y,z"};
  }
  return values;
}

}  // namespace rune
