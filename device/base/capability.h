// What a rune may ask a device for: inputs (capabilities) and outputs.
//
// Numbers are those of the original's ABI v0, so that its modules can be served too.
#pragma once

#include <string_view>

#include "device/base/fixed_vector.h"
#include "device/base/tensor.h"

namespace rune {

inline constexpr size_t kMaxArguments = 8;

enum class CapabilityKind : uint8_t {
  kRandom = 1,
  kSound = 2,
  kAccelerometer = 3,
  kImage = 4,
  kRaw = 5,
  kFloatImage = 6,
};
enum class OutputKind : uint8_t { kSerial = 1, kBle = 2, kPin = 3, kWifi = 4, kTensor = 5 };

// "random", "sound", "accelerometer", "image", "raw", "float-image"; "?" for unknown values.
const char* capability_name(CapabilityKind kind);
// "serial", "ble", "pin", "wifi", "tensor"; "?" for unknown values.
const char* output_name(OutputKind kind);

// A named whole number: "hz", "samples", "sample_duration_ms", "width", "height",
// "pixel_format" (RGB 0, BGR 1, grey 2), "source" (index among the inputs of that kind).
struct Argument {
  std::string_view name;
  int32_t value = 0;
};

struct CapabilityRequest {
  CapabilityKind kind = CapabilityKind::kRaw;
  TensorType tensor;  // what one read delivers
  FixedVector<Argument, kMaxArguments> arguments;

  // The argument's value, or `otherwise` when it is not named.
  int32_t argument(std::string_view name, int32_t otherwise) const;
};

}  // namespace rune
