#include "host/cli/loaded_rune.h"

#include <fmt/format.h>

#include <cstring>

namespace rune::cli {
namespace {

using format::Section;

const char* const kRebuild = "building or copying the file again";

Diagnostic wrong(const std::string& path, const std::string& node, const std::string& what, Status status) {
  return from_status({.file = path, .node = node}, what, status, kRebuild);
}

// The image aligned as a store would have it: views of the file may not be.
Result<format::ModelImage, Diagnostic> open_image(const std::string& path, const Section& section,
                                                  ByteVector& copy) {
  constexpr size_t kAlignment = format::kModelAlignment;
  copy.resize(section.payload.size() + kAlignment);
  void* start = copy.data();
  size_t space = copy.size();
  std::align(kAlignment, section.payload.size(), start, space);
  if (!section.payload.empty()) std::memcpy(start, section.payload.data(), section.payload.size());
  const Bytes image(static_cast<const uint8_t*>(start), section.payload.size());
  const auto opened = format::ModelImage::open(image);
  if (!opened.ok())
    return wrong(path, fmt::format("section {}", section.name), "the model image is damaged",
                 opened.status());
  return opened.value();
}

Result<void, Diagnostic> check_model(const std::string& path, const LoadedRune& rune,
                                     const format::ModelRequest& model) {
  const auto portable = rune.file.model(model.name, {});
  const std::string node = fmt::format("section {}{}", format::kModelPrefix, model.name);
  if (!portable.ok())
    return wrong(path, node, "the model that the manifest names is missing", portable.status());
  if (portable.value().size() != model.image_bytes) {
    Diagnostic one = wrong(path, node, "the model's size is not the manifest's", Status::kMismatch);
    one.limit = model.image_bytes;
    one.actual = static_cast<int64_t>(portable.value().size());
    one.unit = "bytes";
    return one;
  }
  return {};
}

Result<void, Diagnostic> check_sections(const std::string& path, const LoadedRune& rune) {
  bool has_code = false;
  for (format::SectionReader reader(rune.bytes); !reader.at_end();) {
    const auto section = reader.next();
    if (!section.ok()) return wrong(path, "", "a section runs out of the file", section.status());
    constexpr uint8_t kCodeSection = 10;
    has_code = has_code || section.value().id == kCodeSection;
    if (!section.value().name.starts_with(format::kModelPrefix)) continue;
    ByteVector copy;
    const auto image = open_image(path, section.value(), copy);
    if (!image.ok()) return image.error();
  }
  if (!has_code) return wrong(path, "", "the file ends before the code", Status::kMalformed);
  return {};
}

}  // namespace

Result<LoadedRune, Diagnostic> load_rune(const std::string& path) {
  auto bytes = read_file(path);
  if (!bytes.ok()) return bytes.error();
  LoadedRune rune;
  rune.bytes = std::move(bytes.value());
  const auto file = format::RuneFile::open(rune.bytes);
  if (!file.ok()) {
    const bool module = rune.bytes.size() >= 8 && std::memcmp(rune.bytes.data(), "\0asm\1\0\0\0", 8) == 0;
    return wrong(path, "",
                 !module                               ? "this is not a rune"
                 : file.status() == Status::kMalformed ? "the file is cut off or damaged"
                                                       : "this is a WebAssembly module, but not a rune",
                 file.status());
  }
  rune.file = file.value();
  const Status parsed = format::parse_manifest(rune.file.manifest_bytes(), rune.manifest);
  if (parsed != Status::kOk) return wrong(path, "section rune.manifest", "the manifest is damaged", parsed);
  const auto sections = check_sections(path, rune);
  if (!sections.ok()) return sections.error();
  for (const format::ModelRequest& model : rune.manifest.models) {
    const auto checked = check_model(path, rune, model);
    if (!checked.ok()) return checked.error();
  }
  for (const std::string_view name : rune.manifest.resources) {
    const auto resource = rune.file.resource(name);
    const std::string node = fmt::format("section {}{}", format::kResourcePrefix, name);
    if (!resource.ok())
      return wrong(path, node, "the resource that the manifest names is missing", resource.status());
  }
  return rune;
}

std::string model_target(std::string_view section_name) {
  if (!section_name.starts_with(format::kModelPrefix)) return {};
  const size_t dot = section_name.find('.', format::kModelPrefix.size());
  return dot == std::string_view::npos ? "portable" : std::string(section_name.substr(dot + 1));
}

}  // namespace rune::cli
