// What every board port offers to the images built for it.
//
//   int main() {
//     rune::ports::board::start();
//     const uint64_t before = rune::ports::board::clock().ticks();
//
// The drivers are static objects of the port; device code gets them as arguments.
#pragma once

#include "device/hal/byte_pipe.h"
#include "ports/common/cortex_m.h"

namespace rune::ports::board {

// "mps2-an386". The name of the board's profile and of its images.
const char* name();
// Ticks of clock() in one second of the core's clock.
uint32_t ticks_per_second();
// Clock and first UART. Call once, first.
void start();
SysTickClock& clock();
hal::BytePipe& uart();
// Waits for an interrupt, unless the UART has bytes to read.
void idle();

}  // namespace rune::ports::board
