// spec-runner PACKED_SCRIPT: see tools/spec.py, which starts it.
#include <cstdio>
#include <cstdlib>

#include "tests/spec/runner.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: spec-runner PACKED_SCRIPT\n");
    return 2;
  }
  size_t size = 0;
  uint8_t* packed = rune::spec::read_file(argv[1], size);
  if (packed == nullptr) return 2;
  const int failed = rune::spec::run_script({packed, size});
  std::free(packed);
  return failed == 0 ? 0 : 1;
}
