// Model images: any bytes; what opens and loads is run, and stays inside its buffers.
//
// Size and checksum are made right first, so that mutations reach the checks behind them.
#include <cstring>
#include <vector>

#include "device/base/crc.h"
#include "device/executor/executor.h"
#include "device/kernels/kernel_table.h"

namespace {

// Above this an image is valid but slow: a fuzzer's time is better spent elsewhere.
constexpr uint32_t kMaxArena = 1U << 16;

struct alignas(16) Unit {
  uint8_t bytes[16];
};

std::vector<Unit> aligned(size_t size) { return std::vector<Unit>(size / 16 + 1); }

// Work of one inference, roughly: elements of outputs times bytes of parameters.
bool is_small(const rune::format::ModelImage& image) {
  uint64_t work = 0;
  for (const rune::format::OperatorRecord& op : image.operators()) {
    const uint16_t output = image.operands()[op.first_operand + op.input_count];
    work += uint64_t{image.tensor_type(output).shape.elements()} * (op.params_bytes + 64U);
  }
  return work < 50'000'000;
}

void run(const rune::format::ModelImage& image) {
  if (image.header().arena_bytes > kMaxArena || !is_small(image)) return;
  std::vector<Unit> state = aligned(rune::executor::Executor::state_bytes(image));
  std::vector<Unit> arena = aligned(image.header().arena_bytes);
  rune::executor::Executor executor;
  const rune::MutableBytes state_view(state.data()->bytes, rune::executor::Executor::state_bytes(image));
  const rune::MutableBytes arena_view(arena.data()->bytes, image.header().arena_bytes);
  if (executor.load(image, rune::kernels::best_kernels(), state_view, arena_view) != rune::Status::kOk)
    return;
  std::vector<std::vector<uint8_t>> buffers;
  std::vector<rune::Bytes> inputs;
  std::vector<rune::MutableBytes> outputs;
  buffers.reserve(image.inputs().size() + image.outputs().size());
  for (const uint16_t tensor : image.inputs()) {
    inputs.push_back(buffers.emplace_back(image.tensor_type(tensor).size_bytes(), uint8_t{0x5A}));
  }
  for (const uint16_t tensor : image.outputs()) {
    outputs.push_back(buffers.emplace_back(image.tensor_type(tensor).size_bytes()));
  }
  if (executor.run(inputs, outputs) != rune::Status::kOk) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<Unit> copy = aligned(size);
  if (size != 0) std::memcpy(copy.data(), data, size);
  uint8_t* bytes = copy.data()->bytes;
  if (size >= 16) {
    rune::store_le32(bytes + 8, static_cast<uint32_t>(size));
    rune::store_le32(bytes + 12, rune::crc32(rune::Bytes(bytes, size).subspan(16)));
  }
  const auto image = rune::format::ModelImage::open(rune::Bytes(bytes, size));
  if (image.ok()) run(image.value());
  return 0;
}
