// `rune inspect` and `rune graph`.
#include <fmt/format.h>

#include <memory>

#include "host/cli/loaded_rune.h"
#include "host/cli/plan.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"
#include "host/runefile/graph.h"

namespace rune::cli {
namespace {

using nlohmann::json;

const char* section_kind(uint8_t id) {
  static const char* const kNames[] = {"custom", "type",   "import",    "function", "table",
                                       "memory", "global", "export",    "start",    "element",
                                       "code",   "data",   "data count"};
  return id < std::size(kNames) ? kNames[id] : "?";
}

json type_json(const TensorType& type) {
  json object = {
      {"type", element_name(type.element)}, {"dimensions", json::array()}, {"bytes", type.size_bytes()}};
  for (uint32_t i = 0; i < type.shape.rank; ++i) object["dimensions"].push_back(type.shape.dims[i]);
  if (type.scale != 0) {
    object["scale"] = type.scale;
    object["zero_point"] = type.zero_point;
  }
  return object;
}

json sections_json(const LoadedRune& rune) {
  json list = json::array();
  for (format::SectionReader reader(rune.bytes); !reader.at_end();) {
    const auto section = reader.next();
    if (!section.ok()) break;
    list.push_back({{"kind", section_kind(section.value().id)},
                    {"name", std::string(section.value().name)},
                    {"offset", section.value().offset_bytes},
                    {"bytes", section.value().size_bytes}});
  }
  return list;
}

json model_json(const LoadedRune& rune, const format::ModelRequest& model) {
  json object = {{"name", std::string(model.name)},  {"arena_bytes", model.arena_bytes},
                 {"image_bytes", model.image_bytes}, {"inputs", json::array()},
                 {"outputs", json::array()},         {"kernels", json::array()},
                 {"images", json::array()}};
  for (const TensorType& each : model.inputs) object["inputs"].push_back(type_json(each));
  for (const TensorType& each : model.outputs) object["outputs"].push_back(type_json(each));
  for (const std::string_view each : model.kernels) object["kernels"].push_back(std::string(each));
  const std::string stem = fmt::format("{}{}", format::kModelPrefix, model.name);
  for (format::SectionReader reader(rune.bytes); !reader.at_end();) {
    const auto section = reader.next();
    if (!section.ok()) break;
    const std::string_view name = section.value().name;
    if (name != stem && !name.starts_with(stem + ".")) continue;
    object["images"].push_back({{"target", model_target(name)}, {"bytes", section.value().payload.size()}});
  }
  return object;
}

json rune_graph(const LoadedRune& rune) {
  const auto section = rune.file.section("rune.graph");
  if (!section.ok()) return nullptr;
  const std::string_view text = as_text(section.value());
  return json::parse(text.begin(), text.end(), nullptr, false);
}

json inspect_json(const std::string& path, const LoadedRune& rune) {
  const format::Manifest& manifest = rune.manifest;
  json capabilities = json::array();
  for (const CapabilityRequest& each : manifest.capabilities) {
    json one = type_json(each.tensor);
    one["kind"] = capability_name(each.kind);
    one["arguments"] = json::object();
    for (const Argument& argument : each.arguments)
      one["arguments"][std::string(argument.name)] = argument.value;
    capabilities.push_back(std::move(one));
  }
  json object = {{"file", path},
                 {"bytes", rune.bytes.size()},
                 {"name", std::string(manifest.name)},
                 {"capabilities", capabilities},
                 {"models", json::array()},
                 {"outputs", json::array()},
                 {"resources", json::array()},
                 {"memory_bytes", manifest.memory_bytes},
                 {"stack_bytes", manifest.stack_bytes},
                 {"fuel", manifest.fuel},
                 {"energy_uj", manifest.energy_uj},
                 {"sections", sections_json(rune)}};
  for (const format::ModelRequest& each : manifest.models) object["models"].push_back(model_json(rune, each));
  for (const OutputKind each : manifest.outputs) object["outputs"].push_back(output_name(each));
  for (const std::string_view each : manifest.resources) {
    object["resources"].push_back(
        {{"name", std::string(each)}, {"bytes", rune.file.resource(each).value().size()}});
  }
  const json graph = rune_graph(rune);
  if (graph.is_object()) object["graph"] = graph;
  return object;
}

std::string inspect_text(const std::string& path, const LoadedRune& rune) {
  const format::Manifest& manifest = rune.manifest;
  std::string text = fmt::format("{}: rune {}, {} bytes\n", path, manifest.name, rune.bytes.size());
  text += fmt::format("  linear memory {} bytes, of which stack {}; fuel {} a call\n", manifest.memory_bytes,
                      manifest.stack_bytes, manifest.fuel);
  for (const CapabilityRequest& each : manifest.capabilities) {
    text += fmt::format("capability {} {}", capability_name(each.kind), type_text(each.tensor));
    for (const Argument& argument : each.arguments)
      text += fmt::format(" {}={}", argument.name, argument.value);
    text += '\n';
  }
  for (const format::ModelRequest& model : manifest.models) {
    text += fmt::format("model {}: arena {} bytes, image {} bytes\n", model.name, model.arena_bytes,
                        model.image_bytes);
    for (const TensorType& each : model.inputs) text += fmt::format("  input {}\n", type_text(each));
    for (const TensorType& each : model.outputs) text += fmt::format("  output {}\n", type_text(each));
    for (const std::string_view kernel : model.kernels) text += fmt::format("  kernel {}\n", kernel);
  }
  for (const OutputKind each : manifest.outputs) text += fmt::format("output {}\n", output_name(each));
  for (const std::string_view each : manifest.resources) {
    text += fmt::format("resource {}: {} bytes\n", each, rune.file.resource(each).value().size());
  }
  for (const json& section : sections_json(rune)) {
    const std::string name = section["name"].get<std::string>();
    text += fmt::format("section {:<10} {:>8} bytes at {:>8}  {}\n", section["kind"].get<std::string>(),
                        section["bytes"].get<uint32_t>(), section["offset"].get<uint32_t>(), name);
  }
  return text;
}

struct InspectOptions {
  std::string rune;
  std::string format = "text";
  bool json = false;
};

int inspect(const InspectOptions& options) {
  const bool as_json = options.json || options.format == "json";
  const auto rune = load_rune(options.rune);
  if (!rune.ok()) return fail(rune.error(), as_json);
  if (as_json) {
    print_json(inspect_json(options.rune, rune.value()));
  } else {
    print_text(inspect_text(options.rune, rune.value()));
  }
  return 0;
}

struct GraphOptions {
  std::string file = "Runefile";
  std::string output = "-";
  bool json = false;
};

bool is_module(const std::string& path) {
  const auto bytes = read_file(path);
  return bytes.ok() && bytes.value().size() >= 4 &&
         as_text(bytes.value()).substr(0, 4) == std::string_view("\0asm", 4);
}

// The graph of a rune, or of a Runefile.
Result<json, Diagnostics> read_graph(const std::string& path) {
  if (is_module(path)) {
    const auto rune = load_rune(path);
    if (!rune.ok()) return rune.error();
    json graph = rune_graph(rune.value());
    if (graph.is_object()) return graph;
    return from_status({.file = path, .node = "section rune.graph"}, "the graph is missing or damaged",
                       Status::kNotFound, "building the rune again");
  }
  LoadedBlocks blocks;
  const auto checked = runefile::check_runefile(path, make_environment(blocks));
  if (!checked.ok()) return checked.error();
  warn(checked.value().warnings);
  return to_json(checked.value().pipeline);
}

int graph(const GraphOptions& options) {
  const auto read = read_graph(options.file);
  if (!read.ok()) return fail(read.error(), options.json);
  const std::string text = options.json
                               ? read.value().dump(-1, ' ', false, json::error_handler_t::replace) + "\n"
                               : runefile::to_dot(read.value());
  const auto written = write_text_file(options.output, text);
  return written.ok() ? 0 : fail(written.error(), options.json);
}

}  // namespace

void add_inspect_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = rune.add_subcommand("inspect", "Prints everything that a rune says about itself");
  command->add_option("RUNE", options->rune, "the rune")->required();
  command->add_option("-f,--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "the same as -f json");
  command->footer("Example:\n  rune inspect sine.rune");
  command->callback([options, &exit_code] { exit_code = inspect(*options); });
}

void add_graph_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<GraphOptions>();
  CLI::App* command =
      rune.add_subcommand("graph", "Draws the pipeline of a Runefile or a rune, as DOT or JSON");
  command->add_option("FILE", options->file, "a Runefile or a rune")->capture_default_str();
  command->add_option("-o,--output", options->output, "the file to write; - is standard output")
      ->capture_default_str();
  command->add_flag("--json", options->json, "JSON instead of DOT");
  command->footer("Example:\n  rune graph sine.rune | dot -Tsvg -o sine.svg");
  command->callback([options, &exit_code] { exit_code = graph(*options); });
}

}  // namespace rune::cli
