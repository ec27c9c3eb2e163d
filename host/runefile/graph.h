// The pipeline as a picture.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace rune::runefile {

// DOT for Graphviz from the JSON of to_json(Pipeline), which is also the section rune.graph of
// a built rune. Parts that are missing or of another type are left out: any JSON is safe input.
std::string to_dot(const nlohmann::json& graph);

}  // namespace rune::runefile
