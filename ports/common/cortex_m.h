// The parts of a Cortex-M that every board shares: registers, SysTick clock,
// memory protection, faults, reset.
#pragma once

#include <cstdint>

#include "device/hal/clock.h"

namespace rune::ports {

inline volatile uint32_t& device_register(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t*>(address);
}

// Lets interrupt `number` (0: the first external one) reach the core.
void enable_interrupt(uint32_t number);
// Keeps interrupts pending while it lives; a core waiting for an interrupt still wakes.
class InterruptsOff {
 public:
  InterruptsOff() { asm volatile("cpsid i" ::: "memory"); }
  ~InterruptsOff() { asm volatile("cpsie i" ::: "memory"); }
  InterruptsOff(const InterruptsOff&) = delete;
};
// Starts the machine anew, as SYSRESETREQ does.
[[noreturn]] void reset_machine();

// Counts the core's clock with SysTick, interrupts extending its 24 bits. Ticks are exact
// and repeatable under the emulator's instruction counting. One instance a board.
class SysTickClock final : public hal::Clock {
 public:
  // A multiple of 500,000.
  explicit SysTickClock(uint32_t ticks_per_second);
  void start();

  uint64_t ticks();
  uint64_t now_us() override;

  // Waits for an interrupt, also a pending one, with the clock stopped: an emulator that skips idle time
  // would otherwise jump from tick to tick without end. So idle time is not counted.
  void idle();

 private:
  uint64_t counted_ticks() const;

  uint32_t half_ticks_per_us_;
  uint64_t counted_half_ticks_ = 0;  // those that now_us_ stands for
  uint64_t now_us_ = 0;
  uint64_t idle_ticks_ = 0;
};

// Read, write and execute rights of a power-of-two region, aligned to its size.
struct ProtectedRegion {
  uint32_t begin;
  uint32_t size_bytes;  // at least 32
  bool writable;
  bool executable;
};

// Switches the memory protection unit on with just these regions (up to 8): every other
// access to memory faults, also one by the operating system itself.
void protect_memory(const ProtectedRegion* regions, uint32_t count);

// What a fault leaves behind. Registers are those that the core stacked.
struct Fault {
  uint32_t exception;  // number of the vector: 3 hard fault, 4 memory, 5 bus, 6 usage
  uint32_t status;     // CFSR
  uint32_t address;    // BFAR or MMFAR, as the status says
  uint32_t pc;
  uint32_t lr;
};

// What an image does about a fault; an image that defines none prints it and exits with 120.
extern "C" [[noreturn]] void rune_board_fault(const Fault& fault);

}  // namespace rune::ports
