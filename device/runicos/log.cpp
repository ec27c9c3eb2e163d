#include "device/runicos/log.h"

#include "device/base/format_number.h"

namespace rune::os {

void Log::write(std::string_view piece) {
  ring_.append(piece);
  if (console_ != nullptr) console_->write(piece);
}

void Log::line(std::string_view about, std::initializer_list<std::string_view> parts) {
  const uint64_t now_us = clock_->now_us();
  char digits[kMaxNumberText];
  write("[");
  write({digits, format_unsigned(now_us / 1000000, digits)});
  // Six digits of the fraction, zeros included: the 1 in front is cut off.
  (void)format_unsigned(1000000 + now_us % 1000000, digits);
  digits[0] = '.';
  write({digits, 7});
  write("] ");
  if (!about.empty()) {
    write(about);
    write(": ");
  }
  for (const std::string_view part : parts) write(part);
  write("\n");
}

}  // namespace rune::os
