// The runner as an image: semihosting argument `commands=PACKED_SCRIPT`.
#include <cstdio>

#include "ports/common/board.h"
#include "ports/common/semihosting.h"
#include "tests/spec/runner.h"

int main() {
  rune::ports::board::start();
  static char text[512], path[256];
  const rune::semihosting::CommandLine arguments(text);
  if (arguments.value("commands", path) == nullptr) {
    std::printf("argument commands=FILE is missing\n");
    return 2;
  }
  size_t size = 0;
  const uint8_t* packed = rune::spec::read_file(path, size);
  if (packed == nullptr) return 2;
  return rune::spec::run_script({packed, size}) == 0 ? 0 : 1;
}
