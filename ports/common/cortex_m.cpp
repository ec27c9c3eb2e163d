#include "ports/common/cortex_m.h"

namespace rune::ports {
namespace {

constexpr uint32_t kSysTickControl = 0xE000E010;
constexpr uint32_t kSysTickReload = 0xE000E014;
constexpr uint32_t kSysTickValue = 0xE000E018;
constexpr uint32_t kInterruptEnable = 0xE000E100;
constexpr uint32_t kInterruptControl = 0xE000ED04;  // ICSR
constexpr uint32_t kSysTickPending = 1u << 26;
constexpr uint32_t kApplicationInterrupt = 0xE000ED0C;  // AIRCR
constexpr uint32_t kMpuControl = 0xE000ED94;
constexpr uint32_t kMpuNumber = 0xE000ED98;
constexpr uint32_t kMpuBase = 0xE000ED9C;
constexpr uint32_t kMpuAttributes = 0xE000EDA0;
constexpr uint32_t kFaultStatus = 0xE000ED28;
constexpr uint32_t kMemoryFaultAddress = 0xE000ED34;
constexpr uint32_t kBusFaultAddress = 0xE000ED38;
constexpr uint32_t kTickPeriod = 1u << 24;

// The one counter that an interrupt handler and the clock share.
volatile uint32_t tick_wraps = 0;

}  // namespace

void enable_interrupt(uint32_t number) {
  device_register(kInterruptEnable + number / 32 * 4) = 1u << (number % 32);
}

void reset_machine() {
  asm volatile("dsb" ::: "memory");
  device_register(kApplicationInterrupt) = 0x05FA0004;
  while (true) {
  }
}

SysTickClock::SysTickClock(uint32_t ticks_per_second) : half_ticks_per_us_(ticks_per_second / 500000) {}

void SysTickClock::start() {
  device_register(kSysTickReload) = kTickPeriod - 1;
  device_register(kSysTickValue) = 0;
  device_register(kSysTickControl) = 7;  // core clock, interrupt, on
}

// A wrap that is not counted yet, because its interrupt is still to come, counts too.
uint64_t SysTickClock::counted_ticks() const {
  while (true) {
    const uint32_t wraps = tick_wraps;
    const uint32_t before = device_register(kInterruptControl) & kSysTickPending;
    const uint32_t value = device_register(kSysTickValue);
    const uint32_t after = device_register(kInterruptControl) & kSysTickPending;
    if (before != after || wraps != tick_wraps) continue;
    return (static_cast<uint64_t>(wraps + (after != 0 ? 1 : 0)) << 24) + (kTickPeriod - 1 - value);
  }
}

uint64_t SysTickClock::ticks() { return counted_ticks() - idle_ticks_; }

// Carries the remainder from call to call: a 32-bit division instead of one of 64 bits.
uint64_t SysTickClock::now_us() {
  const uint64_t now = ticks() * 2;
  uint64_t passed = now - counted_half_ticks_;
  if (passed > UINT32_MAX) {  // a minute or more since the last call
    now_us_ += passed / half_ticks_per_us_;
    passed %= half_ticks_per_us_;
  }
  now_us_ += static_cast<uint32_t>(passed) / half_ticks_per_us_;
  counted_half_ticks_ = now - static_cast<uint32_t>(passed) % half_ticks_per_us_;
  return now_us_;
}

void SysTickClock::idle() {
  const uint64_t before = counted_ticks();
  device_register(kSysTickControl) = 0;
  asm volatile("dsb\n wfi" ::: "memory");
  device_register(kSysTickControl) = 7;
  // Emulators differ in what a stopped counter shows afterwards: none of it counts.
  idle_ticks_ += counted_ticks() - before;
}

void protect_memory(const ProtectedRegion* regions, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t size_exponent = 31 - static_cast<uint32_t>(__builtin_clz(regions[i].size_bytes));
    const uint32_t access = regions[i].writable ? 3 : 6;  // for all, or read-only
    device_register(kMpuNumber) = i;
    device_register(kMpuBase) = regions[i].begin;
    device_register(kMpuAttributes) =
        (regions[i].executable ? 0 : 1u << 28) | access << 24 | (size_exponent - 1) << 1 | 1;
  }
  device_register(kMpuControl) = 1;  // no background region
  asm volatile("dsb\n isb" ::: "memory");
}

extern "C" void SysTick_Handler() { tick_wraps = tick_wraps + 1; }

// Entered by the fault vectors (startup.cpp).
extern "C" [[noreturn]] void rune_fault_entry(uint32_t exception, uint32_t lr, uint32_t pc) {
  Fault fault{exception, device_register(kFaultStatus), 0, pc, lr};
  if (fault.status & 0x80) fault.address = device_register(kMemoryFaultAddress);
  if (fault.status & 0x8000) fault.address = device_register(kBusFaultAddress);
  rune_board_fault(fault);
}

}  // namespace rune::ports
