#include "ports/lm3s/flash_file.h"

#include <algorithm>

#include "ports/common/flash_rules.h"
#include "ports/common/semihosting.h"

namespace rune::ports {

bool FileFlash::open(const char* path) {
  if (path == nullptr) return true;
  file_ = semihosting::open(path, semihosting::Mode::kReadWrite);
  return file_ >= 0 && semihosting::length(file_) == static_cast<int32_t>(mapped_.size());
}

Status FileFlash::read(uint32_t offset, MutableBytes into) {
  if (!inside(geometry(), offset, into.size())) return Status::kInvalidArgument;
  if (file_ < 0) {
    memcpy(into.data(), mapped_.data() + offset, into.size());
    return Status::kOk;
  }
  const bool read = semihosting::seek(file_, offset) && semihosting::read(file_, into) == into.size();
  return read ? Status::kOk : Status::kIo;
}

Status FileFlash::program(uint32_t offset, Bytes bytes) {
  if (!may_program(geometry(), offset, bytes)) return Status::kInvalidArgument;
  uint8_t piece[64];
  for (size_t done = 0; done < bytes.size(); done += sizeof(piece)) {
    const size_t size = std::min(sizeof(piece), bytes.size() - done);
    const uint32_t at = offset + static_cast<uint32_t>(done);
    RUNE_TRY(read(at, MutableBytes(piece, size)));
    for (size_t i = 0; i < size; ++i) piece[i] &= bytes[done + i];
    if (file_ < 0 || !semihosting::seek(file_, at) || !semihosting::write(file_, Bytes(piece, size)))
      return Status::kIo;
  }
  return Status::kOk;
}

Status FileFlash::erase(uint32_t offset, uint32_t size_bytes) {
  if (!may_erase(geometry(), offset, size_bytes)) return Status::kInvalidArgument;
  uint8_t ones[64];
  memset(ones, 0xFF, sizeof(ones));
  if (file_ < 0 || !semihosting::seek(file_, offset)) return Status::kIo;
  for (uint32_t done = 0; done < size_bytes; done += sizeof(ones)) {
    if (!semihosting::write(file_, ones)) return Status::kIo;
  }
  return Status::kOk;
}

}  // namespace rune::ports
