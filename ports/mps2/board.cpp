// MPS2 with image AN386: CMSDK UART 0, 25 MHz core clock.
//
// The UART's receive buffer holds one byte: the interrupt moves it into a ring, and
// stays off while the ring is full, so that the sender waits instead of losing bytes.
#include "ports/common/board.h"

#include "ports/common/receive_ring.h"

namespace rune::ports {
namespace {

constexpr uint32_t kTicksPerSecond = 25000000;
constexpr uint32_t kUart = 0x40004000;
constexpr uint32_t kUartData = kUart + 0x00;
constexpr uint32_t kUartState = kUart + 0x04;  // 1 transmit buffer full, 2 receive buffer full
constexpr uint32_t kUartControl = kUart + 0x08;
constexpr uint32_t kUartClear = kUart + 0x0C;
constexpr uint32_t kUartDivisor = kUart + 0x10;
constexpr uint32_t kTransmit = 1, kReceive = 2, kReceiveInterrupt = 8;

class CmsdkUart final : public hal::BytePipe {
 public:
  void start() {
    device_register(kUartDivisor) = kTicksPerSecond / 115200;
    device_register(kUartControl) = kTransmit | kReceive | kReceiveInterrupt;
    enable_interrupt(0);
  }

  size_t read(MutableBytes into) override {
    const size_t count = ring_.pop(into);
    const InterruptsOff critical;
    device_register(kUartControl) = kTransmit | kReceive | kReceiveInterrupt;
    on_interrupt();  // what arrived while the interrupt was off
    return count;
  }
  bool empty() const { return ring_.empty(); }

  Status write(Bytes bytes) override {
    for (const uint8_t byte : bytes) {
      while (device_register(kUartState) & 1) {
      }
      device_register(kUartData) = byte;
    }
    return Status::kOk;
  }

  void on_interrupt() {
    device_register(kUartClear) = 2;
    while (device_register(kUartState) & 2) {
      if (ring_.full()) {
        device_register(kUartControl) = kTransmit | kReceive;
        return;
      }
      ring_.push(static_cast<uint8_t>(device_register(kUartData)));
    }
  }

 private:
  ReceiveRing ring_;
};

CmsdkUart uart_driver;
SysTickClock clock_driver(kTicksPerSecond);

}  // namespace

extern "C" void Interrupt0_Handler() { uart_driver.on_interrupt(); }

namespace board {

const char* name() { return "mps2-an386"; }
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
