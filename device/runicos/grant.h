// Permission tokens: what the device's policy lets runes reach.
//
// A grant is the only way to a sensor or an output, and only a port can make one: the
// constructors are private and their one friend, PortAuthority, is a class that each
// port defines in its own files (tests define one for their simulated port). So no code
// of RunicOS, and no guest, can invent a permission; it can only pass on what main() gave.
#pragma once

#include "device/base/capability.h"
#include "device/hal/sensor.h"
#include "device/hal/tensor_output.h"

namespace rune::os {

class PortAuthority;

// The right to read one sensor.
class SensorGrant {
 public:
  hal::Sensor& sensor() const { return *sensor_; }
  CapabilityKind kind() const { return sensor_->kind(); }

 private:
  friend class PortAuthority;
  explicit SensorGrant(hal::Sensor& sensor) : sensor_(&sensor) {}
  hal::Sensor* sensor_;
};

// The right to write to one kind of output. `receiver` is there for kTensor only; serial
// lines go to the port's console.
class OutputGrant {
 public:
  OutputKind kind() const { return kind_; }
  hal::TensorOutput* receiver() const { return receiver_; }

 private:
  friend class PortAuthority;
  explicit OutputGrant(OutputKind kind, hal::TensorOutput* receiver = nullptr)
      : kind_(kind), receiver_(receiver) {}
  OutputKind kind_;
  hal::TensorOutput* receiver_;
};

}  // namespace rune::os
