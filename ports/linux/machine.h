// The Linux port's machine: flash in a file or in memory, the clock, recordings.
#pragma once

#include <string>
#include <vector>

#include "device/hal/clock.h"
#include "device/hal/flash.h"
#include "host/support/result.h"
#include "ports/common/recorded_sensors.h"

namespace rune::ports {

// Flash as mapped memory, with the rules of real flash.
class MappedFlash final : public hal::Flash {
 public:
  static constexpr uint32_t kSectorBytes = 4096;

  // In memory, erased; gone at the end of the process.
  static Result<MappedFlash, Diagnostic> in_memory(uint32_t size_bytes);
  // In a file, which is made when it is missing or empty.
  static Result<MappedFlash, Diagnostic> in_file(const std::string& path, uint32_t size_bytes);
  MappedFlash(MappedFlash&& other) noexcept;
  MappedFlash& operator=(MappedFlash&&) = delete;
  ~MappedFlash();

  hal::FlashGeometry geometry() const override { return {size_bytes_, kSectorBytes, 4}; }
  Bytes mapped() const override { return {memory_, size_bytes_}; }
  bool visible_after_reset() const override { return false; }
  Status read(uint32_t offset, MutableBytes into) override;
  Status program(uint32_t offset, Bytes bytes) override;
  Status erase(uint32_t offset, uint32_t size_bytes) override;

 private:
  MappedFlash(uint8_t* memory, uint32_t size_bytes) : memory_(memory), size_bytes_(size_bytes) {}

  uint8_t* memory_;
  uint32_t size_bytes_;
};

// Zeroed memory for runes; pages are taken as they are touched.
class Pool {
 public:
  explicit Pool(size_t size_bytes);
  Pool(const Pool&) = delete;
  ~Pool();
  // Empty when the system refused.
  MutableBytes bytes() const { return {memory_, size_bytes_}; }

 private:
  uint8_t* memory_;
  size_t size_bytes_;
};

class MonotonicClock final : public hal::Clock {
 public:
  MonotonicClock();
  uint64_t now_us() override;

 private:
  uint64_t begin_us_;
};

// A recording held in memory.
class MemoryRecording final : public Recording {
 public:
  explicit MemoryRecording(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  void rewind() override { at_ = 0; }
  size_t read(MutableBytes into) override;

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace rune::ports
