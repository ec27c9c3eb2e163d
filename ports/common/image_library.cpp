// Images with the C library over semihosting (tests, measuring tools): printf, files, malloc.
#include <cerrno>
#include <cstddef>

#include "ports/common/semihosting.h"

extern "C" {

void* __dso_handle = nullptr;  // crtbegin.o would define it

void initialise_monitor_handles();
[[noreturn]] void exit(int code);
extern char rune_pool_begin[], rune_pool_end[];

void rune_image_begin() { initialise_monitor_handles(); }
[[noreturn]] void rune_image_end(int code) { exit(code); }
[[noreturn]] void _exit(int code) { rune::semihosting::exit(code); }

// malloc has all RAM behind the image.
void* _sbrk(ptrdiff_t increment) {
  static char* heap = rune_pool_begin;
  if (increment > rune_pool_end - heap) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  char* const begin = heap;
  heap += increment;
  return begin;
}

// What the library's file functions ask for and semihosting cannot give.
char* getcwd(char* buffer, size_t size) {
  if (size < 2) return nullptr;
  buffer[0] = '.';
  buffer[1] = 0;
  return buffer;
}
int mkdir(const char*, unsigned) { return -1; }

}  // extern "C"
