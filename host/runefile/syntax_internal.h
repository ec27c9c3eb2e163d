// What a Runefile says, before it is known whether that makes sense: the common form of both
// dialects. Every part keeps the line it stands on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/base/tensor.h"
#include "host/support/diagnostic.h"
#include "host/support/files.h"

namespace rune::runefile {

inline constexpr size_t kMaxStages = 64;
inline constexpr size_t kMaxRunefileBytes = 1 << 20;

// A type of which parts may be open: element kNone, no dims at all, or a dimension of 0 (`_`).
struct PartialType {
  ElementType element = ElementType::kNone;
  std::optional<std::vector<uint32_t>> dims = {};
  std::optional<uint32_t> element_count = {};  // `--output 1`: only the number of elements is written
  Location where = {};
};

struct WrittenArgument {
  std::string name;                // as written
  std::vector<std::string> items;  // one, or several of a list
  bool is_list = false;
  Location where = {};
};

enum class StageKind { kCapability, kBlock, kModel, kOutput };

// `name` or `name.1`.
struct WrittenEdge {
  std::string stage;
  uint32_t output = 0;
  Location where = {};
};

struct WrittenStage {
  StageKind kind = StageKind::kCapability;
  std::string name;
  std::string subject;  // the capability's or output's kind, the path of the block or model
  std::vector<WrittenArgument> arguments = {};
  std::vector<PartialType> inputs = {};  // types as far as they are written
  std::vector<PartialType> outputs = {};
  std::vector<WrittenEdge> edges = {};  // YAML: `inputs`
  Location where = {};
  std::string folder = {};  // that paths are relative to; filled in by resolve
};

struct WrittenResource {
  std::string name;
  bool binary = false;
  std::optional<std::string> text = {};  // inline
  std::string path = {};
  Location where = {};
  std::string folder = {};
};

struct Runefile {
  std::string base;
  Location base_where;
  std::vector<WrittenStage> stages;
  std::vector<std::vector<WrittenEdge>> runs;  // RUN lines
  std::vector<WrittenResource> resources;
};

// Both report into `findings` and go on, so that one pass shows every mistake.
Runefile parse_dockerfile(const std::string& text, const std::string& file, Diagnostics& findings);
Runefile parse_yaml(const std::string& text, const std::string& file, Diagnostics& findings);
// By the first line that is neither empty nor a comment.
bool looks_like_yaml(const std::string& text);

// "i16[1, 16000]", "F32", "[1, _]", "_", "150" (a number of elements). Empty when it is none of them.
std::optional<PartialType> parse_type(std::string_view text);

// Whether `name` may name a stage: a letter or _, then letters, digits, _ and -, at most 31 in all.
bool valid_stage_name(std::string_view name);
std::optional<WrittenEdge> parse_edge(std::string_view text);

// A finding at `where`.
Diagnostic finding(const Location& where, std::string what, std::string hint = {});

// `name` in quotes is what was written; the hint names the nearest candidate, else all of them.
Diagnostic unknown_word(const Location& where, const std::string& what, const std::string& name,
                        const std::vector<std::string>& candidates);

}  // namespace rune::runefile
