// The way from text to pipeline, and the limits of the manifest.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "device/format/manifest.h"
#include "host/runefile/stage_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

std::vector<ReadResource> read_resources(const Runefile& runefile, Diagnostics& findings) {
  std::vector<ReadResource> resources;
  for (const WrittenResource& written : runefile.resources) {
    ReadResource read;
    read.resource.name = written.name;
    read.resource.where = written.where;
    if (written.text) {
      read.resource.bytes.assign(written.text->begin(), written.text->end());
    } else {
      read.path = joined_path(written.folder, written.path);
      auto bytes = read_file(read.path);
      if (!bytes.ok()) {
        Diagnostic one = bytes.error();
        one.what = fmt::format("{}: {}", read.path, one.what);
        one.where = written.where;
        findings.add(one);
        continue;
      }
      read.resource.bytes = std::move(bytes.value());
    }
    resources.push_back(std::move(read));
  }
  return resources;
}

Node describe(const WrittenStage& written, const Environment& environment, const FindResource& resource,
              Diagnostics& findings) {
  Node node;
  node.stage.name = written.name;
  node.stage.where = written.where;
  switch (written.kind) {
    case StageKind::kCapability: describe_capability(written, node, findings); break;
    case StageKind::kBlock: describe_block(written, environment, resource, node, findings); break;
    case StageKind::kModel: describe_model(written, environment, resource, node, findings); break;
    case StageKind::kOutput: {
      const auto kind = parse_output_kind(written.subject);
      if (!kind) findings.add(unknown_word(written.where, "output", written.subject, {"serial", "tensor"}));
      node.stage.what = OutputStage{kind.value_or(OutputKind::kSerial)};
      break;
    }
  }
  return node;
}

// A rune's name: the folder of its Runefile, as far as a name can say it.
std::string default_name(const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path().filename().string();
  std::string name;
  for (const char c : folder) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += good ? c : '_';
  }
  name = name.substr(0, format::kMaxNameBytes);
  return name.empty() ? "rune" : name;
}

void check_limit(const Pipeline& pipeline, const std::string& what, size_t actual, size_t limit,
                 Diagnostics& findings) {
  if (actual <= limit) return;
  Diagnostic one = finding({.file = pipeline.file}, fmt::format("too many {}", what), "two runes");
  one.limit = static_cast<int64_t>(limit);
  one.actual = static_cast<int64_t>(actual);
  findings.add(one);
}

void check_limits(const Pipeline& pipeline, Diagnostics& findings) {
  size_t capabilities = 0, models = 0, outputs = 0;
  for (const Stage& stage : pipeline.stages) {
    capabilities += std::holds_alternative<CapabilityStage>(stage.what) ? 1 : 0;
    outputs += std::holds_alternative<OutputStage>(stage.what) ? 1 : 0;
    const auto* model = std::get_if<ModelStage>(&stage.what);
    if (model == nullptr) continue;
    ++models;
    check_limit(pipeline, "inputs of " + stage.name, model->inputs.size(), format::kMaxModelTensors,
                findings);
    check_limit(pipeline, "outputs of " + stage.name, stage.outputs.size(), format::kMaxModelTensors,
                findings);
  }
  check_limit(pipeline, "capabilities", capabilities, format::kMaxCapabilities, findings);
  check_limit(pipeline, "models", models, format::kMaxModels, findings);
  check_limit(pipeline, "outputs", outputs, format::kMaxOutputs, findings);
  check_limit(pipeline, "resources", pipeline.resources.size(), format::kMaxResources, findings);
}

// Findings in the order of the lines; within one file, as a reader meets them.
Diagnostics sorted(const Diagnostics& findings) {
  std::vector<Diagnostic> items(findings.begin(), findings.end());
  std::stable_sort(items.begin(), items.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.where.file == b.where.file && a.where.line < b.where.line;
  });
  Diagnostics result;
  for (const Diagnostic& each : items) {
    const bool repeated = !result.empty() && result[result.size() - 1].text() == each.text();
    if (!repeated) result.add(each);
  }
  return result;
}

}  // namespace

Result<Checked, Diagnostics> check_runefile_text(const std::string& text, const std::string& path,
                                                 const Environment& environment) {
  Diagnostics findings;
  if (text.size() > kMaxRunefileBytes || text.find('\0') != std::string::npos) {
    return finding({.file = path}, "this is not the text of a Runefile",
                   "the file that starts with FROM or version: 1");
  }
  Runefile runefile = read_with_bases(text, path, findings);
  if (runefile.stages.size() > kMaxStages) {
    findings.add(finding(runefile.stages[kMaxStages].where, fmt::format("more than {} stages", kMaxStages),
                         "two runes"));
    return sorted(findings);
  }
  const std::vector<ReadResource> resources = read_resources(runefile, findings);
  const FindResource find = [&resources](const std::string& name) -> const ReadResource* {
    for (const ReadResource& each : resources) {
      if (each.resource.name == name) return &each;
    }
    return nullptr;
  };
  std::vector<Node> nodes;
  for (const WrittenStage& each : runefile.stages)
    nodes.push_back(describe(each, environment, find, findings));
  if (findings.has_errors()) return sorted(findings);
  nodes = resolve(runefile, std::move(nodes), findings);
  if (!findings.has_errors()) infer_types(nodes, environment, findings);
  if (findings.has_errors()) return sorted(findings);
  Checked checked;
  checked.pipeline.name = default_name(path);
  checked.pipeline.file = path;
  checked.pipeline.base = runefile.base;
  for (Node& node : nodes) {
    node.stage.inputs = std::move(node.edges);
    checked.pipeline.stages.push_back(std::move(node.stage));
  }
  for (const ReadResource& each : resources) {
    if (!each.used) checked.pipeline.resources.push_back(each.resource);
  }
  check_limits(checked.pipeline, findings);
  if (findings.has_errors()) return sorted(findings);
  checked.warnings = sorted(findings);
  return checked;
}

Result<Checked, Diagnostics> check_runefile(const std::string& path, const Environment& environment) {
  auto text = read_text_file(path);
  if (!text.ok()) return text.error();
  return check_runefile_text(text.value(), path, environment);
}

}  // namespace rune::runefile
