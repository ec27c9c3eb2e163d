#include "programs.h"

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

static uint32_t next_random(uint32_t* state) { return *state = *state * 1664525u + 1013904223u; }

static int16_t fft_re[256], fft_im[256];

EXPORT(run_fft) uint32_t run_fft(void) {
  uint32_t state = 1;
  for (int i = 0; i < 256; i++) fft_re[i] = (int16_t)(next_random(&state) >> 18), fft_im[i] = 0;
  for (int i = 1, j = 0; i < 256; i++) {
    int bit = 128;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) {
      const int16_t kept = fft_re[i];
      fft_re[i] = fft_re[j];
      fft_re[j] = kept;
    }
  }
  for (int half = 1; half < 256; half <<= 1) {
    // The turning factor is a recurrence in Q14, enough for a checksum.
    const int32_t step_re = 16384 - 8000 / half, step_im = -(16384 / half) / 2;
    for (int start = 0; start < 256; start += 2 * half) {
      int32_t w_re = 16384, w_im = 0;
      for (int k = start; k < start + half; k++) {
        const int32_t re = (fft_re[k + half] * w_re - fft_im[k + half] * w_im) >> 14;
        const int32_t im = (fft_re[k + half] * w_im + fft_im[k + half] * w_re) >> 14;
        fft_re[k + half] = (int16_t)((fft_re[k] - re) >> 1);
        fft_im[k + half] = (int16_t)((fft_im[k] - im) >> 1);
        fft_re[k] = (int16_t)((fft_re[k] + re) >> 1);
        fft_im[k] = (int16_t)((fft_im[k] + im) >> 1);
        const int32_t turned = (w_re * step_re - w_im * step_im) >> 14;
        w_im = (w_re * step_im + w_im * step_re) >> 14;
        w_re = turned;
      }
    }
  }
  uint32_t sum = 0;
  for (int i = 0; i < 256; i++) sum = sum * 31 + (uint16_t)fft_re[i] + (uint16_t)fft_im[i];
  return sum;
}

static int8_t left[24 * 24], right[24 * 24];

EXPORT(run_matmul) uint32_t run_matmul(void) {
  uint32_t state = 2, sum = 0;
  for (int i = 0; i < 24 * 24; i++) {
    left[i] = (int8_t)(next_random(&state) >> 24);
    right[i] = (int8_t)(next_random(&state) >> 24);
  }
  for (int row = 0; row < 24; row++) {
    for (int column = 0; column < 24; column++) {
      int32_t total = 0;
      for (int k = 0; k < 24; k++) total += left[row * 24 + k] * right[column * 24 + k];
      sum = sum * 31 + (uint32_t)total;
    }
  }
  return sum;
}

EXPORT(run_filter) uint32_t run_filter(void) {
  float x1 = 0, x2 = 0, y1 = 0, y2 = 0, peak = 0;
  uint32_t state = 3;
  for (int i = 0; i < 1024; i++) {
    const float x = (float)(int32_t)next_random(&state) * 4.656613e-10f;
    const float y = 0.2929f * x + 0.5858f * x1 + 0.2929f * x2 - 0.1716f * y2 + 0.02f * y1;
    x2 = x1, x1 = x, y2 = y1, y1 = y;
    if (y > peak) peak = y;
  }
  return (uint32_t)(peak * 1e6f);
}

static uint8_t message[512];

EXPORT(run_crc) uint32_t run_crc(void) {
  uint32_t state = 4, crc = 0xFFFFFFFF;
  for (int i = 0; i < 512; i++) message[i] = (uint8_t)(next_random(&state) >> 24);
  for (int i = 0; i < 512; i++) {
    crc ^= message[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

static int8_t weights[16 * 16 + 32], layer_a[16], layer_b[16];

static int8_t requantise(int32_t value) {
  value = (int32_t)(((int64_t)value * 1518500250 + (1 << 30)) >> 31) >> 6;
  return (int8_t)(value > 127 ? 127 : value < -128 ? -128 : value);
}

EXPORT(run_network) uint32_t run_network(void) {
  uint32_t state = 5, sum = 0;
  for (int i = 0; i < 16 * 16 + 32; i++) weights[i] = (int8_t)(next_random(&state) >> 24);
  for (int input = -100; input < 100; input += 25) {
    for (int i = 0; i < 16; i++) layer_a[i] = requantise(weights[i] * input);
    for (int i = 0; i < 16; i++) {
      int32_t total = 0;
      for (int k = 0; k < 16; k++) total += layer_a[k] * weights[16 + 16 * i + k];
      layer_b[i] = requantise(total);
    }
    int32_t total = 0;
    for (int k = 0; k < 16; k++) total += layer_b[k] * weights[272 + k];
    sum = sum * 31 + (uint32_t)requantise(total);
  }
  return sum;
}

static uint32_t heap[400];

static void sift(int at, int count) {
  for (int child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[at] >= heap[child]) return;
    const uint32_t kept = heap[at];
    heap[at] = heap[child];
    heap[child] = kept;
  }
}

EXPORT(run_sort) uint32_t run_sort(void) {
  uint32_t state = 6, sum = 0;
  for (int i = 0; i < 400; i++) heap[i] = next_random(&state);
  for (int i = 199; i >= 0; i--) sift(i, 400);
  for (int end = 399; end > 0; end--) {
    const uint32_t top = heap[0];
    heap[0] = heap[end];
    heap[end] = top;
    sift(0, end);
  }
  for (int i = 0; i < 400; i++) sum = sum * 31 + heap[i];
  return sum;
}
