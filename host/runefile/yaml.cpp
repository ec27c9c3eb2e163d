// The YAML dialect, version 1:
//
//   version: 1
//   image: runicos/base
//   pipeline:
//     audio: {capability: SOUND, outputs: [{type: i16, dimensions: [1, 16000]}], args: {hz: 16000}}
//     fft:   {proc-block: runicos/fft, inputs: [audio]}
//     model: {model: ./model.tflite, inputs: [fft]}
//     serial: {out: serial, inputs: [model]}
//   resources:
//     LABELS: {type: string, path: ./labels.txt}
//
// Unknown keys are refused at every level. yaml-cpp throws; nothing leaves parse_yaml() but
// findings. Tested by check_test.cpp.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>

#include "host/runefile/syntax_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

class Parser {
 public:
  Parser(const std::string& file, Diagnostics& findings) : file_(file), findings_(findings) {}

  Runefile parse(const YAML::Node& root) {
    if (!root.IsMap()) {
      findings_.add(
          finding({.file = file_}, "the Runefile is not a map of keys", "version: 1 as the first line"));
      return {};
    }
    check_version(root);
    for_each(root, "key", {"version", "image", "pipeline", "resources"},
             [this](const std::string& key, const YAML::Node& value, const Location& where) {
               if (key == "image") read_image(value, where);
               if (key == "pipeline") read_pipeline(value, where);
               if (key == "resources") read_resources(value, where);
             });
    if (runefile_.base.empty()) runefile_.base = "runicos/base";
    if (!root["pipeline"])
      findings_.add(finding({.file = file_, .line = 1}, "no pipeline", "pipeline: with its stages"));
    return std::move(runefile_);
  }

 private:
  using Visit = std::function<void(const std::string&, const YAML::Node&, const Location&)>;

  Location at(const YAML::Node& node) const {
    Location where;
    where.file = file_;
    where.line = node.Mark().line + 1;
    return where;
  }

  // Visits the pairs of a map; unknown keys (unless `known` is empty) and repeated ones are findings.
  void for_each(const YAML::Node& map, const std::string& what, const std::vector<std::string>& known,
                const Visit& visit) {
    std::vector<std::string> seen;
    for (const auto& pair : map) {
      const Location where = at(pair.first);
      if (!pair.first.IsScalar()) {
        findings_.add(finding(where, fmt::format("a {} is not a word", what), "a name followed by a colon"));
        continue;
      }
      const std::string key = pair.first.Scalar();
      if (!known.empty() && std::find(known.begin(), known.end(), key) == known.end()) {
        findings_.add(unknown_word(where, what, key, known));
      } else if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        findings_.add(finding(where, fmt::format("{} \"{}\" is there twice", what, key), "one of the two"));
      } else {
        seen.push_back(key);
        visit(key, pair.second, where);
      }
    }
  }

  void check_version(const YAML::Node& root) {
    const YAML::Node version = root["version"];
    if (!version) {
      findings_.add(finding({.file = file_, .line = 1}, "no version", "version: 1 as the first line"));
    } else if (!version.IsScalar() || version.Scalar() != "1") {
      findings_.add(finding(at(version), "this version of the dialect is not known", "version: 1"));
    }
  }

  void read_image(const YAML::Node& value, const Location& where) {
    runefile_.base_where = where;
    if (value.IsScalar() && !value.Scalar().empty()) {
      runefile_.base = value.Scalar();
    } else {
      findings_.add(finding(where, "image is not a name", "image: runicos/base"));
    }
  }

  void read_pipeline(const YAML::Node& stages, const Location& where) {
    if (!stages.IsMap()) {
      findings_.add(finding(where, "pipeline is not a map of stages", "a name for each stage"));
      return;
    }
    for_each(stages, "stage", {},
             [this](const std::string& name, const YAML::Node& value, const Location& at_name) {
               read_stage(name, value, at_name);
             });
  }

  void read_stage(const std::string& name, const YAML::Node& value, const Location& where) {
    WrittenStage stage;
    stage.name = name;
    stage.where = where;
    if (!valid_stage_name(name)) {
      findings_.add(finding(where, fmt::format("\"{}\" cannot name a stage", name.substr(0, 80)),
                            "a letter, then letters, digits, _ or -, at most 31 in all"));
      return;
    }
    if (!value.IsMap()) {
      findings_.add(finding(where, fmt::format("stage {} is not a map", name),
                            "capability, proc-block, model or out in it"));
      return;
    }
    int kinds = 0;
    for_each(value, "key of a stage",
             {"capability", "proc-block", "model", "out", "inputs", "outputs", "args"},
             [&](const std::string& key, const YAML::Node& field, const Location& at_key) {
               if (key == "inputs") return read_inputs(field, at_key, stage);
               if (key == "outputs") return read_outputs(field, at_key, stage);
               if (key == "args") return read_arguments(field, at_key, stage);
               ++kinds;
               read_subject(key, field, at_key, stage);
             });
    if (kinds != 1) {
      findings_.add(finding(where,
                            fmt::format("stage {} has {} of capability, proc-block, model and out", name,
                                        kinds == 0 ? "none" : "several"),
                            "exactly one of them"));
      return;
    }
    runefile_.stages.push_back(std::move(stage));
  }

  void read_subject(const std::string& key, const YAML::Node& field, const Location& where,
                    WrittenStage& stage) {
    stage.kind = key == "capability" ? StageKind::kCapability
                 : key == "model"    ? StageKind::kModel
                 : key == "out"      ? StageKind::kOutput
                                     : StageKind::kBlock;
    if (field.IsScalar() && !field.Scalar().empty()) {
      stage.subject = field.Scalar();
      stage.where = where;
    } else {
      findings_.add(
          finding(where, fmt::format("{} has no value", key), fmt::format("{}: and its name", key)));
    }
  }

  void read_inputs(const YAML::Node& field, const Location& where, WrittenStage& stage) {
    const auto read_one = [&](const YAML::Node& item) {
      const Location here = item.Mark().is_null() ? where : at(item);
      auto edge = item.IsScalar() ? parse_edge(item.Scalar()) : std::nullopt;
      if (!edge) {
        findings_.add(
            finding(here, "an input is not the name of a stage", "name, or name.1 for its second output"));
        return;
      }
      edge->where = here;
      stage.edges.push_back(std::move(*edge));
    };
    if (field.IsScalar()) return read_one(field);
    if (!field.IsSequence()) {
      findings_.add(finding(where, "inputs is not a list", "inputs: [name]"));
      return;
    }
    for (const YAML::Node& item : field) read_one(item);
  }

  void read_outputs(const YAML::Node& field, const Location& where, WrittenStage& stage) {
    if (!field.IsSequence()) {
      findings_.add(finding(where, "outputs is not a list", "outputs: [{type: f32, dimensions: [1, 4]}]"));
      return;
    }
    for (const YAML::Node& item : field) {
      PartialType type;
      type.where = at(item);
      if (!item.IsMap()) {
        findings_.add(finding(type.where, "an output is not a map", "{type: f32, dimensions: [1, 4]}"));
        return;
      }
      for_each(item, "key of an output", {"type", "dimensions"},
               [&](const std::string& key, const YAML::Node& value, const Location& at_key) {
                 key == "type" ? read_element(value, at_key, type) : read_dimensions(value, at_key, type);
               });
      stage.outputs.push_back(std::move(type));
    }
  }

  void read_element(const YAML::Node& value, const Location& where, PartialType& type) {
    if (value.IsScalar() && value.Scalar() == "_") return;
    const Result<ElementType> element = value.IsScalar() ? element_type(value.Scalar()) : Status::kNotFound;
    if (element.ok()) {
      type.element = element.value();
    } else {
      findings_.add(
          unknown_word(where, "element type", value.IsScalar() ? value.Scalar() : "?",
                       {"u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "utf8"}));
    }
  }

  void read_dimensions(const YAML::Node& value, const Location& where, PartialType& type) {
    std::string text = "[";
    for (size_t i = 0; value.IsSequence() && i < value.size(); ++i) {
      const YAML::Node item = value[i];
      text += (i == 0 ? "" : ",") + (item.IsScalar() && !item.Scalar().empty() ? item.Scalar() : "?");
    }
    const auto parsed = parse_type(text + "]");
    if (!value.IsSequence() || !parsed) {
      findings_.add(finding(where, "dimensions is not a list of at most 6 whole numbers above 0",
                            "dimensions: [1, 4]"));
      return;
    }
    type.dims = parsed->dims;
  }

  void read_arguments(const YAML::Node& field, const Location& where, WrittenStage& stage) {
    if (field.IsNull()) return;
    if (!field.IsMap()) {
      findings_.add(finding(where, "args is not a map", "args: {hz: 16000}"));
      return;
    }
    for_each(
        field, "argument", {}, [&](const std::string& name, const YAML::Node& value, const Location& here) {
          WrittenArgument argument;
          argument.name = name;
          argument.where = here;
          argument.is_list = value.IsSequence();
          if (value.IsScalar()) argument.items.push_back(value.Scalar());
          bool scalars = value.IsScalar() || value.IsSequence();
          if (value.IsSequence()) {
            for (const YAML::Node& item : value) {
              scalars = scalars && item.IsScalar();
              if (item.IsScalar()) argument.items.push_back(item.Scalar());
            }
          }
          if (!scalars) {
            findings_.add(finding(here,
                                  fmt::format("the value of {} is neither a word nor a list of words", name),
                                  fmt::format("{}: value", name)));
            return;
          }
          stage.arguments.push_back(std::move(argument));
        });
  }

  void read_resources(const YAML::Node& field, const Location& where) {
    if (field.IsNull()) return;
    if (!field.IsMap()) {
      findings_.add(finding(where, "resources is not a map", "NAME: {type: string, path: ./file}"));
      return;
    }
    for_each(field, "resource", {},
             [&](const std::string& name, const YAML::Node& value, const Location& here) {
               read_resource(name, value, here);
             });
  }

  void read_resource(const std::string& name, const YAML::Node& value, const Location& where) {
    WrittenResource resource;
    resource.name = name;
    resource.where = where;
    if (!valid_stage_name(name) || !value.IsMap()) {
      findings_.add(finding(where, fmt::format("\"{}\" is not a resource", name.substr(0, 80)),
                            "NAME: {type: string, path: ./file}"));
      return;
    }
    for_each(value, "key of a resource", {"type", "inline", "path"},
             [&](const std::string& key, const YAML::Node& field, const Location& at_key) {
               const std::string text = field.IsScalar() ? field.Scalar() : "";
               if (key == "inline") resource.text = text;
               if (key == "path") resource.path = text;
               if (key != "type") return;
               resource.binary = text == "binary";
               if (text != "binary" && text != "string") {
                 findings_.add(unknown_word(at_key, "type of a resource", text, {"string", "binary"}));
               }
             });
    if (resource.text.has_value() != resource.path.empty()) {
      findings_.add(finding(
          where,
          fmt::format("resource {} has {} of inline and path", name, resource.path.empty() ? "none" : "both"),
          "exactly one of them"));
      return;
    }
    runefile_.resources.push_back(std::move(resource));
  }

  const std::string& file_;
  Diagnostics& findings_;
  Runefile runefile_;
};

}  // namespace

bool looks_like_yaml(const std::string& text) {
  for (size_t start = 0; start < text.size();) {
    const size_t newline = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, newline - start);
    start = newline + 1;
    line.erase(0, std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty() || line[0] == '#') continue;
    const size_t word = line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");
    return line[0] == '{' || line.rfind("---", 0) == 0 ||
           (word != std::string::npos && word > 0 && line[word] == ':');
  }
  return false;
}

Runefile parse_yaml(const std::string& text, const std::string& file, Diagnostics& findings) {
  try {
    return Parser(file, findings).parse(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    Location where;
    where.file = file;
    if (!error.mark.is_null()) where.line = error.mark.line + 1;
    findings.add(
        finding(where, fmt::format("not YAML: {}", error.msg), "the brackets and the indentation there"));
    return {};
  }
}

}  // namespace rune::runefile
