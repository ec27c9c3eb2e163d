// Whole files in, whole files out.
#pragma once

#include <string>
#include <vector>

#include "device/base/bytes.h"
#include "host/support/result.h"

namespace rune {

using ByteVector = std::vector<uint8_t>;

// The file's bytes. A missing file's diagnostic names the nearest file name in its folder.
Result<ByteVector, Diagnostic> read_file(const std::string& path);
Result<std::string, Diagnostic> read_text_file(const std::string& path);

// Writes beside `path` and renames, so that `path` is never half written: on failure it is
// what it was before. "-" writes to standard output.
Result<void, Diagnostic> write_file(const std::string& path, Bytes bytes);
Result<void, Diagnostic> write_text_file(const std::string& path, const std::string& text);

}  // namespace rune
