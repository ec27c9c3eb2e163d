// SMP server with the OS group: any message gets an answer whose header reads back, with the
// group, command and sequence of the question, or is malformed.
#include <cstdlib>
#include <vector>

#include "device/link/os_group.h"

namespace {

void reset(void*) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rune::link;
  OsGroup os{.buffer_bytes = 256,
             .buffer_count = 1,
             .system_name = "os",
             .node = "n",
             .release = "1",
             .build = "b",
             .architecture = "m",
             .board = "i",
             .reset = &reset,
             .context = nullptr,
             .handlers = {}};
  rune::FixedVector<Handler, 8> table;
  if (add_os_group(os, table) != rune::Status::kOk) std::abort();
  os.handlers = {table.begin(), table.size()};
  std::vector<uint8_t> answer(256);
  const rune::Bytes message(data, size);
  const rune::Result<size_t> written = Server(os.handlers).answer(message, answer);
  if (!written.ok()) return 0;
  const auto header = parse_header(rune::Bytes(answer).first(written.value()));
  const auto question = parse_header(message);
  if (!header.ok() || !question.ok() || header.value().group != question.value().group ||
      header.value().sequence != question.value().sequence ||
      header.value().command != question.value().command) {
    std::abort();
  }
  return 0;
}
