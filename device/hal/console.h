// Where text for people goes: the lines that runes print, and the log.
#pragma once

#include <string_view>

namespace rune::hal {

class Console {
 public:
  // Takes a piece of text; lines end with '\n'. Never fails: a console that is gone drops it.
  virtual void write(std::string_view text) = 0;

 protected:
  ~Console() = default;
};

}  // namespace rune::hal
