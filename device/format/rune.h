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

class RuneFile {
 public:
  RuneFile() = default;

  // kMalformed when `bytes` is no module or a section runs out of it; kInvalid when the
  // manifest section is not the first section.
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
