// The device's log: lines into the ring, and to a console of the port if it has one for them.
//
//   log.line("sine", {"stopped: ", status_name(status)});     ->  [12.345678] sine: stopped: trap
#pragma once

#include <initializer_list>

#include "device/hal/clock.h"
#include "device/hal/console.h"
#include "device/runicos/log_ring.h"

namespace rune::os {

class Log {
 public:
  Log() = default;
  // `console` may be null.
  Log(MutableBytes buffer, hal::Clock& clock, hal::Console* console)
      : ring_(buffer), clock_(&clock), console_(console) {}

  // `about` names a rune, or is empty.
  void line(std::string_view about, std::initializer_list<std::string_view> parts);
  // Text as it is: what runes print on serial.
  void text(std::string_view piece) { ring_.append(piece); }
  const LogRing& ring() const { return ring_; }

 private:
  void write(std::string_view piece);

  LogRing ring_;
  hal::Clock* clock_ = nullptr;
  hal::Console* console_ = nullptr;
};

}  // namespace rune::os
