// Processing blocks and models: finding them, their arguments, their ports. Tested by
// check_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "host/runefile/stage_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

// "runicos/fft", "hotg-ai/rune@v1#proc_blocks/fft", "fft": the last word, hyphens as underscores.
std::string standard_name(const std::string& path) {
  const size_t slash = path.find_last_of("/#");
  std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  name.erase(std::min(name.find('@'), name.size()));
  return canonical_block_name(name);
}

bool is_file_path(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return path.starts_with("./") || path.starts_with("../") || path.starts_with("/") || extension == ".o" ||
         extension == ".wasm" || extension == ".cpp" || extension == ".cc" || extension == ".c";
}

// A finding of another layer, told at the line that led there.
Diagnostic told_at(const Location& where, const Diagnostic& inner) {
  Diagnostic one = inner;
  Location there = inner.where;
  one.where = where;
  if (there.file.empty()) return one;
  there.line = 0;
  Diagnostic prefix;
  prefix.where = there;
  one.what = prefix.text() + inner.what;
  return one;
}

class Arguments {
 public:
  Arguments(const WrittenStage& written, const BlockDescriptor& descriptor, const FindResource& resource,
            Diagnostics& findings)
      : written_(written), descriptor_(descriptor), resource_(resource), findings_(findings) {}

  std::vector<ArgumentValue> read() {
    std::vector<ArgumentValue> values;
    for (const BlockArgument& each : descriptor_.arguments) values.push_back(each.default_value);
    std::vector<bool> given(values.size());
    for (const WrittenArgument& each : written_.arguments) {
      const BlockArgument* argument = descriptor_.find_argument(each.name);
      if (argument == nullptr) {
        report_unknown(each);
        continue;
      }
      const auto index = static_cast<size_t>(argument - descriptor_.arguments.data());
      if (given[index])
        findings_.add(finding(each.where, fmt::format("{} is there twice", each.name), "one of the two"));
      given[index] = true;
      if (auto value = parse(each, *argument)) values[index] = std::move(*value);
    }
    for (size_t i = 0; i < values.size(); ++i) {
      const BlockArgument& argument = descriptor_.arguments[i];
      if (!argument.required || given[i]) continue;
      findings_.add(finding(
          written_.where, fmt::format("{} needs --{}", written_.name, argument.name),
          fmt::format("--{} {}", argument.name, argument.type == ArgumentType::kList ? "a,b,c" : "VALUE")));
    }
    return values;
  }

 private:
  void report_unknown(const WrittenArgument& argument) {
    std::vector<std::string> names;
    for (const BlockArgument& each : descriptor_.arguments) names.push_back(each.name);
    if (names.empty()) {
      findings_.add(
          finding(argument.where,
                  fmt::format("unknown argument \"{}\": {} takes none", argument.name, descriptor_.name),
                  "leaving it out"));
      return;
    }
    findings_.add(
        unknown_word(argument.where, fmt::format("argument of {}", descriptor_.name), argument.name, names));
  }

  std::optional<ArgumentValue> refuse(const WrittenArgument& argument, const std::string& hint) {
    findings_.add(
        finding(argument.where,
                fmt::format("\"{}\" is no value for {}",
                            argument.items.empty() ? "" : argument.items[0].substr(0, 80), argument.name),
                hint));
    return std::nullopt;
  }

  std::optional<ArgumentValue> parse(const WrittenArgument& argument, const BlockArgument& rule) {
    const std::string range =
        rule.has_range ? fmt::format(" from {} to {}", rule.minimum, rule.maximum) : std::string();
    if (rule.type == ArgumentType::kList) return parse_list(argument);
    if (argument.is_list || argument.items.size() != 1) return refuse(argument, "one value");
    const std::string& text = argument.items.front();
    if (rule.type == ArgumentType::kText) return parse_text(argument, text);
    const auto number = parse_number(text);
    const bool whole = number && *number == std::floor(*number) && std::abs(*number) < 2147483648.0;
    const bool inside = number && (!rule.has_range || (*number >= rule.minimum && *number <= rule.maximum));
    if (rule.type == ArgumentType::kFloat) {
      if (!inside || std::abs(*number) > 3.4e38) return refuse(argument, "a number" + range);
      return ArgumentValue(static_cast<float>(*number));
    }
    if (!inside || !whole) return refuse(argument, "a whole number" + range);
    return ArgumentValue(static_cast<int32_t>(*number));
  }

  static std::optional<double> parse_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
      return std::nullopt;
    return value;
  }

  std::optional<ArgumentValue> parse_text(const WrittenArgument& argument, const std::string& text) {
    if (!text.starts_with("$")) return ArgumentValue(text);
    const ReadResource* found = resource_(text.substr(1));
    if (found == nullptr) return refuse(argument, "a name under resources");
    found->used = true;
    return ArgumentValue(std::string(as_text(found->resource.bytes)));
  }

  // a,b,c; or the lines of a resource ($NAME) or of a file (./labels.txt).
  std::optional<ArgumentValue> parse_list(const WrittenArgument& argument) {
    if (argument.items.size() != 1) return ArgumentValue(argument.items);
    const std::string& text = argument.items.front();
    if (text.starts_with("$")) {
      const ReadResource* found = resource_(text.substr(1));
      if (found == nullptr) return refuse(argument, "a name under resources");
      found->used = true;
      return ArgumentValue(lines(as_text(found->resource.bytes)));
    }
    if (!text.starts_with("./") && !text.starts_with("../") && !text.starts_with("/"))
      return ArgumentValue(argument.items);
    auto file = read_text_file(joined_path(written_.folder, text));
    if (!file.ok()) {
      findings_.add(told_at(argument.where, file.error()));
      return std::nullopt;
    }
    return ArgumentValue(lines(file.value()));
  }

  static std::vector<std::string> lines(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
      const size_t newline = text.find('\n');
      std::string item(text.substr(0, newline));
      if (!item.empty() && item.back() == '\r') item.pop_back();
      items.push_back(std::move(item));
      text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    }
    return items;
  }

  const WrittenStage& written_;
  const BlockDescriptor& descriptor_;
  const FindResource& resource_;
  Diagnostics& findings_;
};

// The value of an int argument that a shape rule names; 0 (open) when it makes no dimension.
uint32_t argument_extent(const BlockStage& block, const std::string& name) {
  const BlockArgument* argument = block.descriptor.find_argument(name);
  if (argument == nullptr) return 0;
  const auto index = static_cast<size_t>(argument - block.descriptor.arguments.data());
  const auto* value = std::get_if<int32_t>(&block.arguments[index]);
  return value == nullptr || *value < 1 ? 0 : static_cast<uint32_t>(*value);
}

Port block_port(const BlockPort& rule, const BlockStage& block, bool is_output) {
  Port port;
  port.elements = rule.elements.allowed;
  port.element_of_input = rule.elements.same_as_input;
  port.quantised_like_consumer = rule.quantised_like_consumer;
  Dims fixed, fallback;
  for (const DimensionRule& each : rule.shape.dimensions) {
    const bool any = each.kind == DimensionRule::Kind::kAny;
    const uint32_t extent =
        each.kind == DimensionRule::Kind::kArgument ? argument_extent(block, each.argument) : each.extent;
    fixed.push_back(any ? 0 : extent);
    fallback.push_back(extent);
  }
  switch (rule.shape.kind) {
    case ShapeRule::Kind::kAny: break;
    case ShapeRule::Kind::kSameAs: port.shape_of_input = static_cast<int>(rule.shape.input); break;
    case ShapeRule::Kind::kDimensions: port.dims = fixed; break;
  }
  if (is_output && !fallback.empty()) port.fallback = fallback;
  return port;
}

Dims dims_of(const Shape& shape) { return Dims(shape.dims.begin(), shape.dims.begin() + shape.rank); }

Port model_port(const TensorType& type) {
  Port port;
  port.elements = {type.element};
  port.dims = dims_of(type.shape);
  port.scale = type.scale;
  port.zero_point = type.zero_point;
  return port;
}

Result<BlockSource, Diagnostic> find_block(const WrittenStage& written, const Environment& environment) {
  if (is_file_path(written.subject))
    return environment.read_block(joined_path(written.folder, written.subject));
  const std::string name = standard_name(written.subject);
  std::vector<std::string> known;
  for (const std::string& each : environment.standard_blocks) {
    if (canonical_block_name(each) == name) return environment.standard_block(each);
    known.push_back("runicos/" + each);
  }
  std::vector<std::string> bare = environment.standard_blocks;
  std::string near = nearest(name, bare);
  if (!near.empty()) near = "runicos/" + near;
  return finding({}, fmt::format("unknown block \"{}\"", written.subject.substr(0, 80)),
                 !near.empty() ? near : one_of(known) + "; or the path of your own, as ./block.cpp");
}

}  // namespace

std::string joined_path(const std::string& folder, const std::string& path) {
  if (folder.empty() || folder == "." || path.starts_with("/"))
    return path.starts_with("./") ? path.substr(2) : path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

void describe_block(const WrittenStage& written, const Environment& environment, const FindResource& resource,
                    Node& node, Diagnostics& findings) {
  auto source = find_block(written, environment);
  if (!source.ok()) {
    findings.add(told_at(written.where, source.error()));
    return;
  }
  BlockStage block;
  block.descriptor = std::move(source.value().descriptor);
  block.reference = std::move(source.value().reference);
  block.arguments = Arguments(written, block.descriptor, resource, findings).read();
  for (const BlockPort& each : block.descriptor.inputs) node.inputs.push_back(block_port(each, block, false));
  for (const BlockPort& each : block.descriptor.outputs)
    node.outputs.push_back(block_port(each, block, true));
  node.written_inputs = written.inputs;
  node.written_outputs = written.outputs;
  for (size_t i = 0; i < written.outputs.size() && i < node.outputs.size(); ++i) {
    const PartialType& type = written.outputs[i];
    Port& port = node.outputs[i];
    const bool possible =
        std::find(port.elements.begin(), port.elements.end(), type.element) != port.elements.end();
    if (type.element != ElementType::kNone && possible) port.elements = {type.element};
    if (type.dims && !port.dims && port.shape_of_input < 0) port.dims = type.dims;
  }
  node.stage.what = std::move(block);
}

void describe_model(const WrittenStage& written, const Environment& environment, const FindResource& resource,
                    Node& node, Diagnostics& findings) {
  ModelStage model;
  model.path = joined_path(written.folder, written.subject);
  if (written.subject.starts_with("$")) {
    const ReadResource* found = resource(written.subject.substr(1));
    if (found == nullptr || found->path.empty()) {
      findings.add(finding(written.where,
                           fmt::format("{} is not a resource with a path", written.subject.substr(0, 80)),
                           "the path of a .tflite file"));
      return;
    }
    found->used = true;
    model.path = found->path;
  }
  for (const WrittenArgument& each : written.arguments) {
    const bool lite = each.items.size() == 1 && each.items[0] == "tensorflow-lite";
    if (to_lower(each.name) == "format" && lite) continue;
    if (to_lower(each.name) == "format") {
      findings.add(finding(each.where, "this format of model is not read", "tensorflow-lite"));
    } else {
      findings.add(unknown_word(each.where, "argument of MODEL", each.name, {"input", "output"}));
    }
  }
  auto interface = environment.read_model(model.path);
  if (!interface.ok()) {
    findings.add(told_at(written.where, interface.error()));
    return;
  }
  model.inputs = interface.value().inputs;
  for (const TensorType& each : interface.value().inputs) node.inputs.push_back(model_port(each));
  for (const TensorType& each : interface.value().outputs) node.outputs.push_back(model_port(each));
  node.written_inputs = written.inputs;
  node.written_outputs = written.outputs;
  node.stage.what = std::move(model);
}

}  // namespace rune::runefile
