#include "device/saga/saga.h"

#include <gtest/gtest.h>

namespace rune::saga {
namespace {

TEST(Saga, TimesFallIntoBucketsFourTimesWider) {
  Saga saga;
  for (const uint64_t us : {0u, 64u, 65u, 256u, 257u, 4000000000u}) saga.record(Stage::kModel, us);
  const Timing& timing = saga.timing(Stage::kModel);
  EXPECT_EQ(timing.count, 6u);
  EXPECT_EQ(timing.longest_us, 4000000000u);
  EXPECT_EQ(timing.buckets[0], 2u);
  EXPECT_EQ(timing.buckets[1], 2u);
  EXPECT_EQ(timing.buckets[2], 1u);
  EXPECT_EQ(timing.buckets[kBuckets - 1], 1u);
}

TEST(Saga, MetricsAreOneMap) {
  Saga saga;
  saga.record(Stage::kCall, 500);
  uint8_t buffer[512];
  CborWriter out(buffer);
  saga.write_metrics(77, out);
  ASSERT_EQ(out.status(), Status::kOk);
  CborReader reader(out.written());
  const Result<CborReader> map = reader.enter_map();
  ASSERT_TRUE(map.ok());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(map.value().find("up_us").value().unsigned_integer().value(), 77u);
  const CborReader stages = map.value().find("stages").value().enter_map().value();
  const CborReader call = stages.find("call").value().enter_map().value();
  EXPECT_EQ(call.find("us").value().unsigned_integer().value(), 500u);
}

TEST(Saga, CrashRecordIsValidOnlyWhenSealedAndWhole) {
  CrashRecord record{};
  EXPECT_FALSE(crash_valid(record));
  record.pc = 0x1234;
  seal_crash(record);
  EXPECT_TRUE(crash_valid(record));
  record.pc ^= 1;
  EXPECT_FALSE(crash_valid(record));
  seal_crash(record);
  clear_crash(record);
  EXPECT_FALSE(crash_valid(record));
}

}  // namespace
}  // namespace rune::saga
