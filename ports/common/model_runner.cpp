// Runs a model image over samples on an emulated board and reports what each cost.
//
// Arguments: image=FILE, or address=N bytes=N for an image mapped into memory; input=FILE, all inputs of a
// sample one after another, samples back to back; output=FILE likewise; samples=N; profile=1.
// Prints ticks of the board's clock, which the host turns into instructions
// (host/cli/model_session_board.cpp):
//   hz N | startup TICKS | sample TICKS ... | operator INDEX TICKS ...
// Start-up is opening and loading the image: everything between reset and the first inference that depends on
// the model. On failure one line says why and the exit code is 1.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "device/executor/executor.h"
#include "device/kernels/kernel_table.h"
#include "ports/common/board.h"
#include "ports/common/semihosting.h"

namespace {

using rune::Bytes;
using rune::MutableBytes;
using rune::Status;
using rune::executor::Executor;
using rune::executor::Observer;
using rune::format::ModelImage;
using rune::ports::board::clock;

constexpr size_t kPathBytes = 512;

[[noreturn]] void fail(const char* what, const char* detail = "") {
  std::printf("%s %s\n", what, detail);
  std::exit(1);
}

// From the C library's heap, 16-byte aligned, never freed.
MutableBytes allocate(size_t size, const char* what) {
  auto* raw = static_cast<uint8_t*>(std::malloc(size + 16));
  if (raw == nullptr) fail("the board's memory is too small for", what);
  const uintptr_t misaligned = reinterpret_cast<uintptr_t>(raw) % 16;
  return {raw + (16 - misaligned) % 16, size};
}

int32_t open_file(const rune::semihosting::CommandLine& arguments, const char* key,
                  rune::semihosting::Mode mode) {
  char path[kPathBytes];
  const char* name = arguments.value(key, path);
  const int32_t file = name == nullptr ? -1 : rune::semihosting::open(name, mode);
  if (file < 0) fail("cannot open", key);
  return file;
}

Bytes find_image(const rune::semihosting::CommandLine& arguments) {
  const uint32_t address = arguments.number("address", 0);
  if (address != 0) return {reinterpret_cast<const uint8_t*>(address), arguments.number("bytes", 0)};
  const int32_t file = open_file(arguments, "image", rune::semihosting::Mode::kRead);
  const int32_t length = rune::semihosting::length(file);
  if (length <= 0) fail("cannot read", "image");
  const MutableBytes image = allocate(static_cast<size_t>(length), "the image");
  if (rune::semihosting::read(file, image) != image.size()) fail("cannot read", "image");
  return image;
}

// Buffers of a sample's inputs, then of its outputs.
struct Buffers {
  static constexpr size_t kMaximum = 8;
  MutableBytes inputs[kMaximum];
  Bytes input_views[kMaximum];
  MutableBytes outputs[kMaximum];
  size_t input_count = 0;
  size_t output_count = 0;

  explicit Buffers(const ModelImage& image) {
    if (image.inputs().size() > kMaximum || image.outputs().size() > kMaximum)
      fail("too many inputs or outputs");
    for (const uint16_t index : image.inputs()) {
      inputs[input_count] = allocate(image.tensor_type(index).size_bytes(), "the inputs");
      input_views[input_count] = inputs[input_count];
      ++input_count;
    }
    for (const uint16_t index : image.outputs()) {
      outputs[output_count++] = allocate(image.tensor_type(index).size_bytes(), "the outputs");
    }
  }
};

struct Profile {
  uint64_t* ticks;
  uint64_t begin;
};
void before_operator(void* context, uint16_t) { static_cast<Profile*>(context)->begin = clock().ticks(); }
void after_operator(void* context, uint16_t index) {
  auto* profile = static_cast<Profile*>(context);
  profile->ticks[index] += clock().ticks() - profile->begin;
}

void print_ticks(const char* what, uint64_t ticks) {
  // newlib's nano printf has no 64-bit numbers.
  std::printf("%s %lu%09lu\n", what, static_cast<unsigned long>(ticks / 1000000000u),
              static_cast<unsigned long>(ticks % 1000000000u));
}

void load(Executor& executor, const ModelImage& image, MutableBytes arena, MutableBytes state) {
  const Status status = executor.load(image, rune::kernels::best_kernels(), state, arena);
  if (status == Status::kOk) return;
  if (status == Status::kUnsupported) {
    char name[64] = {};
    executor.missing_kernel().copy(name, sizeof(name) - 1);
    fail("this board has no kernel", name);
  }
  fail("the image cannot be loaded:", rune::status_name(status));
}

void run_samples(Executor& executor, const Buffers& buffers, const rune::semihosting::CommandLine& arguments,
                 const Observer* observer) {
  const int32_t input = open_file(arguments, "input", rune::semihosting::Mode::kRead);
  const int32_t output = open_file(arguments, "output", rune::semihosting::Mode::kWrite);
  for (uint32_t sample = 0; sample < arguments.number("samples", 1); ++sample) {
    for (size_t i = 0; i < buffers.input_count; ++i) {
      if (rune::semihosting::read(input, buffers.inputs[i]) != buffers.inputs[i].size())
        fail("cannot read", "input");
    }
    const uint64_t begin = clock().ticks();
    const Status status = executor.run({buffers.input_views, buffers.input_count},
                                       {buffers.outputs, buffers.output_count}, observer);
    const uint64_t ticks = clock().ticks() - begin;
    if (status != Status::kOk) fail("the run failed:", rune::status_name(status));
    for (size_t i = 0; i < buffers.output_count; ++i) {
      if (!rune::semihosting::write(output, buffers.outputs[i])) fail("cannot write", "output");
    }
    print_ticks("sample", ticks);
  }
  rune::semihosting::close(output);
}

}  // namespace

int main() {
  rune::ports::board::start();
  static char text[4 * kPathBytes];
  const rune::semihosting::CommandLine arguments(text);
  const Bytes bytes = find_image(arguments);

  uint64_t begin = clock().ticks();
  const rune::Result<ModelImage> opened = ModelImage::open(bytes);
  uint64_t startup = clock().ticks() - begin;
  if (!opened.ok()) fail("the image is not usable:", rune::status_name(opened.status()));
  const ModelImage& image = opened.value();
  const MutableBytes state = allocate(Executor::state_bytes(image), "the executor");
  const MutableBytes arena = allocate(image.header().arena_bytes, "the arena");
  const Buffers buffers(image);
  Executor executor;
  begin = clock().ticks();
  load(executor, image, arena, state);
  startup += clock().ticks() - begin;
  std::printf("hz %lu\n", static_cast<unsigned long>(rune::ports::board::ticks_per_second()));
  print_ticks("startup", startup);

  Profile profile{};
  const bool profiling = arguments.number("profile", 0) != 0;
  if (profiling) {
    const MutableBytes ticks = allocate(image.operators().size() * sizeof(uint64_t), "the profile");
    std::fill(ticks.begin(), ticks.end(), uint8_t{0});
    profile.ticks = reinterpret_cast<uint64_t*>(ticks.data());
  }
  const Observer observer{before_operator, after_operator, &profile};
  run_samples(executor, buffers, arguments, profiling ? &observer : nullptr);
  for (size_t i = 0; profiling && i < image.operators().size(); ++i) {
    std::printf("operator %lu ", static_cast<unsigned long>(i));
    print_ticks("", profile.ticks[i]);
  }
  return 0;
}
