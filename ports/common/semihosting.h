// Semihosting: the calls by which an image on an emulated board reaches the
// host's files, arguments and exit code.
//
//   char buffer[512];
//   CommandLine arguments(buffer);
//   const int32_t file = open(arguments.value("flash", path), Mode::kReadWrite);
//
// Only images for emulators use this: a board with real flash and sensors has
// drivers in its place. Numbers are of Arm's semihosting specification 2.0.
#pragma once

#include <span>

#include "device/base/bytes.h"

namespace rune::semihosting {

// Modes of fopen: "rb", "r+b", "wb".
enum class Mode : uint32_t { kRead = 1, kReadWrite = 3, kWrite = 5 };

// A handle, or -1. `path` is NUL-terminated.
int32_t open(const char* path, Mode mode);
void close(int32_t file);
// Bytes read: fewer than asked at the end of the file, 0 on failure.
size_t read(int32_t file, MutableBytes into);
// Whether all of `bytes` were written.
bool write(int32_t file, Bytes bytes);
bool seek(int32_t file, uint32_t offset);
// Bytes in the file, or -1.
int32_t length(int32_t file);

// Text on the emulator's console, beside the board's UART.
void print(const char* text);
void print_number(uint32_t value);
// Ends the emulator with this exit code.
[[noreturn]] void exit(int code);

// The arguments of -semihosting-config arg=...: words `key=value` separated by
// spaces; %20 and the like stand for characters that a word cannot hold.
class CommandLine {
 public:
  // Reads the arguments into `buffer`, which must outlive this; truncated when too long.
  explicit CommandLine(std::span<char> buffer);

  // The value of `key`, decoded into `into` and NUL-terminated; null when absent or too long.
  const char* value(std::string_view key, std::span<char> into) const;
  // The same as a decimal number.
  uint32_t number(std::string_view key, uint32_t otherwise) const;
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace rune::semihosting
