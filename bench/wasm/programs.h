// What the interpreter's speed is measured on: plain C, compiled natively and to wasm32 with -O2.
// Each runs once over arrays of its own and gives a checksum, which must be equal in both forms.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
uint32_t run_fft(void);      // 256-point complex FFT, int16
uint32_t run_matmul(void);   // int8 24 x 24 x 24 into int32
uint32_t run_filter(void);   // float biquad over 1,024 samples
uint32_t run_crc(void);      // CRC-32, bit by bit, over 512 bytes
uint32_t run_network(void);  // int8 dense 1-16-16-1 with requantisation, 8 times
uint32_t run_sort(void);     // heapsort of 400 numbers
#ifdef __cplusplus
}
#endif
