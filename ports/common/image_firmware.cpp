// Firmware images: no C library but its memory functions, nothing behind main().
#include "ports/common/cortex_m.h"

extern "C" {

void rune_image_begin() {}
[[noreturn]] void rune_image_end(int) { rune::ports::reset_machine(); }
// A pure virtual call or a failed internal assertion: a bug of ours, handled like a fault.
[[noreturn]] void abort() { __builtin_trap(); }
void __cxa_pure_virtual() { __builtin_trap(); }
int __aeabi_atexit(void*, void (*)(void*), void*) { return 0; }
[[noreturn]] void exit(int) { rune::ports::reset_machine(); }
void* __dso_handle = nullptr;

}  // extern "C"
