// Reading of block descriptors. The section holds `<C name> {JSON}`, written by the compiler from
// RUNE_BLOCK; everything in it is checked here, once, so that the layers above need no doubts.
// Tested by block_descriptor_test.cpp and the block_descriptor fuzzer.
#include "host/support/block_descriptor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "device/format/rune.h"

namespace rune {
namespace {

using nlohmann::json;

constexpr std::string_view kSection = "rune.block";
constexpr size_t kMaxPorts = 8;
constexpr uint32_t kMaxBytes = 1U << 30;

// What the JSON got wrong; thrown inside this file only.
struct Wrong {
  std::string node;
  std::string what;
};

const json& need(const json& object, const char* key, const std::string& node) {
  const auto found = object.find(key);
  if (found == object.end()) throw Wrong{node, std::string("\"") + key + "\" is missing"};
  return *found;
}

void refuse_unknown_keys(const json& object, std::initializer_list<std::string_view> known,
                         const std::string& node) {
  if (!object.is_object()) throw Wrong{node, "an object is needed"};
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw Wrong{node, "unknown key \"" + key + "\""};
  }
}

std::string text(const json& value, const std::string& node) {
  if (!value.is_string()) throw Wrong{node, "a text is needed"};
  return value.get<std::string>();
}

std::string name_text(const json& value, const std::string& node) {
  const std::string name = text(value, node);
  const bool good =
      !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!good) throw Wrong{node, "\"" + name + "\" is no name: letters, digits and _ only"};
  return name;
}

uint32_t whole(const json& value, uint32_t maximum, const std::string& node) {
  const bool good = value.is_number_integer() && value.get<int64_t>() >= 0 && value.get<int64_t>() <= maximum;
  if (!good) throw Wrong{node, "a whole number from 0 to " + std::to_string(maximum) + " is needed"};
  return static_cast<uint32_t>(value.get<int64_t>());
}

// N of "same as N", or -1 when the text says something else.
int same_as(const std::string& rule, size_t input_count, const std::string& node) {
  constexpr std::string_view kPrefix = "same as ";
  if (rule.size() != kPrefix.size() + 1 || !rule.starts_with(kPrefix)) return -1;
  const int input = rule.back() - '0';
  if (input < 0 || input >= static_cast<int>(input_count))
    throw Wrong{node, "\"" + rule + "\" names no input before it"};
  return input;
}

ArgumentType argument_type(const std::string& name, const std::string& node) {
  if (name == "int") return ArgumentType::kInt;
  if (name == "float") return ArgumentType::kFloat;
  if (name == "text") return ArgumentType::kText;
  if (name == "list") return ArgumentType::kList;
  throw Wrong{node, "unknown type \"" + name + "\": int, float, text or list"};
}

ArgumentValue argument_value(const json& value, ArgumentType type, const std::string& node) {
  switch (type) {
    case ArgumentType::kInt:
      if (!value.is_number_integer() || value.get<int64_t>() < std::numeric_limits<int32_t>::min() ||
          value.get<int64_t>() > std::numeric_limits<int32_t>::max()) {
        throw Wrong{node, "the default is no 32-bit whole number"};
      }
      return value.get<int32_t>();
    case ArgumentType::kFloat:
      if (!value.is_number()) throw Wrong{node, "the default is no number"};
      return value.get<float>();
    case ArgumentType::kText: return text(value, node);
    case ArgumentType::kList: break;
  }
  if (!value.is_array()) throw Wrong{node, "the default is no list"};
  std::vector<std::string> items;
  for (const json& item : value) items.push_back(text(item, node));
  return items;
}

BlockArgument read_argument(const json& object) {
  refuse_unknown_keys(object, {"name", "aliases", "type", "default", "required", "range", "summary"},
                      "arguments");
  BlockArgument argument;
  argument.name = name_text(need(object, "name", "arguments"), "arguments");
  const std::string node = "argument " + argument.name;
  argument.type = argument_type(text(need(object, "type", node), node), node);
  for (const json& alias : object.value("aliases", json::array()))
    argument.aliases.push_back(name_text(alias, node));
  argument.required = !object.contains("default");
  if (object.contains("required") && object["required"] != argument.required) {
    throw Wrong{node, "an argument is required exactly when it has no default"};
  }
  if (!argument.required) argument.default_value = argument_value(object["default"], argument.type, node);
  if (object.contains("range")) {
    const json& range = object["range"];
    if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number() ||
        range[0].get<double>() > range[1].get<double>() ||
        (argument.type != ArgumentType::kInt && argument.type != ArgumentType::kFloat)) {
      throw Wrong{node, "\"range\" is [least, greatest] of an int or float"};
    }
    argument.has_range = true;
    argument.minimum = range[0].get<double>();
    argument.maximum = range[1].get<double>();
  }
  return argument;
}

DimensionRule read_dimension(const json& value, const BlockDescriptor& block, const std::string& node) {
  DimensionRule rule;
  if (value.is_number()) {
    rule.kind = DimensionRule::Kind::kFixed;
    rule.extent = whole(value, kMaxBytes, node);
    if (rule.extent == 0) throw Wrong{node, "a dimension is at least 1"};
    return rule;
  }
  const std::string name = text(value, node);
  if (name == "_") return rule;
  rule.kind = DimensionRule::Kind::kArgument;
  rule.argument = name.starts_with("$") ? name.substr(1) : name;
  const BlockArgument* argument = block.find_argument(rule.argument);
  if (!name.starts_with("$") || argument == nullptr || argument->type != ArgumentType::kInt) {
    throw Wrong{node, "dimension \"" + name + "\": a number, _ or $ and an int argument's name"};
  }
  return rule;
}

std::vector<DimensionRule> read_dimensions(const json& list, const BlockDescriptor& block,
                                           const std::string& node) {
  if (!list.is_array() || list.size() > Shape::kMaxRank)
    throw Wrong{node, "a list of at most 6 dimensions is needed"};
  std::vector<DimensionRule> rules;
  for (const json& item : list) rules.push_back(read_dimension(item, block, node));
  return rules;
}

ShapeRule read_shape(const json& port, size_t inputs_before, const BlockDescriptor& block,
                     const std::string& node) {
  const json& value = need(port, "shape", node);
  ShapeRule rule;
  if (value.is_array()) {
    rule.kind = ShapeRule::Kind::kDimensions;
    rule.dimensions = read_dimensions(value, block, node);
  } else if (const std::string name = text(value, node); name != "any") {
    rule.kind = ShapeRule::Kind::kSameAs;
    const int input = same_as(name, inputs_before, node);
    if (input < 0) throw Wrong{node, "shape \"" + name + "\": any, same as N, or a list"};
    rule.input = static_cast<uint32_t>(input);
  }
  if (!port.contains("default")) return rule;
  const std::vector<DimensionRule> defaults = read_dimensions(port["default"], block, node);
  for (size_t i = 0; i < defaults.size(); ++i) {
    if (defaults[i].kind != DimensionRule::Kind::kFixed)
      throw Wrong{node, "a default has only fixed dimensions"};
    if (rule.kind == ShapeRule::Kind::kDimensions && i < rule.dimensions.size()) {
      rule.dimensions[i].extent = defaults[i].extent;
    }
  }
  if (rule.kind == ShapeRule::Kind::kAny) rule.dimensions = defaults;
  return rule;
}

ElementRule read_elements(const json& value, size_t inputs_before, const std::string& node) {
  ElementRule rule;
  if (value.is_string()) {
    rule.same_as_input = same_as(value.get<std::string>(), inputs_before, node);
    if (rule.same_as_input < 0) throw Wrong{node, "elements: a list of types, or same as N"};
    return rule;
  }
  if (!value.is_array() || value.empty()) throw Wrong{node, "elements: a list of types, or same as N"};
  for (const json& item : value) {
    const Result<ElementType> type = element_type(text(item, node));
    if (!type.ok()) throw Wrong{node, "unknown element type \"" + text(item, node) + "\""};
    rule.allowed.push_back(type.value());
  }
  return rule;
}

std::vector<BlockPort> read_ports(const json& list, const char* kind, const BlockDescriptor& block) {
  if (!list.is_array() || list.size() > kMaxPorts) throw Wrong{kind, "a list of at most 8 tensors is needed"};
  const bool is_output = std::string_view(kind) == "outputs";
  std::vector<BlockPort> ports;
  for (const json& item : list) {
    refuse_unknown_keys(item, {"name", "elements", "shape", "default", "quantised", "summary"}, kind);
    BlockPort port;
    port.name = name_text(need(item, "name", kind), kind);
    const std::string node = std::string(kind) + " " + port.name;
    const size_t before = is_output ? block.inputs.size() : ports.size();
    port.elements = read_elements(need(item, "elements", node), before, node);
    port.shape = read_shape(item, before, block, node);
    if (item.contains("quantised")) {
      if (!is_output || item["quantised"] != "like consumer")
        throw Wrong{node, "quantised: \"like consumer\", of an output"};
      port.quantised_like_consumer = true;
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

void read_sizes(const json& object, BlockDescriptor& block) {
  if (object.contains("stack_bytes"))
    block.stack_bytes = whole(object["stack_bytes"], kMaxBytes, "stack_bytes");
  if (object.contains("fuel")) block.fuel = whole(object["fuel"], UINT32_MAX, "fuel");
  if (object.contains("fuel_per_element")) {
    block.fuel_per_element = whole(object["fuel_per_element"], 1U << 24, "fuel_per_element");
  }
  if (!object.contains("state")) return;
  const json& state = object["state"];
  refuse_unknown_keys(state, {"bytes", "bytes_per_output_element", "element"}, "state");
  block.state_bytes = whole(state.value("bytes", json(0)), kMaxBytes, "state");
  block.state_bytes_per_output_element = whole(state.value("bytes_per_output_element", json(0)), 64, "state");
  if (state.contains("element"))
    block.state_element = read_elements(json::array({state["element"]}), 0, "state").allowed[0];
}

BlockDescriptor read_object(const std::string& name, const json& object) {
  refuse_unknown_keys(
      object,
      {"summary", "arguments", "inputs", "outputs", "stack_bytes", "state", "fuel", "fuel_per_element"},
      "block " + name);
  BlockDescriptor block;
  block.name = name_text(name, "block");
  block.summary = text(object.value("summary", json("")), "summary");
  const json arguments = object.value("arguments", json::array());
  if (!arguments.is_array()) throw Wrong{"arguments", "a list is needed"};
  for (const json& argument : arguments) block.arguments.push_back(read_argument(argument));
  block.inputs = read_ports(need(object, "inputs", "block " + name), "inputs", block);
  block.outputs = read_ports(need(object, "outputs", "block " + name), "outputs", block);
  read_sizes(object, block);
  return block;
}

}  // namespace

std::string canonical_block_name(std::string_view name) {
  std::string canonical(name);
  std::replace(canonical.begin(), canonical.end(), '-', '_');
  return canonical;
}

const BlockArgument* BlockDescriptor::find_argument(std::string_view argument) const {
  const std::string wanted = canonical_block_name(argument);
  for (const BlockArgument& candidate : arguments) {
    if (candidate.name == wanted) return &candidate;
    if (std::find(candidate.aliases.begin(), candidate.aliases.end(), wanted) != candidate.aliases.end())
      return &candidate;
  }
  return nullptr;
}

std::string BlockDescriptor::symbol() const { return "rune_block_" + name; }

Result<BlockDescriptor, Diagnostic> parse_block_descriptor(std::string_view descriptor,
                                                           std::string_view file) {
  const std::string where(file);
  const size_t space = descriptor.find(' ');
  if (space == std::string_view::npos) {
    return Diagnostic{.where = {.file = where, .node = "section rune.block"},
                      .what = "no name and JSON in it"};
  }
  const json object = json::parse(descriptor.substr(space), nullptr, false);
  if (object.is_discarded()) {
    return Diagnostic{.where = {.file = where, .node = "section rune.block"},
                      .what = "the descriptor is not JSON",
                      .hint = "the example at the head of rune_block.h"};
  }
  try {
    return read_object(std::string(descriptor.substr(0, space)), object);
  } catch (const Wrong& wrong) {
    return Diagnostic{.where = {.file = where, .node = wrong.node}, .what = wrong.what};
  } catch (const json::exception&) {
    return Diagnostic{.where = {.file = where, .node = "section rune.block"},
                      .what = "the descriptor has a value of the wrong type"};
  }
}

Result<BlockDescriptor, Diagnostic> read_block_descriptor(Bytes object, std::string_view file) {
  const std::string where(file);
  constexpr uint8_t kHeader[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  if (object.size() < 8 || !std::equal(std::begin(kHeader), std::end(kHeader), object.begin())) {
    return Diagnostic{.where = {.file = where}, .what = "not a WebAssembly object"};
  }
  format::SectionReader reader(object);
  while (!reader.at_end()) {
    const Result<format::Section> section = reader.next();
    if (!section.ok())
      return from_status({.file = where}, "not a whole WebAssembly object", section.status());
    if (section.value().id == 0 && section.value().name == kSection) {
      return parse_block_descriptor(as_text(section.value().payload), file);
    }
  }
  return Diagnostic{.where = {.file = where},
                    .what = "no section rune.block in it: not a block",
                    .hint = "RUNE_BLOCK of rune_block.h"};
}

}  // namespace rune
