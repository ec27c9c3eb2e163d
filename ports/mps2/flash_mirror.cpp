#include "ports/mps2/flash_mirror.h"

#include "ports/common/flash_rules.h"
#include "ports/common/semihosting.h"

namespace rune::ports {

bool MirroredFlash::load(const char* path) {
  memset(memory_.data(), 0xFF, memory_.size());
  if (path == nullptr) return true;
  file_ = semihosting::open(path, semihosting::Mode::kReadWrite);
  if (file_ >= 0 && semihosting::length(file_) == static_cast<int32_t>(memory_.size())) {
    return semihosting::read(file_, memory_) == memory_.size();
  }
  if (file_ >= 0 && semihosting::length(file_) > 0) return false;
  if (file_ >= 0) semihosting::close(file_);
  const int32_t fresh = semihosting::open(path, semihosting::Mode::kWrite);
  if (fresh < 0 || !semihosting::write(fresh, memory_)) return false;
  semihosting::close(fresh);
  file_ = semihosting::open(path, semihosting::Mode::kReadWrite);
  return file_ >= 0;
}

Status MirroredFlash::read(uint32_t offset, MutableBytes into) {
  if (!inside(geometry(), offset, into.size())) return Status::kInvalidArgument;
  memcpy(into.data(), memory_.data() + offset, into.size());
  return Status::kOk;
}

Status MirroredFlash::program(uint32_t offset, Bytes bytes) {
  if (!may_program(geometry(), offset, bytes)) return Status::kInvalidArgument;
  for (size_t i = 0; i < bytes.size(); ++i) memory_[offset + i] &= bytes[i];
  return mirror(offset, static_cast<uint32_t>(bytes.size()));
}

Status MirroredFlash::erase(uint32_t offset, uint32_t size_bytes) {
  if (!may_erase(geometry(), offset, size_bytes)) return Status::kInvalidArgument;
  memset(memory_.data() + offset, 0xFF, size_bytes);
  return mirror(offset, size_bytes);
}

Status MirroredFlash::mirror(uint32_t offset, uint32_t size_bytes) {
  if (file_ < 0) return Status::kOk;
  const bool written =
      semihosting::seek(file_, offset) && semihosting::write(file_, memory_.subspan(offset, size_bytes));
  return written ? Status::kOk : Status::kIo;
}

}  // namespace rune::ports
