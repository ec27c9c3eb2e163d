// Saga: what a device counted and measured, without allocation or floating point.
//
//   Saga saga;
//   saga.record(Stage::kModel, microseconds);
//   saga.write_metrics(out);          // the CBOR of docs/spec/metrics.md
//
// Times fall into fixed buckets, each four times as wide as the one before, so that
// histograms of many devices add up. Tested by saga_test.cpp.
#pragma once

#include "device/base/cbor.h"

namespace rune::saga {

// Parts of one call of a rune. kGuest is the rest: blocks and glue.
enum class Stage : uint8_t { kCall = 0, kCapability = 1, kModel = 2, kOutput = 3, kGuest = 4 };
inline constexpr size_t kStages = 5;
const char* stage_name(Stage stage);

// Upper bounds in microseconds: 64, 256, 1024, ... 64 * 4^9 (about 17 s), and without bound.
inline constexpr size_t kBuckets = 11;

struct Timing {
  uint32_t count = 0;
  uint32_t longest_us = 0;
  uint64_t total_us = 0;
  uint32_t buckets[kBuckets] = {};
};

// High-water marks and sizes of the running rune, in bytes.
struct Memory {
  uint32_t pool_bytes = 0;
  uint32_t used_bytes = 0;
  uint32_t linear_bytes = 0;
  uint32_t arena_bytes = 0;
};

class Saga {
 public:
  void record(Stage stage, uint64_t microseconds);
  void count_failure() { ++failures_; }
  void set_memory(const Memory& memory) { memory_ = memory; }
  const Timing& timing(Stage stage) const { return timings_[static_cast<size_t>(stage)]; }
  // Forgets the timings: another rune starts.
  void restart();

  // One map; `uptime_us` as the device's clock says.
  void write_metrics(uint64_t uptime_us, CborWriter& out) const;

 private:
  Timing timings_[kStages];
  Memory memory_;
  uint32_t failures_ = 0;
};

// What a fault of the machine leaves in memory that a reset keeps. Valid when its mark
// and its checksum are right: after power-up neither is.
struct CrashRecord {
  uint32_t mark;
  uint32_t exception;
  uint32_t status;
  uint32_t address;
  uint32_t pc;
  uint32_t lr;
  char rune[32];  // the rune that ran, or empty
  uint32_t checksum;
};
void seal_crash(CrashRecord& record);
bool crash_valid(const CrashRecord& record);
void clear_crash(CrashRecord& record);

}  // namespace rune::saga
