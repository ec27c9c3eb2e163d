// Manifest and profile: any bytes; what is accepted must write and parse again.
#include <cstdlib>

#include "device/format/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rune::format;
  const rune::Bytes bytes(data, size);
  static uint8_t buffer[2 * kMaxManifestBytes];
  const auto manifest = parse_manifest(bytes);
  if (manifest.ok()) {
    rune::CborWriter out(buffer);
    // Bytes from elsewhere may not be in the shortest form; ours are, so they are never longer.
    if (write_manifest(manifest.value(), out) != rune::Status::kOk) std::abort();
    if (!parse_manifest(out.written()).ok()) std::abort();
  }
  const auto profile = parse_profile(bytes);
  if (profile.ok()) {
    rune::CborWriter out(buffer);
    if (write_profile(profile.value(), out) != rune::Status::kOk) std::abort();
    if (!parse_profile(out.written()).ok()) std::abort();
  }
  if (manifest.ok() && profile.ok()) std::abort();  // no bytes are both
  return 0;
}
