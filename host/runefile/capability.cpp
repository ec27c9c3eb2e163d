// Capabilities: kinds, arguments, and the tensor that one read gives.
//
//   SOUND          i16[1, N]: N is --sample-size, else hz * sample_duration_ms / 1000
//   ACCELEROMETER  f32[1, n, 3], or the consumer's shape when it has as many elements
//   IMAGE          u8[1, height, width, channels], what is not written as the consumer wants it
//   RANDOM         f32, or the number type written; the consumer's shape
//   RAW            the consumer's type and shape
//
// Tested by capability_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "host/runefile/stage_internal.h"
#include "host/support/text.h"

namespace rune::runefile {
namespace {

struct KindName {
  const char* word;
  CapabilityKind kind;
};

constexpr KindName kKinds[] = {
    {"sound", CapabilityKind::kSound},
    {"audio", CapabilityKind::kSound},
    {"accelerometer", CapabilityKind::kAccelerometer},
    {"accel", CapabilityKind::kAccelerometer},
    {"image", CapabilityKind::kImage},
    {"random", CapabilityKind::kRandom},
    {"rand", CapabilityKind::kRandom},
    {"raw", CapabilityKind::kRaw},
    {"float_image", CapabilityKind::kFloatImage},
};

// An argument with its other names, and the range of its value.
struct ArgumentRule {
  const char* name;
  std::vector<const char*> aliases;
  int32_t minimum;
  int32_t maximum;
};

const ArgumentRule kSource = {"source", {}, 0, 255};
const ArgumentRule kHz = {"hz", {"frequency", "sample_rate"}, 1, 10'000'000};

std::vector<ArgumentRule> rules(CapabilityKind kind) {
  switch (kind) {
    case CapabilityKind::kSound:
      return {kHz,
              {"samples", {}, 1, 1 << 28},
              {"sample_size", {}, 1, 1 << 28},
              {"sample_duration_ms", {"sample_duration"}, 1, 86'400'000},
              kSource};
    case CapabilityKind::kAccelerometer:
      return {{"samples", {"n", "sample_count"}, 1, 1 << 26}, kHz, kSource};
    case CapabilityKind::kImage:
    case CapabilityKind::kFloatImage:
      return {{"width", {}, 1, 65535}, {"height", {}, 1, 65535}, {"pixel_format", {}, 0, 2}, kSource};
    case CapabilityKind::kRandom:
    case CapabilityKind::kRaw: return {kSource};
  }
  return {};
}

std::string canonical(std::string_view name) {
  std::string text = to_lower(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::optional<int32_t> parse_pixel_format(std::string text) {
  if (text.rfind("@PixelFormat::", 0) == 0) text.erase(0, 14);
  const std::string word = canonical(text);
  if (word == "rgb" || word == "0") return 0;
  if (word == "bgr" || word == "1") return 1;
  if (word == "grayscale" || word == "greyscale" || word == "gray" || word == "grey" || word == "2") return 2;
  return std::nullopt;
}

std::optional<int32_t> parse_whole(std::string_view text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "1000", "1000ms", "1s", "1 s": milliseconds.
std::optional<int32_t> parse_duration(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const bool milliseconds = text.size() > 2 && text.ends_with("ms");
  const bool seconds = !milliseconds && text.size() > 1 && text.ends_with("s");
  text.resize(text.size() - (milliseconds ? 2 : seconds ? 1 : 0));
  const auto value = parse_whole(text);
  if (!value || !seconds) return value;
  return *value > 0 && *value < 86'401 ? std::optional(*value * 1000) : std::nullopt;
}

class Capability {
 public:
  Capability(const WrittenStage& written, Node& node, Diagnostics& findings)
      : written_(written), node_(node), findings_(findings) {}

  void describe() {
    const auto kind = parse_capability_kind(written_.subject);
    if (!kind) {
      findings_.add(
          unknown_word(written_.where, "capability", written_.subject,
                       {"SOUND", "AUDIO", "ACCELEROMETER", "ACCEL", "IMAGE", "RANDOM", "RAND", "RAW"}));
      return;
    }
    stage_.kind = *kind;
    for (const WrittenArgument& each : written_.arguments) read_argument(each);
    node_.outputs = {port()};
    apply_written_type();
    node_.stage.what = std::move(stage_);
  }

 private:
  void read_argument(const WrittenArgument& argument) {
    const std::string name = canonical(argument.name);
    const std::vector<ArgumentRule> known = rules(stage_.kind);
    const auto rule = std::find_if(known.begin(), known.end(), [&name](const ArgumentRule& each) {
      return name == each.name ||
             std::find(each.aliases.begin(), each.aliases.end(), name) != each.aliases.end();
    });
    if (rule == known.end()) {
      std::vector<std::string> names;
      for (const ArgumentRule& each : known) names.push_back(each.name);
      findings_.add(unknown_word(argument.where, fmt::format("argument of {}", capability_name(stage_.kind)),
                                 argument.name, names));
      return;
    }
    const auto value = parse_value(*rule, argument);
    if (!value) {
      findings_.add(finding(argument.where,
                            fmt::format("\"{}\" is no value for {}", shown(argument), argument.name),
                            std::string(rule->name) == "pixel_format"
                                ? "RGB, BGR or GrayScale"
                                : fmt::format("a whole number from {} to {}", rule->minimum, rule->maximum)));
      return;
    }
    if (std::string(rule->name) == "sample_size") {
      sample_size_ = *value;
    } else if (find(rule->name) != 0 || has(rule->name)) {
      findings_.add(
          finding(argument.where, fmt::format("{} is there twice", argument.name), "one of the two"));
    } else {
      stage_.arguments.emplace_back(rule->name, *value);
    }
  }

  static std::string shown(const WrittenArgument& argument) {
    return argument.items.empty() ? "" : argument.items.front().substr(0, 80);
  }

  static std::optional<int32_t> parse_value(const ArgumentRule& rule, const WrittenArgument& argument) {
    if (argument.is_list || argument.items.size() != 1) return std::nullopt;
    const std::string& text = argument.items.front();
    const std::string name = rule.name;
    const auto value = name == "pixel_format"         ? parse_pixel_format(text)
                       : name == "sample_duration_ms" ? parse_duration(text)
                                                      : parse_whole(text);
    return value && *value >= rule.minimum && *value <= rule.maximum ? value : std::nullopt;
  }

  bool has(const std::string& name) const {
    return std::any_of(stage_.arguments.begin(), stage_.arguments.end(),
                       [&](const auto& each) { return each.first == name; });
  }
  int32_t find(const std::string& name) const {
    for (const auto& [each, value] : stage_.arguments) {
      if (each == name) return value;
    }
    return 0;
  }

  Port port() {
    switch (stage_.kind) {
      case CapabilityKind::kSound: return sound_port();
      case CapabilityKind::kAccelerometer: return accelerometer_port();
      case CapabilityKind::kImage: return image_port(ElementType::kU8);
      case CapabilityKind::kFloatImage: return image_port(ElementType::kF32);
      case CapabilityKind::kRandom:
      case CapabilityKind::kRaw: break;
    }
    Port any;
    any.elements = {ElementType::kF32, ElementType::kI8,  ElementType::kU8,  ElementType::kI16,
                    ElementType::kU16, ElementType::kI32, ElementType::kU32, ElementType::kI64,
                    ElementType::kU64, ElementType::kF64};
    // Random numbers are floats unless the Runefile says otherwise; raw bytes are whatever is wanted.
    if (stage_.kind == CapabilityKind::kRandom && !declares_element()) any.elements = {ElementType::kF32};
    any.fallback = Dims{1, 1};
    return any;
  }

  bool declares_element() const {
    return !written_.outputs.empty() && written_.outputs.front().element != ElementType::kNone;
  }

  Port sound_port() {
    Port port;
    port.elements = {ElementType::kI16};
    if (!has("hz")) stage_.arguments.emplace_back("hz", 16000);
    const int64_t hz = find("hz");
    const int64_t duration_ms = find("sample_duration_ms");
    const int64_t by_duration = hz * duration_ms / 1000;
    if (sample_size_ != 0 && duration_ms != 0 && by_duration != sample_size_) {
      Diagnostic one =
          finding(written_.where, fmt::format("{} ms at {} Hz are not --sample-size", duration_ms, hz),
                  "leaving out one of the two");
      one.limit = by_duration;
      one.actual = sample_size_;
      one.unit = "samples";
      findings_.add(one);
    }
    const int64_t samples = sample_size_ != 0 ? sample_size_ : by_duration;
    if (duration_ms != 0 && (samples == 0 || samples > (1 << 28))) {
      findings_.add(finding(written_.where,
                            fmt::format("{} ms at {} Hz are {} samples", duration_ms, hz, samples),
                            "another duration"));
      return port;
    }
    if (samples != 0) port.dims = Dims{1, static_cast<uint32_t>(samples)};
    port.fallback = Dims{1, static_cast<uint32_t>(std::max<int64_t>(1, hz))};  // one second
    return port;
  }

  Port accelerometer_port() {
    Port port;
    port.elements = {ElementType::kF32};
    if (has("samples")) port.dims = Dims{1, static_cast<uint32_t>(find("samples")), 3};
    port.need = "--n N, the number of readings";
    return port;
  }

  Port image_port(ElementType element) {
    Port port;
    port.elements = {element};
    const uint32_t channels = !has("pixel_format") ? 0 : find("pixel_format") == 2 ? 1 : 3;
    port.dims =
        Dims{1, static_cast<uint32_t>(find("height")), static_cast<uint32_t>(find("width")), channels};
    port.need = "--width W --height H --pixel-format RGB";
    return port;
  }

  // A type written in the Runefile narrows what the kind can give.
  void apply_written_type() {
    if (written_.outputs.empty()) return;
    if (written_.outputs.size() > 1) {
      findings_.add(
          finding(written_.outputs[1].where, "a capability has one output", "leaving out the others"));
    }
    const PartialType& type = written_.outputs.front();
    Port& port = node_.outputs.front();
    if (type.element != ElementType::kNone) {
      if (std::find(port.elements.begin(), port.elements.end(), type.element) == port.elements.end()) {
        findings_.add(finding(type.where,
                              fmt::format("{} gives {}, not {}", capability_name(stage_.kind),
                                          element_name(port.elements.front()), element_name(type.element)),
                              element_name(port.elements.front())));
        return;
      }
      port.elements = {type.element};
    }
    if (type.dims && (!port.dims || stage_.kind != CapabilityKind::kImage)) merge_written_dims(type, port);
    if (type.dims && stage_.kind == CapabilityKind::kImage && type.dims->size() == 4) {
      for (size_t i = 0; i < 4; ++i) {
        if ((*port.dims)[i] == 0) (*port.dims)[i] = (*type.dims)[i];
      }
    }
    node_.written_outputs = {type};
  }

  // Arguments and the written shape must agree on the number of elements; the shape then counts.
  void merge_written_dims(const PartialType& type, Port& port) {
    const bool open = std::find(type.dims->begin(), type.dims->end(), 0U) != type.dims->end();
    if (!port.dims) {
      port.dims = type.dims;
      return;
    }
    if (open) return;
    uint64_t written = 1, computed = 1;
    for (const uint32_t extent : *type.dims) written *= extent;
    for (const uint32_t extent : *port.dims) computed *= extent;
    if (written == computed) {
      port.dims = type.dims;
      return;
    }
    Diagnostic one = finding(type.where, "the shape and the arguments do not agree", "leaving out the shape");
    one.limit = static_cast<int64_t>(computed);
    one.actual = static_cast<int64_t>(written);
    one.unit = "elements";
    findings_.add(one);
  }

  const WrittenStage& written_;
  Node& node_;
  Diagnostics& findings_;
  CapabilityStage stage_;
  int32_t sample_size_ = 0;
};

void set_argument(CapabilityStage& stage, const std::string& name, int32_t value) {
  for (const auto& each : stage.arguments) {
    if (each.first == name) return;
  }
  stage.arguments.emplace_back(name, value);
}

}  // namespace

std::optional<CapabilityKind> parse_capability_kind(const std::string& word) {
  const std::string name = canonical(word);
  for (const KindName& each : kKinds) {
    if (name == each.word) return each.kind;
  }
  return std::nullopt;
}

std::optional<OutputKind> parse_output_kind(const std::string& word) {
  const std::string name = canonical(word);
  for (const OutputKind kind :
       {OutputKind::kSerial, OutputKind::kBle, OutputKind::kPin, OutputKind::kWifi, OutputKind::kTensor}) {
    if (name == output_name(kind)) return kind;
  }
  return std::nullopt;
}

void describe_capability(const WrittenStage& written, Node& node, Diagnostics& findings) {
  Capability(written, node, findings).describe();
}

void complete_capability(Node& node, Diagnostics& findings) {
  auto& stage = std::get<CapabilityStage>(node.stage.what);
  const Shape& shape = node.stage.outputs.front().shape;
  if (stage.kind == CapabilityKind::kAccelerometer && shape.elements() % 3 != 0) {
    findings.add(finding(
        node.stage.where,
        fmt::format("{} gives readings of 3 numbers, {} are wanted", node.stage.name, shape.elements()),
        "another shape of the consumer's input"));
  }
  if (stage.kind != CapabilityKind::kImage && stage.kind != CapabilityKind::kFloatImage) return;
  const uint32_t channels = shape.rank == 4 ? shape.dims[3] : 0;
  if (shape.rank != 4 || shape.dims[0] != 1 || (channels != 1 && channels != 3) || shape.dims[1] > 65535 ||
      shape.dims[2] > 65535) {
    findings.add(finding(
        node.stage.where,
        fmt::format("an image is [1, height, width, 1 or 3], not {}", type_text(node.stage.outputs.front())),
        "another shape of the consumer's input"));
    return;
  }
  set_argument(stage, "width", static_cast<int32_t>(shape.dims[2]));
  set_argument(stage, "height", static_cast<int32_t>(shape.dims[1]));
  set_argument(stage, "pixel_format", channels == 1 ? 2 : 0);
}

}  // namespace rune::runefile
