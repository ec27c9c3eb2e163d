#include "host/support/pipeline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace rune {
namespace {

using nlohmann::json;

json type_json(const TensorType& type) {
  json object = {{"type", element_name(type.element)}, {"dimensions", json::array()}};
  for (uint32_t i = 0; i < type.shape.rank; ++i) object["dimensions"].push_back(type.shape.dims[i]);
  if (type.scale != 0) {
    object["scale"] = type.scale;
    object["zero_point"] = type.zero_point;
  }
  return object;
}

json argument_json(const ArgumentValue& value) {
  return std::visit([](const auto& held) { return json(held); }, value);
}

struct Describe {
  json& object;

  void operator()(const CapabilityStage& stage) const {
    object["kind"] = "capability";
    object["capability"] = capability_name(stage.kind);
    object["arguments"] = json::object();
    for (const auto& [name, value] : stage.arguments) object["arguments"][name] = value;
  }
  void operator()(const BlockStage& stage) const {
    object["kind"] = "block";
    object["block"] = stage.descriptor.name;
    object["arguments"] = json::object();
    for (size_t i = 0; i < stage.arguments.size(); ++i) {
      object["arguments"][stage.descriptor.arguments[i].name] = argument_json(stage.arguments[i]);
    }
  }
  void operator()(const ModelStage& stage) const {
    object["kind"] = "model";
    const size_t slash = stage.path.find_last_of('/');
    object["file"] = slash == std::string::npos ? stage.path : stage.path.substr(slash + 1);
    object["takes"] = json::array();
    for (const TensorType& each : stage.inputs) object["takes"].push_back(type_json(each));
  }
  void operator()(const OutputStage& stage) const {
    object["kind"] = "output";
    object["output"] = output_name(stage.kind);
  }
};

}  // namespace

std::string type_text(const TensorType& type) {
  std::string text = element_name(type.element);
  text += '[';
  for (uint32_t i = 0; i < type.shape.rank; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", type.shape.dims[i]);
  text += ']';
  if (type.scale != 0) text += fmt::format(" scale {} zero {}", type.scale, type.zero_point);
  return text;
}

json to_json(const Pipeline& pipeline) {
  json object = {{"version", 1}, {"name", pipeline.name}, {"base", pipeline.base}};
  object["stages"] = json::array();
  for (const Stage& stage : pipeline.stages) {
    json each = {{"name", stage.name}, {"inputs", json::array()}, {"outputs", json::array()}};
    std::visit(Describe{each}, stage.what);
    for (const Edge& edge : stage.inputs) {
      each["inputs"].push_back({{"stage", pipeline.stages[edge.stage].name}, {"output", edge.output}});
    }
    for (const TensorType& type : stage.outputs) each["outputs"].push_back(type_json(type));
    object["stages"].push_back(std::move(each));
  }
  object["resources"] = json::array();
  for (const Resource& each : pipeline.resources) {
    object["resources"].push_back({{"name", each.name}, {"bytes", each.bytes.size()}});
  }
  return object;
}

}  // namespace rune
