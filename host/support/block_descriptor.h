// What a processing block says about itself, read from its wasm object without running it.
//
// RUNE_BLOCK (blocks/sdk/rune_block.h) writes the descriptor as JSON into the custom
// section `rune.block` of the object; docs/spec/block-descriptor.md is the page. The
// Runefile checker infers types and shapes with it, the linker sizes stack, state and fuel.
// It lives in host/support because those two layers are strangers to each other.
//
//   Result<BlockDescriptor, Diagnostic> block = read_block_descriptor(bytes, "fft.o");
//   const BlockArgument* count = block.value().find_argument("count");
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "device/base/bytes.h"
#include "device/base/tensor.h"
#include "host/support/result.h"

namespace rune {

enum class ArgumentType : uint8_t { kInt, kFloat, kText, kList };

// A value for an argument: kInt, kFloat, kText or kList in the order of ArgumentType.
using ArgumentValue = std::variant<int32_t, float, std::string, std::vector<std::string>>;

struct BlockArgument {
  std::string name;                  // with underscores; Runefiles may write hyphens
  std::vector<std::string> aliases;  // other accepted names, such as `modulo` for `modulus`
  ArgumentType type = ArgumentType::kInt;
  bool required = false;
  ArgumentValue default_value;  // meaningful when not required
  double minimum = 0;           // of kInt and kFloat, meaningful when has_range
  double maximum = 0;
  bool has_range = false;
};

// The element types of a port: those listed, or the type of one of the inputs.
struct ElementRule {
  std::vector<ElementType> allowed;  // in order of preference; the first is the default of an output
  int same_as_input = -1;            // >= 0: the element type of that input, and `allowed` is empty
};

// One dimension of a shape rule.
struct DimensionRule {
  enum class Kind : uint8_t {
    kFixed,     // exactly `extent`
    kArgument,  // the whole-number argument `argument`
    kAny,       // input: whatever arrives; output: what the consumer takes, else `extent`
  };
  Kind kind = Kind::kAny;
  uint32_t extent = 1;
  std::string argument;
};

struct ShapeRule {
  enum class Kind : uint8_t {
    kAny,     // input: every shape; output: the consumer's whole shape, else `dimensions` (all fixed)
    kSameAs,  // the shape of input `input`
    kDimensions,
  };
  Kind kind = Kind::kAny;
  uint32_t input = 0;
  std::vector<DimensionRule> dimensions;
};

struct BlockPort {
  std::string name;
  ElementRule elements;
  ShapeRule shape;
  bool quantised_like_consumer = false;  // output: scale and zero point are the consumer's
};

struct BlockDescriptor {
  std::string name;     // with underscores: "most_confident_indices"; Runefiles may write hyphens
  std::string summary;  // one sentence
  std::vector<BlockArgument> arguments;
  std::vector<BlockPort> inputs;
  std::vector<BlockPort> outputs;
  uint32_t stack_bytes = 1024;                     // of the guest's shadow stack, deepest call
  uint32_t state_bytes = 0;                        // zeroed at start, one for each use
  uint32_t state_bytes_per_output_element = 0;     // added for each element of output 0 ...
  ElementType state_element = ElementType::kNone;  // ... when it has this type (kNone: always)
  uint32_t fuel = 1000;                            // branches back and calls of one call ...
  uint32_t fuel_per_element = 16;                  // ... and more for each element of all inputs and outputs

  // Accepts the name or an alias, hyphens as underscores; null when there is none.
  const BlockArgument* find_argument(std::string_view argument) const;
  // The C symbol of its function: rune_block_<name>.
  std::string symbol() const;
};

// `_` for `-`, so that both spellings of a block's or an argument's name are one.
std::string canonical_block_name(std::string_view name);

// The descriptor in a wasm object (or module). Fails when the bytes are no WebAssembly,
// the section is missing, or the JSON breaks a rule of the page; `file` is for the message.
Result<BlockDescriptor, Diagnostic> read_block_descriptor(Bytes object, std::string_view file);
// The same from the JSON text alone.
Result<BlockDescriptor, Diagnostic> parse_block_descriptor(std::string_view json, std::string_view file);

}  // namespace rune
