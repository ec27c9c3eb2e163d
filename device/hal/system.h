// What RunicOS asks of the machine besides sensors, flash and lines.
#pragma once

namespace rune::hal {

class System {
 public:
  // Starts the machine anew. Does not return on a device; a simulator records it.
  virtual void reset() = 0;
  // Nothing to do until an interrupt or the next byte.
  virtual void idle() = 0;

 protected:
  ~System() = default;
};

}  // namespace rune::hal
