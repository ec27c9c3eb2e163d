#include "host/support/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "host/support/text.h"

namespace rune {
namespace {

namespace fs = std::filesystem;

Diagnostic missing_file(const std::string& path) {
  Diagnostic one;
  one.where.file = path;
  one.what = "no such file";
  std::error_code error;
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) {
    one.what = fmt::format("no such file: the folder {} does not exist", folder.string());
    one.hint = "another path";
    return one;
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  std::string near = nearest(fs::path(path).filename().string(), names);
  const auto same_kind = std::find_if(names.begin(), names.end(), [&path](const std::string& name) {
    return fs::path(path).has_extension() && fs::path(name).extension() == fs::path(path).extension();
  });
  if (near.empty() && same_kind != names.end()) near = *same_kind;
  one.hint =
      near.empty() ? "another path, or making the file" : (folder == "." ? near : (folder / near).string());
  return one;
}

Diagnostic io_error(const std::string& path, const std::string& doing) {
  Diagnostic one;
  one.where.file = path;
  one.what = fmt::format("cannot {}: {}", doing, std::strerror(errno));
  return one;
}

template <typename Container>
Result<Container, Diagnostic> read_all(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return missing_file(path);
  if (fs::is_directory(path, error)) {
    Diagnostic one;
    one.where.file = path;
    one.what = "is a folder, not a file";
    one.hint = "the path of a file in it";
    return one;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return io_error(path, "open");
  Container bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return io_error(path, "read");
  return bytes;
}

bool write_all(const std::string& path, Bytes bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool synced = written && std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  const int first_errno = errno;
  const bool closed = std::fclose(file) == 0;
  if (!synced) errno = first_errno;
  return synced && closed;
}

// Renaming onto a device or a pipe would replace it: those are written in place.
bool is_special(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status);
}

}  // namespace

Result<ByteVector, Diagnostic> read_file(const std::string& path) { return read_all<ByteVector>(path); }
Result<std::string, Diagnostic> read_text_file(const std::string& path) {
  return read_all<std::string>(path);
}

Result<void, Diagnostic> write_file(const std::string& path, Bytes bytes) {
  if (path == "-") {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return written && std::fflush(stdout) == 0 ? Result<void, Diagnostic>()
                                               : io_error("standard output", "write");
  }
  errno = 0;
  if (is_special(path)) {
    if (!write_all(path, bytes)) return io_error(path, "write");
    return {};
  }
  const std::string temporary = fmt::format("{}.{}.part", path, getpid());
  if (write_all(temporary, bytes) && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const Diagnostic failure = io_error(path, "write");
  std::remove(temporary.c_str());
  return failure;
}

Result<void, Diagnostic> write_text_file(const std::string& path, const std::string& text) {
  return write_file(path, as_bytes(text));
}

}  // namespace rune
