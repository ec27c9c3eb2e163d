// From reset to main(): vector table, FPU, initialised and zeroed memory, constructors.
//
// The linker script (sections.ld) supplies the symbols. The stack lies at the
// bottom of RAM, so that an overflow leaves RAM and faults instead of eating data.
#include <cstdint>

extern "C" {

extern uint32_t rune_stack_top[];
extern uint32_t rune_data_load[], rune_data_begin[], rune_data_end[];
extern uint32_t rune_bss_begin[], rune_bss_end[];

int main();
void __libc_init_array();
[[noreturn]] void exit(int code);
void rune_image_begin();  // before constructors: the C library of the image's flavour
[[noreturn]] void rune_image_end(int code);
void SysTick_Handler();

void _init() {}
void _fini() {}

[[noreturn]] void Reset_Handler() {
#if defined(__ARM_FP)
  // CPACR: full access to the floating-point unit before anything can use it.
  *reinterpret_cast<volatile uint32_t*>(0xE000ED88) |= 0xFu << 20;
  asm volatile("dsb\n isb" ::: "memory");
#endif
  const uint32_t* from = rune_data_load;
  for (uint32_t* to = rune_data_begin; to < rune_data_end; ++to) *to = *from++;
  for (uint32_t* to = rune_bss_begin; to < rune_bss_end; ++to) *to = 0;
  rune_image_begin();
  __libc_init_array();
  rune_image_end(main());
}

// Hands exception, lr and pc of the fault to rune_fault_entry(), on a stack that is whole: the
// one in use may be what overflowed, and then no frame was stacked. Nothing returns from here.
__attribute__((naked)) void Fault_Handler() {
  asm volatile(
      "tst lr, #4\n"
      "ite eq\n"
      "mrseq r0, msp\n"
      "mrsne r0, psp\n"
      "movs r2, #0\n"
      "movs r3, #0\n"
      "ldr r1, =rune_stack_bottom\n"
      "cmp r0, r1\n"
      "itt hs\n"
      "ldrhs r2, [r0, #20]\n"
      "ldrhs r3, [r0, #24]\n"
      "ldr r1, =rune_stack_top\n"
      "mov sp, r1\n"
      "mrs r0, ipsr\n"
      "mov r1, r2\n"
      "mov r2, r3\n"
      "b rune_fault_entry\n");
}

__attribute__((weak)) void Default_Interrupt() {
  while (true) {
  }
}
// External interrupts that boards use; a board defines those it has.
__attribute__((weak, alias("Default_Interrupt"))) void Interrupt0_Handler();
__attribute__((weak, alias("Default_Interrupt"))) void Interrupt5_Handler();

using Vector = void (*)();
__attribute__((section(".vectors"), used)) const Vector rune_vectors[16 + 16] = {
    reinterpret_cast<Vector>(rune_stack_top),
    Reset_Handler,
    Fault_Handler,  // non-maskable interrupt
    Fault_Handler,  // hard fault
    Fault_Handler,  // memory management
    Fault_Handler,  // bus
    Fault_Handler,  // usage
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    Default_Interrupt,  // supervisor call
    Default_Interrupt,  // debug monitor
    nullptr,
    Default_Interrupt,  // pendable service
    SysTick_Handler,
    Interrupt0_Handler,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Interrupt5_Handler,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
    Default_Interrupt,
};

}  // extern "C"
