// A source of tensors: microphone, accelerometer, camera, raw bytes, random numbers.
//
// The port owns its sensors and says what each can do in its profile. One
// Sensor serves one kind; RunicOS configures it with the request that the
// manifest makes and the policy grants, then reads whole tensors.
#pragma once

#include "device/base/bytes.h"
#include "device/base/capability.h"
#include "device/base/status.h"

namespace rune::hal {

class Sensor {
 public:
  virtual CapabilityKind kind() const = 0;

  // Prepares to deliver `request`; kUnsupported when rate, type or size is not offered.
  virtual Status open(const CapabilityRequest& request) = 0;
  // Fills `into` with the next tensor of the request. kEndOfData when a recorded source has
  // ended, kIo when the machine failed.
  virtual Status read(const CapabilityRequest& request, MutableBytes into) = 0;

 protected:
  ~Sensor() = default;
};

}  // namespace rune::hal
