/* The SDK of processing blocks: the C interface, and a small C++ layer over it.
 *
 * A block is one function. In C++ it is written as
 *
 *   #include "rune_block.h"
 *
 *   RUNE_BLOCK(gain, {
 *     "summary": "Multiplies every element by a factor.",
 *     "arguments": [{"name": "factor", "type": "float", "default": 1}],
 *     "inputs":  [{"name": "signal", "elements": ["f32"], "shape": "any"}],
 *     "outputs": [{"name": "scaled", "elements": ["f32"], "shape": "same as 0"}]
 *   }) {
 *     const auto signal = call.input<float>(0);
 *     const auto scaled = call.output<float>(0);
 *     for (uint32_t i = 0; i < signal.size(); ++i) scaled[i] = signal[i] * call.f32(0);
 *     return RUNE_OK;
 *   }
 *
 * The braces after the name are the descriptor (docs/spec/block-descriptor.md); it goes into the
 * custom section `rune.block` of the object, where the build reads it. Shapes and element types
 * are checked by the build: a block may rely on what its descriptor says. In C, define the
 * function yourself and use RUNE_BLOCK_DESCRIPTOR.
 *
 * Compiled for wasm32 the structures have the layout of docs/spec/guest-abi.md; compiled natively
 * (tests, the training scripts) pointers are the machine's. A block has no globals that change,
 * allocates nothing, and gives the same bits natively and as WebAssembly: use rune_math.h instead
 * of <math.h>.
 */
#ifndef RUNE_BLOCK_H_
#define RUNE_BLOCK_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types, as in docs/spec/tensors.md. */
enum {
  RUNE_U8 = 1,
  RUNE_I8 = 2,
  RUNE_U16 = 3,
  RUNE_I16 = 4,
  RUNE_U32 = 5,
  RUNE_I32 = 6,
  RUNE_U64 = 7,
  RUNE_I64 = 8,
  RUNE_F32 = 9,
  RUNE_F64 = 10,
  RUNE_UTF8 = 11,
  RUNE_BOOL = 12,
  RUNE_F16 = 13
};

/* Results: 0, or a negated status (docs/spec/errors.md), which ends the call of the pipeline. */
enum {
  RUNE_OK = 0,
  RUNE_INVALID_ARGUMENT = -1,
  RUNE_UNSUPPORTED = -4,
  RUNE_TOO_LARGE = -5,
  RUNE_NOT_FOUND = -7,
  RUNE_MISMATCH = -10
};

/* A piece of UTF-8 text, not terminated; one element of a RUNE_UTF8 tensor. */
typedef struct RuneText {
  const char* data;
  uint32_t size_bytes;
} RuneText;

typedef struct RuneTensor {
  void* data;
  uint32_t size_bytes;
  uint8_t element;
  uint8_t rank;
  uint16_t channel;
  const uint32_t* dims;
  float scale; /* real = (stored - zero_point) * scale; 0: not quantised */
  int32_t zero_point;
  uint32_t reserved;
} RuneTensor;

/* One entry for each argument of the descriptor, in its order. */
typedef struct RuneArgument {
  union {
    int32_t i32;
    float f32;
    const char* text;     /* type text */
    const RuneText* list; /* type list */
  };
  uint32_t count; /* bytes of text, entries of list, else 0 */
} RuneArgument;

typedef int32_t RuneBlockFunction(const RuneTensor* inputs, uint32_t input_count, RuneTensor* outputs,
                                  uint32_t output_count, const RuneArgument* arguments, void* state);

#ifdef __cplusplus
} /* extern "C" */
#endif

#define RUNE_QUOTE(...) #__VA_ARGS__
#define RUNE_QUOTE_TWICE(text) RUNE_QUOTE(text)

/* RUNE_BLOCK_DESCRIPTOR(name, {...}): the JSON, with the block's C name before it, as `name {...}`.
 * In an object for WebAssembly it is the custom section rune.block (never part of memory); natively
 * it is the string rune_descriptor_<name>. */
#ifdef __wasm__
#define RUNE_BLOCK_DESCRIPTOR(name, ...)                                          \
  __asm__(".section .custom_section.rune.block,\"\",@\n.ascii " RUNE_QUOTE_TWICE( \
      RUNE_QUOTE(name __VA_ARGS__)) "\n")
#else
#ifdef __cplusplus
#define RUNE_BLOCK_DESCRIPTOR(name, ...)                                                  \
  extern "C" __attribute__((visibility("default"))) const char rune_descriptor_##name[] = \
      RUNE_QUOTE(name __VA_ARGS__)
#else
#define RUNE_BLOCK_DESCRIPTOR(name, ...) \
  __attribute__((visibility("default"))) const char rune_descriptor_##name[] = RUNE_QUOTE(name __VA_ARGS__)
#endif
#endif

#ifdef __cplusplus
namespace rune_block {

/* A view of elements that somebody else owns. */
template <typename T>
class View {
 public:
  View(T* data, uint32_t size) : data_(data), size_(size) {}
  uint32_t size() const { return size_; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& operator[](uint32_t index) const { return data_[index]; }

 private:
  T* data_;
  uint32_t size_;
};

/* One call of a block. Indices are the positions in the descriptor. */
class Call {
 public:
  Call(const RuneTensor* inputs, RuneTensor* outputs, const RuneArgument* arguments, void* state)
      : inputs_(inputs), outputs_(outputs), arguments_(arguments), state_(state) {}

  const RuneTensor& input_tensor(uint32_t index) const { return inputs_[index]; }
  const RuneTensor& output_tensor(uint32_t index) const { return outputs_[index]; }
  template <typename T>
  View<const T> input(uint32_t index) const {
    return {static_cast<const T*>(inputs_[index].data),
            inputs_[index].size_bytes / static_cast<uint32_t>(sizeof(T))};
  }
  template <typename T>
  View<T> output(uint32_t index) const {
    return {static_cast<T*>(outputs_[index].data),
            outputs_[index].size_bytes / static_cast<uint32_t>(sizeof(T))};
  }
  int32_t i32(uint32_t argument) const { return arguments_[argument].i32; }
  float f32(uint32_t argument) const { return arguments_[argument].f32; }
  View<const RuneText> list(uint32_t argument) const {
    return {arguments_[argument].list, arguments_[argument].count};
  }
  RuneText text(uint32_t argument) const { return {arguments_[argument].text, arguments_[argument].count}; }
  /* The descriptor's state bytes: zero at the first call, kept from call to call. */
  template <typename T>
  T& state() const {
    return *static_cast<T*>(state_);
  }

 private:
  const RuneTensor* inputs_;
  RuneTensor* outputs_;
  const RuneArgument* arguments_;
  void* state_;
};

}  // namespace rune_block

#define RUNE_BLOCK(name, ...)                                                                  \
  RUNE_BLOCK_DESCRIPTOR(name, __VA_ARGS__);                                                    \
  static int32_t rune_run_##name(const rune_block::Call& call);                                \
  extern "C" __attribute__((visibility("default")))                                            \
  int32_t rune_block_##name(const RuneTensor* inputs, uint32_t, RuneTensor* outputs, uint32_t, \
                            const RuneArgument* arguments, void* state) {                      \
    return rune_run_##name(rune_block::Call(inputs, outputs, arguments, state));               \
  }                                                                                            \
  static int32_t rune_run_##name([[maybe_unused]] const rune_block::Call& call)
#endif /* __cplusplus */

#endif /* RUNE_BLOCK_H_ */
