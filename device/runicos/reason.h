// Why something was refused or failed, in words of a bounded length.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "device/base/format_number.h"
#include "device/runicos/config.h"

namespace rune::os {

class Reason {
 public:
  void clear() { size_ = 0; }
  // What does not fit is cut off.
  Reason& set(std::initializer_list<std::string_view> parts) {
    clear();
    for (const std::string_view part : parts) append(part);
    return *this;
  }
  Reason& append(std::string_view part) {
    const size_t count = std::min(part.size(), sizeof(text_) - size_);
    memcpy(text_ + size_, part.data(), count);
    size_ += count;
    return *this;
  }
  Reason& append(uint32_t number) {
    char digits[kMaxNumberText];
    return append({digits, format_unsigned(number, digits)});
  }
  std::string_view text() const { return {text_, size_}; }

 private:
  char text_[kReasonBytes] = {};
  size_t size_ = 0;
};

}  // namespace rune::os
