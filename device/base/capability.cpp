#include "device/base/capability.h"

namespace rune {

const char* capability_name(CapabilityKind kind) {
  switch (kind) {
    case CapabilityKind::kRandom: return "random";
    case CapabilityKind::kSound: return "sound";
    case CapabilityKind::kAccelerometer: return "accelerometer";
    case CapabilityKind::kImage: return "image";
    case CapabilityKind::kRaw: return "raw";
    case CapabilityKind::kFloatImage: return "float-image";
  }
  return "?";
}

const char* output_name(OutputKind kind) {
  switch (kind) {
    case OutputKind::kSerial: return "serial";
    case OutputKind::kBle: return "ble";
    case OutputKind::kPin: return "pin";
    case OutputKind::kWifi: return "wifi";
    case OutputKind::kTensor: return "tensor";
  }
  return "?";
}

int32_t CapabilityRequest::argument(std::string_view name, int32_t otherwise) const {
  for (const Argument& each : arguments) {
    if (each.name == name) return each.value;
  }
  return otherwise;
}

}  // namespace rune
