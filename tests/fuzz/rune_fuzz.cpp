// Rune container: any bytes; every section that is found lies inside the file.
#include <cstdlib>

#include "device/format/rune.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rune::format;
  const rune::Bytes bytes(data, size);
  const auto file = RuneFile::open(bytes);
  if (!file.ok()) return 0;
  const auto inside = [&bytes](rune::Bytes part) {
    return part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + bytes.size();
  };
  if (!inside(file.value().manifest_bytes())) std::abort();
  for (SectionReader reader(bytes); !reader.at_end();) {
    const auto section = reader.next();
    if (!section.ok() || !inside(section.value().payload)) std::abort();
  }
  const auto manifest = parse_manifest(file.value().manifest_bytes());
  if (!manifest.ok()) return 0;
  for (const ModelRequest& each : manifest.value().models) {
    const auto model = file.value().model(each.name, "cortex-m4");
    if (model.ok() && !inside(model.value())) std::abort();
  }
  for (const std::string_view each : manifest.value().resources) {
    const auto resource = file.value().resource(each);
    if (resource.ok() && !inside(resource.value())) std::abort();
  }
  return 0;
}
