// The Dockerfile-like dialect: one instruction a line.
//
//   FROM base | path [AS alias]
//   CAPABILITY KIND name --argument value ...      CAPABILITY<type> name KIND --argument=value ...
//   PROC_BLOCK path name --argument value ...      PROC_BLOCK<type, type> name path ...
//   MODEL path name --input type --output type     MODEL<type, type> name path
//   RUN name name.1 ...
//   OUT kind [name]
//
// Keywords in any letter case, `#` starts a comment, a backslash at the end continues the line.
// The two word orders are told apart by what is a kind or a path. Tested by dockerfile_test.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "device/base/capability.h"
#include "host/runefile/stage_internal.h"
#include "host/runefile/syntax_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

const std::vector<std::string> kKeywords = {"FROM", "CAPABILITY", "PROC_BLOCK", "MODEL", "RUN", "OUT"};

struct Token {
  std::string text;
  bool quoted = false;
};

// A logical line with its continuations, comment removed.
struct Line {
  std::string text;
  Location where;
};

// Cuts at a # that starts the line or follows a space, outside quotes: paths may contain one.
std::string without_comment(const std::string& line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::vector<Line> split_lines(const std::string& text, const std::string& file) {
  std::vector<Line> lines;
  bool continued = false;
  int number = 0;
  for (size_t start = 0; start <= text.size();) {
    const size_t newline = std::min(text.find('\n', start), text.size());
    std::string line = without_comment(text.substr(start, newline - start));
    start = newline + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.pop_back();
    const bool continues = !line.empty() && line.back() == '\\';
    if (continues) line.back() = ' ';
    if (continued) {
      lines.back().text += ' ' + line;
    } else if (line.find_first_not_of(" \t") != std::string::npos) {
      lines.push_back({line, {.file = file, .line = number}});
    }
    continued = continues && (continued || line.find_first_not_of(" \t") != std::string::npos);
  }
  return lines;
}

// A comma inside quotes, until the word is split at the others.
constexpr char kQuotedComma = '\x1f';

std::string with_commas(std::string text) {
  std::replace(text.begin(), text.end(), kQuotedComma, ',');
  return text;
}

// Words separated by spaces; [...] and <...> and quotes hold spaces together.
std::optional<std::vector<Token>> split_words(const Line& line, Diagnostics& findings) {
  std::vector<Token> words;
  Token word;
  bool inside = false;
  char quote = 0;
  int brackets = 0;
  for (const char c : line.text) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word.text += c == ',' ? kQuotedComma : c;
      }
      continue;
    }
    if (c == '"' || c == '\'') {
      quote = c;
      inside = word.quoted = true;
      continue;
    }
    if (c == '[' || c == '<') ++brackets;
    if (c == ']' || c == '>') --brackets;
    const bool space = c == ' ' || c == '\t';
    if (space && brackets <= 0) {
      if (inside) words.push_back(std::move(word));
      word = {};
      inside = false;
    } else if (!space) {
      word.text += c;
      inside = true;
    }
  }
  if (inside) words.push_back(std::move(word));
  if (quote != 0 || brackets != 0) {
    findings.add(
        finding(line.where, quote != 0 ? "a quote is not closed" : "brackets do not match",
                quote != 0 ? "another quote at its end" : "as many closing brackets as opening ones"));
    return std::nullopt;
  }
  return words;
}

// Splits at commas outside brackets.
std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> items(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '[') ++depth;
    if (c == ']') --depth;
    if (c == ',' && depth == 0) {
      items.emplace_back();
    } else {
      items.back() += c;
    }
  }
  return items;
}

bool starts_option(const Token& word) {
  if (word.quoted || word.text.size() < 2 || word.text[0] != '-') return false;
  const char second = word.text[1];
  return !((second >= '0' && second <= '9') || second == '.');  // a negative number is a value
}

bool looks_like_path(const std::string& word) { return word.find_first_of("/.#@") != std::string::npos; }

std::string to_upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// One instruction's words after the keyword: plain ones, then options.
struct Instruction {
  std::string keyword;
  std::optional<std::string> types;  // between < and >
  std::vector<std::string> plain;
  std::vector<WrittenArgument> options;
  Location where;
};

class Parser {
 public:
  Parser(const std::string& file, Diagnostics& findings) : file_(file), findings_(findings) {}

  Runefile parse(const std::string& text) {
    const std::vector<Line> lines = split_lines(text, file_);
    for (const Line& line : lines) parse_line(line);
    if (lines.empty())
      findings_.add(finding({.file = file_}, "the Runefile is empty", "FROM runicos/base as the first line"));
    if (!lines.empty() && !saw_from_) {
      findings_.add(finding(lines.front().where, "no FROM", "FROM runicos/base as the first line"));
    }
    return std::move(runefile_);
  }

 private:
  void parse_line(const Line& line) {
    const auto words = split_words(line, findings_);
    if (!words || words->empty()) return;
    Instruction instruction;
    instruction.where = line.where;
    if (!split_keyword(words->front().text, instruction)) return;
    for (size_t i = 1; i < words->size(); ++i) {
      const Token& word = (*words)[i];
      if (!starts_option(word)) {
        instruction.plain.push_back(with_commas(word.text));
      } else if (!parse_option(*words, i, instruction)) {
        return;
      }
    }
    dispatch(instruction);
  }

  bool split_keyword(const std::string& word, Instruction& out) {
    const size_t open = word.find('<');
    out.keyword = word.substr(0, open);
    if (open != std::string::npos) {
      if (word.back() != '>') {
        findings_.add(
            finding(out.where, "the types after the keyword are not closed", "CAPABILITY<i16[1, 16000]>"));
        return false;
      }
      out.types = word.substr(open + 1, word.size() - open - 2);
    }
    const std::string upper = to_upper(out.keyword);
    if (std::find(kKeywords.begin(), kKeywords.end(), upper) == kKeywords.end()) {
      findings_.add(unknown_word(out.where, "instruction", out.keyword, kKeywords));
      return false;
    }
    out.keyword = upper;
    return true;
  }

  // words[at] is `--name`, `--name=value` or `-n`; moves `at` to the last word used.
  bool parse_option(const std::vector<Token>& words, size_t& at, Instruction& out) {
    std::string text = words[at].text;
    text.erase(0,
               text.find_first_not_of('-') == std::string::npos ? text.size() : text.find_first_not_of('-'));
    WrittenArgument argument;
    argument.where = out.where;
    const size_t equals = text.find('=');
    argument.name = text.substr(0, equals);
    std::string value;
    if (equals != std::string::npos) {
      value = text.substr(equals + 1);
    } else if (at + 1 < words.size() && !starts_option(words[at + 1])) {
      value = words[++at].text;
    } else {
      findings_.add(finding(out.where, fmt::format("--{} has no value", argument.name),
                            fmt::format("--{} VALUE", argument.name)));
      return false;
    }
    argument.items = split_commas(value);
    for (std::string& item : argument.items) item = with_commas(std::move(item));
    argument.is_list = argument.items.size() > 1;
    out.options.push_back(std::move(argument));
    return true;
  }

  void dispatch(const Instruction& instruction) {
    if (instruction.keyword == "FROM") return parse_from(instruction);
    if (instruction.keyword == "RUN") return parse_run(instruction);
    if (instruction.keyword == "OUT") return parse_out(instruction);
    parse_stage(instruction);
  }

  void parse_from(const Instruction& from) {
    const bool alias = from.plain.size() == 3 && to_lower(from.plain[1]) == "as";
    if ((from.plain.size() != 1 && !alias) || !from.options.empty()) {
      findings_.add(finding(from.where, "FROM takes one base", "FROM runicos/base"));
      saw_from_ = true;
      return;
    }
    if (saw_from_) findings_.add(finding(from.where, "a second FROM", "one FROM, as the first line"));
    if (!saw_from_ && (!runefile_.stages.empty() || !runefile_.runs.empty())) {
      findings_.add(finding(from.where, "FROM is not the first instruction", "moving it to the first line"));
    }
    saw_from_ = true;
    runefile_.base = from.plain[0];
    runefile_.base_where = from.where;
  }

  void parse_run(const Instruction& run) {
    if (run.plain.empty() || !run.options.empty()) {
      findings_.add(finding(run.where, "RUN takes names of stages and nothing else", "RUN audio fft model"));
      return;
    }
    std::vector<WrittenEdge> edges;
    for (const std::string& word : run.plain) {
      auto edge = parse_edge(word);
      if (!edge) {
        findings_.add(finding(run.where, fmt::format("\"{}\" is not the name of a stage", word.substr(0, 80)),
                              "name, or name.1 for its second output"));
        return;
      }
      edge->where = run.where;
      edges.push_back(std::move(*edge));
    }
    runefile_.runs.push_back(std::move(edges));
  }

  void parse_out(const Instruction& out) {
    if (out.plain.empty() || out.plain.size() > 2 || !out.options.empty()) {
      findings_.add(finding(out.where, "OUT takes the kind of an output", "OUT serial"));
      return;
    }
    WrittenStage stage;
    stage.kind = StageKind::kOutput;
    stage.where = out.where;
    stage.subject = out.plain[0];
    stage.name = out.plain.size() == 2 ? out.plain[1] : to_lower(out.plain[0]);
    add_stage(std::move(stage));
  }

  void parse_stage(const Instruction& instruction) {
    WrittenStage stage;
    stage.where = instruction.where;
    stage.kind = instruction.keyword == "CAPABILITY"   ? StageKind::kCapability
                 : instruction.keyword == "PROC_BLOCK" ? StageKind::kBlock
                                                       : StageKind::kModel;
    if (instruction.plain.size() != 2) {
      const char* form = stage.kind == StageKind::kCapability ? "CAPABILITY SOUND audio --hz 16000"
                         : stage.kind == StageKind::kBlock
                             ? "PROC_BLOCK runicos/fft fft"
                             : "MODEL ./model.tflite model --input [1,4] --output [1,2]";
      findings_.add(finding(
          instruction.where,
          fmt::format("{} takes two words, here are {}", instruction.keyword, instruction.plain.size()),
          form));
      return;
    }
    stage.subject = instruction.plain[0];
    stage.name = instruction.plain[1];
    if (is_name_first(stage.kind, instruction)) std::swap(stage.subject, stage.name);
    if (instruction.types && !read_types(instruction, stage)) return;
    for (const WrittenArgument& option : instruction.options) read_option(option, stage);
    add_stage(std::move(stage));
  }

  // The typed dialect writes the name before the kind or path. A name may look like a kind
  // (`audio SOUND`), so without types only a kind in capitals counts in second place.
  static bool is_name_first(StageKind kind, const Instruction& instruction) {
    const std::string& first = instruction.plain[0];
    const std::string& second = instruction.plain[1];
    if (kind == StageKind::kCapability) {
      if (instruction.types) return !parse_capability_kind(first) || parse_capability_kind(second);
      const bool capitals = second == to_upper(second);
      return !parse_capability_kind(first) && capitals && parse_capability_kind(second);
    }
    return !looks_like_path(first) && looks_like_path(second);
  }

  // CAPABILITY<output>, or <input, output> where the last counts; the others <input, output>.
  bool read_types(const Instruction& instruction, WrittenStage& stage) {
    const std::vector<std::string> items = split_commas(*instruction.types);
    std::vector<PartialType> types;
    for (const std::string& item : items) {
      auto type = parse_type(item);
      if (!type) {
        findings_.add(finding(instruction.where, fmt::format("\"{}\" is not a type", item.substr(0, 80)),
                              "a type such as i16[1, 16000], f32 or _"));
        return false;
      }
      type->where = instruction.where;
      types.push_back(std::move(*type));
    }
    const size_t wanted = stage.kind == StageKind::kCapability ? 1 : 2;
    if (types.size() != wanted && !(wanted == 1 && types.size() == 2)) {
      findings_.add(finding(
          instruction.where,
          fmt::format("{} takes {} between < and >", instruction.keyword,
                      wanted == 1 ? "one type" : "an input and an output type"),
          wanted == 1 ? "CAPABILITY<i16[1, 16000]>" : fmt::format("{}<_, f32[1, 4]>", instruction.keyword)));
      return false;
    }
    stage.outputs.push_back(types.back());
    if (wanted == 2) stage.inputs.push_back(types.front());
    return true;
  }

  // --input and --output of a model are types; everything else is an argument.
  void read_option(const WrittenArgument& option, WrittenStage& stage) {
    const std::string name = to_lower(option.name);
    const bool input = name == "input";
    if (stage.kind != StageKind::kModel || (!input && name != "output")) {
      stage.arguments.push_back(option);
      return;
    }
    std::vector<PartialType>& types = input ? stage.inputs : stage.outputs;
    for (const std::string& item : option.items) {
      auto type = parse_type(item);
      if (!type) {
        findings_.add(finding(option.where, fmt::format("\"{}\" is not a shape", item.substr(0, 80)),
                              fmt::format("--{} [1,4], or a number of elements", name)));
        return;
      }
      type->where = option.where;
      types.push_back(std::move(*type));
    }
  }

  void add_stage(WrittenStage stage) {
    if (!valid_stage_name(stage.name)) {
      findings_.add(finding(stage.where, fmt::format("\"{}\" cannot name a stage", stage.name.substr(0, 80)),
                            "a letter, then letters, digits, _ or -, at most 31 in all"));
      return;
    }
    runefile_.stages.push_back(std::move(stage));
  }

  const std::string& file_;
  Diagnostics& findings_;
  Runefile runefile_;
  bool saw_from_ = false;
};

}  // namespace

Runefile parse_dockerfile(const std::string& text, const std::string& file, Diagnostics& findings) {
  return Parser(file, findings).parse(text);
}

}  // namespace rune::runefile
