// The one maker of permissions (device/runicos/grant.h). Only ports include this: what
// main() grants here is all that runes on the machine can reach.
#pragma once

#include "device/runicos/grant.h"

namespace rune::os {

class PortAuthority {
 public:
  static SensorGrant grant(hal::Sensor& sensor) { return SensorGrant(sensor); }
  static OutputGrant grant_serial() { return OutputGrant(OutputKind::kSerial); }
  static OutputGrant grant_tensor(hal::TensorOutput& receiver) {
    return OutputGrant(OutputKind::kTensor, &receiver);
  }
};

}  // namespace rune::os
