// A file as a device gets it: received, installed, started and called once. Whatever the
// bytes are, the device refuses them or runs them, and takes a good rune afterwards.
#include <cstdlib>

#include "device/runicos/simulated_port.h"
#include "device/runicos/test_rune.h"

namespace {

rune::Status put(rune::os::RunicOs& os, rune::Bytes file) {
  RUNE_TRY(os.receive("fuzz", file));
  return os.install("fuzz");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 8192) return 0;
  rune::os::SimulatedPort port;
  if (port.boot() != rune::Status::kOk) std::abort();
  if (put(*port.os, rune::Bytes(data, size)) == rune::Status::kOk) (void)port.os->call("fuzz");
  rune::os::TestRune good;
  good.call = rune::os::constant(0);
  const std::vector<uint8_t> file = good.build();
  if (put(*port.os, file) != rune::Status::kOk || port.os->call("fuzz") != rune::Status::kOk) std::abort();
  if (port.flash.violations() != 0) std::abort();
  return 0;
}
