#include "host/cli/model_session.h"

#include <fmt/format.h>

#include <chrono>

#include "device/executor/executor.h"
#include "device/kernels/kernel_table.h"
#include "host/cli/model_session_internal.h"
#include "host/hammer/emulator.h"

namespace rune::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct alignas(16) Block {
  uint8_t bytes[16];
};

// Memory that is 16-byte aligned, as images and arenas must be.
class AlignedBytes {
 public:
  explicit AlignedBytes(size_t size) : blocks_(size / sizeof(Block) + 1), size_(size) {}
  MutableBytes view() { return {blocks_[0].bytes, size_}; }

 private:
  std::vector<Block> blocks_;
  size_t size_;
};

// Sums the time of each operator.
struct Profile {
  std::vector<OperatorCost>& operators;
  Clock::time_point begin = {};

  static void before(void* self, uint16_t) { static_cast<Profile*>(self)->begin = Clock::now(); }
  static void after(void* self, uint16_t index) {
    auto* profile = static_cast<Profile*>(self);
    profile->operators[index].seconds += seconds_since(profile->begin);
  }
};

Result<SessionReport, Diagnostic> run_here(const SessionRequest& request, const format::ModelImage& image,
                                           SessionReport report) {
  AlignedBytes arena(image.header().arena_bytes);
  AlignedBytes state(executor::Executor::state_bytes(image));
  executor::Executor executor;
  if (const Status status = executor.load(image, kernels::best_kernels(), state.view(), arena.view());
      status != Status::kOk) {
    if (!executor.missing_kernel().empty()) {
      return Diagnostic{.where = {.file = request.name},
                        .what = fmt::format("no kernel {} on this target", executor.missing_kernel()),
                        .hint = "compiling the model for this target"};
    }
    return from_status({.file = request.name, .node = fmt::format("operator {}", executor.failed_operator())},
                       "the model image cannot be run", status, "compiling it again");
  }
  Profile profile{report.operators};
  const executor::Observer observer{Profile::before, Profile::after, &profile};
  const Clock::time_point begin = Clock::now();
  for (size_t sample = 0; sample < report.samples; ++sample) {
    std::vector<Bytes> inputs;
    std::vector<MutableBytes> outputs;
    for (size_t i = 0; i < request.inputs.size(); ++i) {
      const uint32_t size = image.tensor_type(image.inputs()[i]).size_bytes();
      inputs.push_back(Bytes(request.inputs[i].bytes).subspan(sample * size, size));
    }
    for (size_t i = 0; i < report.outputs.size(); ++i) {
      const uint32_t size = image.tensor_type(image.outputs()[i]).size_bytes();
      outputs.push_back(MutableBytes(report.outputs[i]).subspan(sample * size, size));
    }
    if (const Status status = executor.run(inputs, outputs, request.profile ? &observer : nullptr);
        status != Status::kOk) {
      return from_status({.file = request.name}, "the run failed", status);
    }
  }
  report.seconds = seconds_since(begin);
  return report;
}

// How many samples the input files hold; they must agree.
Result<size_t, Diagnostic> count_samples(const SessionRequest& request, const format::ModelImage& image) {
  if (request.inputs.size() != image.inputs().size()) {
    return Diagnostic{
        .where = {.file = request.name},
        .what = fmt::format("{} input files for {} inputs", request.inputs.size(), image.inputs().size()),
        .hint = "one --input file an input"};
  }
  std::optional<size_t> samples;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    const SampleFile& file = request.inputs[i];
    const uint32_t size = image.tensor_type(image.inputs()[i]).size_bytes();
    if (file.bytes.empty() || file.bytes.size() % size != 0) {
      return Diagnostic{
          .where = {.file = file.path},
          .what = fmt::format("{} bytes are no whole samples of {} bytes", file.bytes.size(), size),
          .hint = "raw little-endian tensors, back to back"};
    }
    if (samples && *samples != file.bytes.size() / size) {
      return Diagnostic{.where = {.file = file.path},
                        .what = fmt::format("{} samples, {} has {}", file.bytes.size() / size,
                                            request.inputs[0].path, *samples),
                        .hint = "as many samples in each file"};
    }
    samples = file.bytes.size() / size;
  }
  return samples.value_or(1);
}

}  // namespace

Result<SessionReport, Diagnostic> run_session(const SessionRequest& request) {
  AlignedBytes aligned(request.image.size());
  std::copy(request.image.begin(), request.image.end(), aligned.view().begin());
  Result<format::ModelImage> opened = format::ModelImage::open(aligned.view());
  if (!opened.ok()) {
    return from_status({.file = request.name}, "the model image is not usable", opened.status(),
                       "compiling it again");
  }
  const format::ModelImage& image = opened.value();
  Result<size_t, Diagnostic> samples = count_samples(request, image);
  if (!samples.ok()) return samples.error();
  SessionReport report;
  report.samples = samples.value();
  report.arena_bytes = image.header().arena_bytes;
  report.image_bytes = image.header().image_bytes;
  for (uint16_t index : image.outputs()) {
    report.outputs.emplace_back(report.samples * image.tensor_type(index).size_bytes());
  }
  for (const format::OperatorRecord& record : image.operators()) {
    report.operators.push_back(
        {.kernel = std::string(image.string(image.kernel_names()[record.kernel].name))});
  }
  const bool here = request.target == "linux" || request.target == "portable";
  return here ? run_here(request, image, std::move(report)) : run_on_board(request, image, std::move(report));
}

}  // namespace rune::cli
