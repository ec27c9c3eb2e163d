#include "device/saga/saga.h"

#include <algorithm>
#include <cstddef>

#include "device/base/crc.h"

namespace rune::saga {
namespace {

constexpr uint32_t kCrashMark = 0x48535243;  // "CRSH"

size_t bucket_of(uint64_t microseconds) {
  size_t bucket = 0;
  for (uint64_t bound = 64; bucket + 1 < kBuckets && microseconds > bound; bound *= 4) ++bucket;
  return bucket;
}

uint32_t checksum_of(const CrashRecord& record) {
  return crc32(Bytes(reinterpret_cast<const uint8_t*>(&record), offsetof(CrashRecord, checksum)));
}

}  // namespace

const char* stage_name(Stage stage) {
  static constexpr const char* kNames[kStages] = {"call", "capability", "model", "output", "guest"};
  return kNames[static_cast<size_t>(stage)];
}

void Saga::record(Stage stage, uint64_t microseconds) {
  Timing& timing = timings_[static_cast<size_t>(stage)];
  ++timing.count;
  timing.total_us += microseconds;
  timing.longest_us =
      std::max(timing.longest_us, static_cast<uint32_t>(std::min<uint64_t>(microseconds, UINT32_MAX)));
  ++timing.buckets[bucket_of(microseconds)];
}

void Saga::restart() {
  for (Timing& timing : timings_) timing = Timing();
}

void Saga::write_metrics(uint64_t uptime_us, CborWriter& out) const {
  out.begin_map(4);
  out.pair("up_us", static_cast<int64_t>(uptime_us));
  out.pair("failures", failures_);
  out.text("ram");
  out.begin_map(4);
  out.pair("pool", memory_.pool_bytes);
  out.pair("used", memory_.used_bytes);
  out.pair("linear", memory_.linear_bytes);
  out.pair("arena", memory_.arena_bytes);
  out.text("stages");
  out.begin_map(kStages);
  for (size_t i = 0; i < kStages; ++i) {
    const Timing& timing = timings_[i];
    out.text(stage_name(static_cast<Stage>(i)));
    out.begin_map(4);
    out.pair("n", timing.count);
    out.pair("us", static_cast<int64_t>(timing.total_us));
    out.pair("max", timing.longest_us);
    out.text("hist");
    out.begin_array(kBuckets);
    for (const uint32_t count : timing.buckets) out.unsigned_integer(count);
  }
}

void seal_crash(CrashRecord& record) {
  record.mark = kCrashMark;
  record.checksum = checksum_of(record);
}

bool crash_valid(const CrashRecord& record) {
  return record.mark == kCrashMark && record.checksum == checksum_of(record);
}

void clear_crash(CrashRecord& record) { record.mark = 0; }

}  // namespace rune::saga
