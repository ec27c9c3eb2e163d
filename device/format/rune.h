// A rune: a WebAssembly module with custom sections, viewed in place.
//
//   rune.manifest (first), rune.graph, rune.model.<name>[.<target>],
//   rune.resource.<name>, rune.aot.<target>, rune.pad, rune.signature (last)
//
// docs/spec/rune.md is the page. open() walks the section headers once; section
// payloads are views. Payloads of rune.model.* start 16-byte aligned from the
// start of the file (rune.pad sections make it so), and the store keeps files
// 16-byte aligned, so models are used in place.
#pragma once

#include "device/format/manifest.h"

namespace rune::format {

inline constexpr std::string_view kManifestSection = "rune.manifest";
inline constexpr std::string_view kModelPrefix = "rune.model.";
inline constexpr std::string_view kResourcePrefix = "rune.resource.";
inline constexpr uint32_t kModelAlignment = 16;

// One section of a module, in the order of the file.
struct Section {
  uint8_t id = 0;             // 0: custom
  std::string_view name;      // of a custom section, else empty
  uint32_t offset_bytes = 0;  // of its id byte, from the start of the file
  uint32_t size_bytes = 0;    // whole, header included
  Bytes payload;              // after the name
};

// Reads sections one after another.
//
//   SectionReader reader(file.bytes());
//   while (!reader.at_end()) { Result<Section> section = reader.next(); ... }
class SectionReader {
 public:
  // Starts after the module's 8-byte header, which must be there.
  explicit SectionReader(Bytes module) : module_(module) {}
  bool at_end() const { return at_ >= module_.size(); }
  // kMalformed when the section runs out of the file.
  Result<Section> next();

 private:
  Result<uint32_t> leb128();

  Bytes module_;
  size_t at_ = 8;
};

class RuneFile {
 public:
  RuneFile() = default;

  // kMalformed when `bytes` is no module or a section runs out of it; kInvalid when the
  // manifest section is not the first section, or a model is not aligned.
  static Result<RuneFile> open(Bytes bytes);

  Bytes bytes() const { return bytes_; }
  Bytes manifest_bytes() const { return manifest_; }

  // The payload of the first custom section of that name; kNotFound.
  Result<Bytes> section(std::string_view name) const;
  // rune.model.<name>.<target> when it is there, else rune.model.<name>; kNotFound.
  Result<Bytes> model(std::string_view name, std::string_view target) const;
  Result<Bytes> resource(std::string_view name) const;

 private:
  Result<Bytes> section(std::string_view prefix, std::string_view name, std::string_view target) const;

  Bytes bytes_;
  Bytes manifest_;
};

}  // namespace rune::format
