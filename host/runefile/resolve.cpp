// FROM, names and RUN lines: what is connected to what, in execution order. Tested by
// check_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "host/runefile/stage_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxBases = 8;
constexpr size_t kMaxOutputTensors = 8;  // of one output_write

bool is_standard_base(const std::string& base) { return base.substr(0, base.find('@')) == "runicos/base"; }

// The file that FROM means: itself, or the Runefile in a folder.
std::optional<std::string> base_file(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return path;
  for (const char* name : {"Runefile", "Runefile.yml"}) {
    const std::string inside = (fs::path(path) / name).string();
    if (fs::is_regular_file(inside, error)) return inside;
  }
  return std::nullopt;
}

// Stages of `own` replace those of the same name; everything else is added.
template <typename Item>
void merge(std::vector<Item>& base, std::vector<Item>& own) {
  for (Item& each : own) {
    const auto same =
        std::find_if(base.begin(), base.end(), [&each](const Item& item) { return item.name == each.name; });
    if (same == base.end()) {
      base.push_back(std::move(each));
    } else {
      *same = std::move(each);
    }
  }
}

template <typename Item>
void refuse_repeated_names(const std::vector<Item>& items, const char* what, Diagnostics& findings) {
  std::map<std::string, int> lines;
  for (const Item& each : items) {
    const auto [first, added] = lines.emplace(each.name, each.where.line);
    if (!added) {
      findings.add(finding(
          each.where, fmt::format("{} {} is already declared in line {}", what, each.name, first->second),
          "another name"));
    }
  }
}

class Bases {
 public:
  explicit Bases(Diagnostics& findings) : findings_(findings) {}

  Runefile read(const std::string& text, const std::string& path, int depth) {
    Runefile own =
        looks_like_yaml(text) ? parse_yaml(text, path, findings_) : parse_dockerfile(text, path, findings_);
    const std::string folder = fs::path(path).parent_path().string();
    for (WrittenStage& each : own.stages) each.folder = folder;
    for (WrittenResource& each : own.resources) each.folder = folder;
    refuse_repeated_names(own.stages, "stage", findings_);
    refuse_repeated_names(own.resources, "resource", findings_);
    if (own.base.empty() || is_standard_base(own.base)) return own;
    return with_base(std::move(own), joined_path(folder, own.base), depth);
  }

 private:
  Runefile with_base(Runefile own, const std::string& path, int depth) {
    const auto file = base_file(path);
    if (!file) {
      const bool typo = !nearest(own.base, {"runicos/base"}).empty();
      findings_.add(finding(own.base_where, fmt::format("no base \"{}\"", own.base.substr(0, 200)),
                            typo ? "runicos/base" : "runicos/base, or the path of another Runefile"));
      return own;
    }
    if (depth == kMaxBases) {
      findings_.add(finding(own.base_where, "bases are nested too deeply, or in a circle",
                            "a base that does not lead back here"));
      return own;
    }
    auto text = read_text_file(*file);
    if (!text.ok()) {
      findings_.add(text.error());
      return own;
    }
    if (text.value().substr(0, 4) == std::string("\0asm", 4)) {
      findings_.add(finding(own.base_where, "FROM takes the Runefile of a rune, not the built rune",
                            "the Runefile that it was built from"));
      return own;
    }
    Runefile base = read(text.value(), *file, depth + 1);
    merge(base.stages, own.stages);
    merge(base.resources, own.resources);
    base.runs.insert(base.runs.end(), own.runs.begin(), own.runs.end());
    base.base = own.base;
    base.base_where = own.base_where;
    return base;
  }

  Diagnostics& findings_;
};

class Resolver {
 public:
  Resolver(const Runefile& runefile, std::vector<Node> nodes, Diagnostics& findings)
      : runefile_(runefile), nodes_(std::move(nodes)), findings_(findings) {
    for (size_t i = 0; i < nodes_.size(); ++i) names_.emplace(nodes_[i].stage.name, static_cast<uint32_t>(i));
  }

  std::vector<Node> run() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      for (const WrittenEdge& each : runefile_.stages[i].edges)
        connect(each, static_cast<uint32_t>(i), each.where);
    }
    for (const auto& line : runefile_.runs) connect_run(line);
    connect_leaves();
    if (findings_.has_errors()) return {};
    drop_unconnected();
    check_counts();
    return findings_.has_errors() ? std::vector<Node>() : sorted();
  }

 private:
  bool is_output(uint32_t node) const { return std::holds_alternative<OutputStage>(nodes_[node].stage.what); }
  bool is_capability(uint32_t node) const {
    return std::holds_alternative<CapabilityStage>(nodes_[node].stage.what);
  }

  std::optional<uint32_t> find(const WrittenEdge& edge) {
    const auto found = names_.find(edge.stage);
    if (found != names_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, index] : names_) names.push_back(name);
    findings_.add(unknown_word(edge.where, "stage", edge.stage, names));
    return std::nullopt;
  }

  // The edge's source, when it exists and has that output.
  std::optional<Edge> source(const WrittenEdge& from) {
    const auto node = find(from);
    if (!node) return std::nullopt;
    if (is_output(*node)) {
      findings_.add(finding(from.where, fmt::format("{} is an output: nothing follows it", from.stage),
                            "ending the line there"));
      return std::nullopt;
    }
    const size_t count = nodes_[*node].outputs.size();
    if (from.output >= count) {
      findings_.add(finding(from.where,
                            fmt::format("{} has {} output{}, no number {}", from.stage, count,
                                        count == 1 ? "" : "s", from.output),
                            count > 1 ? fmt::format("{}.{}", from.stage, count - 1) : from.stage));
      return std::nullopt;
    }
    return Edge{*node, from.output};
  }

  void connect(const WrittenEdge& from, uint32_t to, const Location& where) {
    const auto edge = source(from);
    if (!edge) return;
    if (is_capability(to)) {
      findings_.add(finding(where,
                            fmt::format("{} is a capability: nothing goes into it", nodes_[to].stage.name),
                            "starting the line with it"));
      return;
    }
    add_edge(*edge, to, where);
  }

  void add_edge(const Edge& edge, uint32_t to, const Location& where) {
    nodes_[to].edges.push_back(edge);
    nodes_[to].edge_lines.push_back(where);
  }

  // Lines of a graph repeat their common beginning: an edge that is there already is not added.
  void connect_run(const std::vector<WrittenEdge>& line) {
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      const auto to = find(line[i + 1]);
      if (!to) continue;
      const auto edge = source(line[i]);
      const auto& present = nodes_[*to].edges;
      if (edge && std::find(present.begin(), present.end(), *edge) != present.end()) continue;
      connect(line[i], *to, line[i + 1].where);
    }
    if (line.size() == 1) find(line.front());
  }

  bool consumed(const Edge& edge) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&edge](const Node& node) {
      return std::find(node.edges.begin(), node.edges.end(), edge) != node.edges.end();
    });
  }

  // The ends of RUN lines that nothing takes go to every OUT that no line names.
  void connect_leaves() {
    std::vector<uint32_t> outputs;
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (is_output(i)) outputs.push_back(i);
    }
    if (outputs.empty()) {
      findings_.add(finding({.file = runefile_.base_where.file}, "no output", "OUT serial as the last line"));
      return;
    }
    std::vector<uint32_t> open;
    for (const uint32_t each : outputs) {
      if (nodes_[each].edges.empty()) open.push_back(each);
    }
    if (open.empty()) open.push_back(outputs.front());
    std::vector<std::pair<Edge, Location>> leaves;
    for (const auto& line : runefile_.runs) {
      const auto found = names_.find(line.back().stage);
      if (found == names_.end() || is_output(found->second)) continue;
      const auto edge = source(line.back());
      const bool known = !edge || std::any_of(leaves.begin(), leaves.end(),
                                              [&](const auto& leaf) { return leaf.first == *edge; });
      if (!known && !consumed(*edge)) leaves.emplace_back(*edge, line.back().where);
    }
    for (const uint32_t to : open) {
      for (const auto& [edge, where] : leaves) add_edge(edge, to, where);
    }
  }

  // A stage from which no output can be reached does nothing: a warning, and it is left out.
  void drop_unconnected() {
    std::vector<bool> reached(nodes_.size());
    std::vector<uint32_t> pending;
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (is_output(i)) pending.push_back(i);
    }
    while (!pending.empty()) {
      const uint32_t each = pending.back();
      pending.pop_back();
      if (reached[each]) continue;
      reached[each] = true;
      for (const Edge& edge : nodes_[each].edges) pending.push_back(edge.stage);
    }
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (reached[i]) continue;
      Diagnostic one = finding(
          nodes_[i].stage.where, fmt::format("{} leads to no output and is left out", nodes_[i].stage.name),
          runefile_.runs.empty() ? "naming it in the inputs of another stage" : "adding it to a RUN line");
      one.severity = Severity::kWarning;
      findings_.add(one);
    }
    remove_nodes(reached);
  }

  void remove_nodes(const std::vector<bool>& keep) {
    std::vector<uint32_t> moved(nodes_.size());
    std::vector<Node> kept;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      moved[i] = static_cast<uint32_t>(kept.size());
      if (keep[i]) kept.push_back(std::move(nodes_[i]));
    }
    for (Node& node : kept) {
      for (Edge& edge : node.edges) edge.stage = moved[edge.stage];
    }
    nodes_ = std::move(kept);
  }

  void check_counts() {
    for (const Node& node : nodes_) {
      const bool output = std::holds_alternative<OutputStage>(node.stage.what);
      const size_t connected = node.edges.size();
      const size_t wanted = node.inputs.size();
      if (output && connected >= 1 && connected <= kMaxOutputTensors) continue;
      if (!output && connected == wanted) continue;
      Diagnostic one = finding(node.stage.where, {});
      one.what = output && connected == 0
                     ? fmt::format("nothing goes to {}", node.stage.name)
                     : fmt::format("{} takes {} input{}, {} {} connected", node.stage.name,
                                   output ? kMaxOutputTensors : wanted, wanted == 1 && !output ? "" : "s",
                                   connected, connected == 1 ? "is" : "are");
      one.hint = runefile_.runs.empty() ? fmt::format("inputs of {}", node.stage.name)
                 : connected < wanted || connected == 0
                     ? fmt::format("another RUN line with {} in it", node.stage.name)
                     : fmt::format("fewer RUN lines with {} in them", node.stage.name);
      findings_.add(one);
    }
  }

  // Kahn's algorithm; among the stages that are ready, the first declared goes first.
  std::vector<Node> sorted() {
    std::vector<uint32_t> place(nodes_.size(), UINT32_MAX);
    std::vector<uint32_t> order;
    const auto ready = [&](const Node& node) {
      return std::all_of(node.edges.begin(), node.edges.end(),
                         [&](const Edge& edge) { return place[edge.stage] != UINT32_MAX; });
    };
    for (bool moved = true; moved;) {
      moved = false;
      for (uint32_t i = 0; i < nodes_.size(); ++i) {
        if (place[i] != UINT32_MAX || !ready(nodes_[i])) continue;
        place[i] = static_cast<uint32_t>(order.size());
        order.push_back(i);
        moved = true;
        break;
      }
    }
    if (order.size() != nodes_.size()) {
      const auto stuck =
          static_cast<size_t>(std::find(place.begin(), place.end(), UINT32_MAX) - place.begin());
      findings_.add(finding(nodes_[stuck].stage.where,
                            fmt::format("{} depends on its own output", nodes_[stuck].stage.name),
                            "RUN lines that go one way"));
      return {};
    }
    std::vector<Node> result;
    for (const uint32_t each : order) {
      result.push_back(std::move(nodes_[each]));
      for (Edge& edge : result.back().edges) edge.stage = place[edge.stage];
    }
    return result;
  }

  const Runefile& runefile_;
  std::vector<Node> nodes_;
  Diagnostics& findings_;
  std::map<std::string, uint32_t> names_;
};

}  // namespace

Runefile read_with_bases(const std::string& text, const std::string& path, Diagnostics& findings) {
  return Bases(findings).read(text, path, 0);
}

std::vector<Node> resolve(const Runefile& runefile, std::vector<Node> nodes, Diagnostics& findings) {
  return Resolver(runefile, std::move(nodes), findings).run();
}

}  // namespace rune::runefile
