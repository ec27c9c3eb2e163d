// LM3S6965EVB: PL011 UART 0, core clock of 12.5 MHz after reset.
//
// The receive buffer holds one byte: the interrupt moves it into a ring, and stays
// masked while the ring is full, so that the sender waits instead of losing bytes.
#include "ports/common/board.h"

#include "ports/common/receive_ring.h"

namespace rune::ports {
namespace {

constexpr uint32_t kTicksPerSecond = 12500000;
constexpr uint32_t kClockGates1 = 0x400FE104;  // RCGC1: UART 0 is bit 0
constexpr uint32_t kClockGates2 = 0x400FE108;  // RCGC2: GPIO port A is bit 0
constexpr uint32_t kPortAFunctions = 0x40004420;
constexpr uint32_t kPortADigital = 0x4000451C;
constexpr uint32_t kUart = 0x4000C000;
constexpr uint32_t kUartData = kUart + 0x00;
constexpr uint32_t kUartFlags = kUart + 0x18;  // 0x10 receive FIFO empty, 0x20 transmit FIFO full
constexpr uint32_t kUartDivisor = kUart + 0x24;
constexpr uint32_t kUartFraction = kUart + 0x28;
constexpr uint32_t kUartLine = kUart + 0x2C;
constexpr uint32_t kUartControl = kUart + 0x30;
constexpr uint32_t kUartMask = kUart + 0x38;
constexpr uint32_t kUartClear = kUart + 0x44;
constexpr uint32_t kReceiveInterrupts = 0x10 | 0x40;  // a byte, or bytes and a pause

class Pl011Uart final : public hal::BytePipe {
 public:
  void start() {
    device_register(kClockGates1) |= 1;
    device_register(kClockGates2) |= 1;
    device_register(kPortAFunctions) |= 3;
    device_register(kPortADigital) |= 3;
    device_register(kUartDivisor) = 6;  // 12.5 MHz / (16 * 115200) = 6 + 50/64
    device_register(kUartFraction) = 50;
    device_register(kUartLine) = 0x60;  // 8 bits, FIFO off: an interrupt for each byte
    device_register(kUartControl) = 0x301;
    device_register(kUartMask) = kReceiveInterrupts;
    enable_interrupt(5);
  }

  size_t read(MutableBytes into) override {
    const size_t count = ring_.pop(into);
    const InterruptsOff critical;
    device_register(kUartMask) = kReceiveInterrupts;
    on_interrupt();  // what arrived while the interrupt was off
    return count;
  }
  bool empty() const { return ring_.empty(); }

  Status write(Bytes bytes) override {
    for (const uint8_t byte : bytes) {
      while (device_register(kUartFlags) & 0x20) {
      }
      device_register(kUartData) = byte;
    }
    return Status::kOk;
  }

  void on_interrupt() {
    while ((device_register(kUartFlags) & 0x10) == 0) {
      if (ring_.full()) {
        device_register(kUartMask) = 0;
        return;
      }
      ring_.push(static_cast<uint8_t>(device_register(kUartData)));
    }
    device_register(kUartClear) = kReceiveInterrupts;
  }

 private:
  ReceiveRing ring_;
};

Pl011Uart uart_driver;
SysTickClock clock_driver(kTicksPerSecond);

}  // namespace

extern "C" void Interrupt5_Handler() { uart_driver.on_interrupt(); }

namespace board {

const char* name() { return "lm3s6965evb"; }
uint32_t ticks_per_second() { return kTicksPerSecond; }
SysTickClock& clock() { return clock_driver; }
hal::BytePipe& uart() { return uart_driver; }

void idle() {
  const InterruptsOff critical;
  if (uart_driver.empty()) clock_driver.idle();
}

void start() {
  clock_driver.start();
  uart_driver.start();
}

}  // namespace board
}  // namespace rune::ports
