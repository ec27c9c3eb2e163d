// The same work natively and as WebAssembly, told by one number: same_bits_test.cpp runs both.
// Blocks take what a random generator of their own makes, over every element type that matters.
#include "blocks/sdk/rune_block.h"

extern "C" {
RuneBlockFunction rune_block_fft;
RuneBlockFunction rune_block_modulo;
RuneBlockFunction rune_block_most_confident_indices;
RuneBlockFunction rune_block_noise_filtering;
RuneBlockFunction rune_block_normalize;
RuneBlockFunction rune_block_quantize;
}

namespace {

constexpr uint32_t kSamples = 16000;
constexpr uint32_t kFeatures = 1960;

struct Workspace {
  int16_t sound[kSamples];
  alignas(8) uint8_t state[4 * kFeatures + 256];
  uint32_t spectrum[kFeatures];
  float floats[kFeatures];
  int8_t features[kFeatures];
  int8_t bytes[kFeatures];
};

class Hash {  // FNV-1a
 public:
  void add(const void* data, uint32_t size) {
    for (uint32_t i = 0; i < size; ++i) value_ = (value_ ^ static_cast<const uint8_t*>(data)[i]) * 16777619U;
  }
  uint32_t value() const { return value_; }

 private:
  uint32_t value_ = 2166136261U;
};

template <typename T, uint32_t kSize>
RuneTensor view(uint8_t element, T (&data)[kSize], const uint32_t& dims, uint32_t count = kSize) {
  return {data, static_cast<uint32_t>(count * sizeof(T)), element, 1, 0, &dims, 1.0F / 200, 7, 0};
}

RuneArgument whole(int32_t value) {
  RuneArgument argument{};
  argument.i32 = value;
  return argument;
}
RuneArgument real(float value) {
  RuneArgument argument{};
  argument.f32 = value;
  return argument;
}

void make_sound(Workspace& work, uint32_t seed) {
  uint32_t random = seed * 2654435761U + 1;
  int32_t level = 0;
  for (uint32_t i = 0; i < kSamples; ++i) {
    random = random * 1664525U + 1013904223U;
    level = level * 7 / 8 + static_cast<int32_t>(random >> 18) - 8192;
    work.sound[i] = static_cast<int16_t>(i % 4000 < 2000 ? level / 64 : level / 2);
  }
}

void clear_state(Workspace& work) {
  for (uint8_t& byte : work.state) byte = 0;
}

}  // namespace

// Fills `memory` (at least rune_same_bits_bytes() bytes, 8-byte aligned) and returns a hash of every result.
extern "C" __attribute__((visibility("default"))) uint32_t rune_same_bits(uint32_t seed, void* memory) {
  Workspace& work = *static_cast<Workspace*>(memory);
  make_sound(work, seed);
  Hash hash;
  const uint32_t dims = 0;
  const RuneArgument fft[] = {whole(16000), whole(480), real(0.6666667F)};
  const RuneTensor sound = view(RUNE_I16, work.sound, dims);
  const RuneTensor short_sound = view(RUNE_I16, work.sound, dims, 1500);
  RuneTensor spectrum = view(RUNE_U32, work.spectrum, dims);
  RuneTensor floats = view(RUNE_F32, work.floats, dims);
  RuneTensor features = view(RUNE_I8, work.features, dims);
  RuneTensor bytes = view(RUNE_I8, work.bytes, dims);
  RuneTensor bands = view(RUNE_F32, work.floats, dims, 150);
  int32_t status = 0;

  clear_state(work);
  status |= rune_block_fft(&sound, 1, &spectrum, 1, fft, work.state);
  hash.add(work.spectrum, sizeof work.spectrum);
  status |= rune_block_fft(&sound, 1, &bytes, 1, fft, work.state);
  hash.add(work.bytes, sizeof work.bytes);
  status |= rune_block_fft(&short_sound, 1, &bands, 1, fft, work.state);
  hash.add(work.floats, 150 * sizeof(float));

  clear_state(work);
  const RuneArgument filter[] = {real(0.95F),  real(80),    whole(21),  whole(10),
                                 real(0.025F), real(0.06F), real(0.05F)};
  status |= rune_block_noise_filtering(&spectrum, 1, &features, 1, filter, work.state);
  hash.add(work.features, sizeof work.features);

  const RuneArgument modulus[] = {real(0.37F)};
  status |= rune_block_normalize(&spectrum, 1, &floats, 1, nullptr, nullptr);
  hash.add(work.floats, sizeof work.floats);
  status |= rune_block_modulo(&floats, 1, &floats, 1, modulus, nullptr);
  hash.add(work.floats, sizeof work.floats);
  status |= rune_block_quantize(&floats, 1, &bytes, 1, nullptr, nullptr);
  hash.add(work.bytes, sizeof work.bytes);

  uint32_t indices[5];
  float values[5];
  RuneTensor best[] = {view(RUNE_U32, indices, dims), view(RUNE_F32, values, dims)};
  status |= rune_block_most_confident_indices(&features, 1, best, 2, nullptr, nullptr);
  hash.add(indices, sizeof indices);
  hash.add(values, sizeof values);
  return status == RUNE_OK ? hash.value() : 0;
}

extern "C" __attribute__((visibility("default"))) uint32_t rune_same_bits_bytes() {
  return sizeof(Workspace);
}

#ifdef __wasm__
// For an interpreter that calls exports without arguments.
static Workspace workspace;
extern "C" __attribute__((visibility("default"))) uint32_t rune_same_bits_1() {
  return rune_same_bits(1, &workspace);
}
extern "C" __attribute__((visibility("default"))) uint32_t rune_same_bits_2() {
  return rune_same_bits(2, &workspace);
}
#endif
