#include "ports/common/semihosting.h"

#include <algorithm>

namespace rune::semihosting {
namespace {

enum Call : uint32_t {
  kOpen = 0x01,
  kClose = 0x02,
  kWrite0 = 0x04,
  kWriteFile = 0x05,
  kReadFile = 0x06,
  kSeek = 0x0A,
  kLength = 0x0C,
  kGetCommandLine = 0x15,
  kExitExtended = 0x20,
};
constexpr uint32_t kApplicationExit = 0x20026;

int32_t call(uint32_t operation, const void* parameter) {
  register uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = parameter;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int32_t>(r0);
}

uint32_t address(const void* pointer) { return reinterpret_cast<uint32_t>(pointer); }

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

int32_t open(const char* path, Mode mode) {
  const uint32_t block[3] = {address(path), static_cast<uint32_t>(mode), static_cast<uint32_t>(strlen(path))};
  return call(kOpen, block);
}

void close(int32_t file) {
  const int32_t block[1] = {file};
  call(kClose, block);
}

size_t read(int32_t file, MutableBytes into) {
  const uint32_t block[3] = {static_cast<uint32_t>(file), address(into.data()),
                             static_cast<uint32_t>(into.size())};
  const int32_t not_read = call(kReadFile, block);
  if (not_read < 0 || static_cast<size_t>(not_read) > into.size()) return 0;
  return into.size() - static_cast<size_t>(not_read);
}

bool write(int32_t file, Bytes bytes) {
  const uint32_t block[3] = {static_cast<uint32_t>(file), address(bytes.data()),
                             static_cast<uint32_t>(bytes.size())};
  return call(kWriteFile, block) == 0;
}

bool seek(int32_t file, uint32_t offset) {
  const uint32_t block[2] = {static_cast<uint32_t>(file), offset};
  return call(kSeek, block) == 0;
}

int32_t length(int32_t file) {
  const int32_t block[1] = {file};
  return call(kLength, block);
}

void print(const char* text) { call(kWrite0, text); }

void print_number(uint32_t value) {
  char digits[11];
  char* at = digits + sizeof(digits);
  *--at = 0;
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  print(at);
}

void exit(int code) {
  const uint32_t block[2] = {kApplicationExit, static_cast<uint32_t>(code)};
  call(kExitExtended, block);
  while (true) {
  }
}

CommandLine::CommandLine(std::span<char> buffer) {
  uint32_t block[2] = {address(buffer.data()), static_cast<uint32_t>(buffer.size())};
  if (call(kGetCommandLine, block) == 0)
    text_ = {buffer.data(), std::min<size_t>(block[1], strlen(buffer.data()))};
}

const char* CommandLine::value(std::string_view key, std::span<char> into) const {
  size_t at = 0;
  while (at < text_.size()) {
    const size_t end = std::min(text_.find(' ', at), text_.size());
    const std::string_view word = text_.substr(at, end - at);
    at = end + 1;
    if (word.size() <= key.size() || word.substr(0, key.size()) != key || word[key.size()] != '=') continue;
    size_t size = 0;
    for (size_t i = key.size() + 1; i < word.size(); ++i) {
      if (size + 1 >= into.size()) return nullptr;
      char letter = word[i];
      if (letter == '%' && i + 2 < word.size() && hex_digit(word[i + 1]) >= 0 &&
          hex_digit(word[i + 2]) >= 0) {
        letter = static_cast<char>(hex_digit(word[i + 1]) * 16 + hex_digit(word[i + 2]));
        i += 2;
      }
      into[size++] = letter;
    }
    into[size] = 0;
    return into.data();
  }
  return nullptr;
}

uint32_t CommandLine::number(std::string_view key, uint32_t otherwise) const {
  char digits[12];
  const char* text = value(key, digits);
  if (text == nullptr || *text == 0) return otherwise;
  uint32_t number = 0;
  for (; *text != 0; ++text) {
    if (*text < '0' || *text > '9') return otherwise;
    number = number * 10 + static_cast<uint32_t>(*text - '0');
  }
  return number;
}

}  // namespace rune::semihosting
