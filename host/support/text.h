// Small helpers for messages: names that were nearly right, lists in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rune {

// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, letter case aside, when it is near enough to be a typo of
// it (at most a third of its letters, at least one edit allowed); else empty.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

// "a, b or c"; empty for no items.
std::string one_of(const std::vector<std::string>& items);

std::string to_lower(std::string_view text);

}  // namespace rune
