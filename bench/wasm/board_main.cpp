// Runs each program natively and interpreted; semihosting argument `module=FILE.wasm`. Prints
// `name native interpreted` in ticks of the board's clock for one run, then `image`, `workspace`,
// `state` and `call` figures. bench/suites/wasm.py reads it.
#include <cstdio>
#include <cstdlib>

#include "bench/wasm/programs.h"
#include "device/wasm/wasm.h"
#include "ports/common/board.h"
#include "ports/common/semihosting.h"

namespace {

using namespace rune;
using namespace rune::wasm;

class BufferSink final : public CodeSink {
 public:
  Status append(Bytes bytes) override {
    if (bytes.size() > sizeof(buffer) - size) return Status::kNoMemory;
    std::memcpy(buffer + size, bytes.data(), bytes.size());
    size += bytes.size();
    return Status::kOk;
  }
  alignas(8) uint8_t buffer[64 * 1024];
  size_t size = 0;
};

struct Program {
  const char* name;
  uint32_t (*native)();
};
constexpr Program kPrograms[] = {{"run_fft", run_fft},         {"run_matmul", run_matmul},
                                 {"run_filter", run_filter},   {"run_crc", run_crc},
                                 {"run_network", run_network}, {"run_sort", run_sort}};
constexpr uint32_t kRuns = 16;

BufferSink sink;
alignas(8) uint8_t module_bytes[64 * 1024], workspace[128 * 1024], state[4096], stack[4096],
    memory[128 * 1024];
uint32_t fuel = UINT32_MAX;

uint64_t ticks() { return ports::board::clock().ticks(); }

bool measure(Instance& instance, const Program& program) {
  const Result<uint32_t> function = instance.find_function(program.name);
  if (!function.ok()) return false;
  Value result;
  volatile uint32_t expected = 0;
  const uint64_t start = ticks();
  for (uint32_t i = 0; i < kRuns; i++) expected = program.native();
  const uint64_t middle = ticks();
  for (uint32_t i = 0; i < kRuns; i++) {
    if (instance.call(function.value(), {}, {&result, 1}, fuel).status != Status::kOk) return false;
  }
  const uint64_t end = ticks();
  std::printf("%s %lu %lu\n", program.name, static_cast<unsigned long>(middle - start),
              static_cast<unsigned long>(end - middle));
  return result.i32 == expected;
}

int run(size_t size) {
  InstallReport report;
  const uint64_t start = ticks();
  if (install({module_bytes, size}, workspace, sink, {}, report) != Status::kOk) return 3;
  const uint64_t installed = ticks();
  const Result<Code> code = Code::open({module_bytes, size}, {sink.buffer, sink.size});
  if (!code.ok()) return 4;
  InstanceOptions options;
  options.state = state;
  options.stack = stack;
  options.memory = memory;
  const Result<Instance*> instance = Instance::create(code.value(), options, fuel);
  if (!instance.ok()) return 5;
  std::printf("image %lu\nstate %lu\ninstall %lu\n", static_cast<unsigned long>(sink.size),
              static_cast<unsigned long>(code.value().state_bytes()),
              static_cast<unsigned long>(installed - start));
  for (const Program& program : kPrograms) {
    if (!measure(*instance.value(), program)) return 6;
  }
  return 0;
}

}  // namespace

int main() {
  ports::board::start();
  static char text[512], path[256];
  const semihosting::CommandLine arguments(text);
  if (arguments.value("module", path) == nullptr) return 2;
  const int32_t file = semihosting::open(path, semihosting::Mode::kRead);
  if (file < 0) return 2;
  return run(semihosting::read(file, module_bytes));
}
