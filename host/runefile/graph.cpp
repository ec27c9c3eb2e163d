#include "host/runefile/graph.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace rune::runefile {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& list_at(const json& object, const char* key) {
  static const json kEmpty = json::array();
  if (!object.is_object()) return kEmpty;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kEmpty;
}

// Quoted for DOT.
std::string dot_text(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result + '"';
}

std::string label_of_type(const json& type) {
  std::string text = text_at(type, "type") + "[";
  const json& dimensions = list_at(type, "dimensions");
  for (size_t i = 0; i < dimensions.size(); ++i) text += (i == 0 ? "" : ", ") + dimensions[i].dump();
  return text + "]";
}

std::string shape_of_kind(const std::string& kind) {
  if (kind == "capability") return "ellipse";
  if (kind == "model") return "box3d";
  return kind == "output" ? "cds" : "box";
}

}  // namespace

std::string to_dot(const json& graph) {
  std::string dot = fmt::format("digraph {} {{\n  rankdir=LR;\n", dot_text(text_at(graph, "name")));
  const json& stages = list_at(graph, "stages");
  for (const json& stage : stages) {
    const std::string kind = text_at(stage, "kind");
    const std::string what = text_at(stage, kind == "model" ? "file" : kind.c_str());
    dot +=
        fmt::format("  {} [shape={}, label={}];\n", dot_text(text_at(stage, "name")), shape_of_kind(kind),
                    dot_text(what.empty() ? text_at(stage, "name") : text_at(stage, "name") + ": " + what));
  }
  for (const json& stage : stages) {
    for (const json& input : list_at(stage, "inputs")) {
      const std::string from = text_at(input, "stage");
      const size_t output = input.contains("output") && input["output"].is_number_unsigned()
                                ? input["output"].get<size_t>()
                                : 0;
      std::string type;
      for (const json& source : stages) {
        const json& outputs = list_at(source, "outputs");
        if (text_at(source, "name") == from && output < outputs.size()) type = label_of_type(outputs[output]);
      }
      dot += fmt::format("  {} -> {} [label={}];\n", dot_text(from), dot_text(text_at(stage, "name")),
                         dot_text(type));
    }
  }
  return dot + "}\n";
}

}  // namespace rune::runefile
