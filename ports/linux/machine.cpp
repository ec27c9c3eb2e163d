#include "ports/linux/machine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ports/common/flash_rules.h"

namespace rune::ports {
namespace {

uint8_t* map_memory(size_t size_bytes, int flags, int file) {
  void* const memory = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

uint64_t monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace

// Memory of the system is zero, so an erased sector is filled when the store erases it: the
// store reads a header of zeros as a free slot.
Result<MappedFlash, Diagnostic> MappedFlash::in_memory(uint32_t size_bytes) {
  uint8_t* const memory = map_memory(size_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (memory == nullptr)
    return Diagnostic{.what = "no memory for the store", .actual = size_bytes, .unit = "bytes"};
  return MappedFlash(memory, size_bytes);
}

Result<MappedFlash, Diagnostic> MappedFlash::in_file(const std::string& path, uint32_t size_bytes) {
  const auto failed = [&](const std::string& what) {
    return Diagnostic{
        .where = {.file = path}, .what = what + ": " + std::strerror(errno), .hint = "another flash file"};
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return failed("cannot open the flash file");
  struct stat info {};
  const bool sized = ::fstat(file, &info) == 0 && (info.st_size != 0 || ::ftruncate(file, size_bytes) == 0);
  uint8_t* const memory = sized ? map_memory(size_bytes, MAP_SHARED, file) : nullptr;
  const Diagnostic refusal = failed("cannot map the flash file");
  ::close(file);
  if (memory == nullptr) return refusal;
  if (info.st_size == 0) std::memset(memory, 0xFF, size_bytes);
  MappedFlash flash(memory, size_bytes);
  if (info.st_size != 0 && info.st_size != static_cast<off_t>(size_bytes)) {
    return Diagnostic{.where = {.file = path},
                      .what = "is no flash file of this device",
                      .limit = size_bytes,
                      .actual = info.st_size,
                      .unit = "bytes",
                      .hint = "another flash file"};
  }
  return flash;
}

MappedFlash::MappedFlash(MappedFlash&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_bytes_(other.size_bytes_) {}

MappedFlash::~MappedFlash() {
  if (memory_ != nullptr) ::munmap(memory_, size_bytes_);
}

Status MappedFlash::read(uint32_t offset, MutableBytes into) {
  if (!inside(geometry(), offset, into.size())) return Status::kInvalidArgument;
  std::memcpy(into.data(), memory_ + offset, into.size());
  return Status::kOk;
}

Status MappedFlash::program(uint32_t offset, Bytes bytes) {
  if (!may_program(geometry(), offset, bytes)) return Status::kInvalidArgument;
  for (size_t i = 0; i < bytes.size(); ++i) memory_[offset + i] &= bytes[i];
  return Status::kOk;
}

Status MappedFlash::erase(uint32_t offset, uint32_t size_bytes) {
  if (!may_erase(geometry(), offset, size_bytes)) return Status::kInvalidArgument;
  std::memset(memory_ + offset, 0xFF, size_bytes);
  return Status::kOk;
}

Pool::Pool(size_t size_bytes)
    : memory_(map_memory(size_bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1)),
      size_bytes_(memory_ == nullptr ? 0 : size_bytes) {}

Pool::~Pool() {
  if (memory_ != nullptr) ::munmap(memory_, size_bytes_);
}

MonotonicClock::MonotonicClock() : begin_us_(monotonic_us()) {}
uint64_t MonotonicClock::now_us() { return monotonic_us() - begin_us_; }

size_t MemoryRecording::read(MutableBytes into) {
  const size_t count = std::min(into.size(), bytes_.size() - at_);
  if (count > 0) std::memcpy(into.data(), bytes_.data() + at_, count);
  at_ += count;
  return count;
}

}  // namespace rune::ports
