// The engine from bytes to results, on small modules written out by hand. The standard's scripts
// (tests/spec) are the judge of semantics; here stand the promises of wasm.h that they do not reach.
#include <gtest/gtest.h>

#include "device/wasm/test_module.h"
#include "device/wasm/wasm.h"

namespace rune::wasm {
namespace {

using namespace testing_support;

// (func (export "add") (param i32 i32) (result i32) ...) and a loop that never ends.
Text arithmetic_module() {
  return module({section(1, vec({type({kI32, kI32}, {kI32}), type({}, {})})),
                 section(3, vec({byte(0), byte(1)})),
                 section(7, vec({export_function("add", 0), export_function("spin", 1)})),
                 section(10, vec({body(local_get(0) + local_get(1) + byte(0x6A)),
                                  body(byte(0x03) + byte(0x40) + byte(0x0C) + byte(0) + byte(0x0B))}))});
}

TEST(EngineTest, AddsTwoNumbers) {
  Machine machine;
  ASSERT_EQ(machine.install(arithmetic_module()), Status::kOk) << machine.report.error;
  ASSERT_EQ(machine.start(), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("add", {40, 2}, results).status, Status::kOk);
  EXPECT_EQ(results[0], 42u);
}

TEST(EngineTest, FuelEndsALoopAndTheInstanceStaysUsable) {
  Machine machine;
  ASSERT_EQ(machine.install(arithmetic_module()), Status::kOk);
  ASSERT_EQ(machine.start(), Status::kOk);
  std::vector<uint32_t> nothing, results(1);
  const CallResult spun = machine.call("spin", {}, nothing);
  EXPECT_EQ(spun.status, Status::kFuelExhausted);
  EXPECT_EQ(spun.function, 1u);
  EXPECT_EQ(machine.fuel, 0u);
  machine.fuel = 10;
  EXPECT_EQ(machine.call("add", {1, 2}, results).status, Status::kOk);
  EXPECT_EQ(machine.fuel, 9u);
}

TEST(EngineTest, WrongArgumentCountIsAMismatch) {
  Machine machine;
  ASSERT_EQ(machine.install(arithmetic_module()), Status::kOk);
  ASSERT_EQ(machine.start(), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("add", {1}, results).status, Status::kMismatch);
}

TEST(EngineTest, HostFunctionIsCalledWithItsArguments) {
  const Text importing =
      module({section(1, vec({type({kI32}, {kI32})})),
              section(2, vec({sized("env") + sized("twice") + byte(0) + byte(0)})),
              section(3, vec({byte(0)})), section(7, vec({export_function("run", 1)})),
              section(10, vec({body(local_get(0) + byte(0x10) + byte(0) + i32_const(1) + byte(0x6A))}))});
  Machine machine;
  ASSERT_EQ(machine.install(importing), Status::kOk) << machine.report.error;
  EXPECT_EQ(machine.start(), Status::kDenied);
  HostFunction twice = {"env",
                        "twice",
                        "i",
                        "i",
                        [](void*, Instance&, const Value* arguments, Value* results) {
                          results[0].i32 = 2 * arguments[0].i32;
                          return Trap::kNone;
                        },
                        nullptr};
  twice.results = "I";
  EXPECT_EQ(machine.start({&twice, 1}), Status::kMismatch);
  twice.results = "i";
  ASSERT_EQ(machine.start({&twice, 1}), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("run", {20}, results).status, Status::kOk);
  EXPECT_EQ(results[0], 41u);
}

TEST(EngineTest, MemorySmallerThanAPageTrapsBeyondItsBytes) {
  const Text loading =
      module({section(1, vec({type({kI32}, {kI32})})), section(3, vec({byte(0)})),
              section(5, vec({byte(0) + byte(1)})), section(7, vec({export_function("load", 0)})),
              section(10, vec({body(local_get(0) + byte(0x28) + byte(2) + byte(0))}))});
  Machine machine;
  ASSERT_EQ(machine.install(loading), Status::kOk) << machine.report.error;
  ASSERT_EQ(machine.start({}, 256), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("load", {252}, results).status, Status::kOk);
  const CallResult beyond = machine.call("load", {253}, results);
  EXPECT_EQ(beyond.status, Status::kTrap);
  EXPECT_EQ(beyond.trap, Trap::kMemoryOutOfBounds);
  EXPECT_EQ(machine.code.declared_memory_bytes(), 65536u);
}

TEST(EngineTest, InvalidModuleIsRefusedWithItsPosition) {
  const Text invalid = module({section(1, vec({type({}, {kI32})})), section(3, vec({byte(0)})),
                               section(10, vec({body(byte(0x01))}))});
  Machine machine;
  EXPECT_EQ(machine.install(invalid), Status::kInvalid);
  EXPECT_STREQ(machine.report.error, "type mismatch");
  EXPECT_EQ(machine.report.error_offset, invalid.size() - 1);
}

TEST(EngineTest, EveryTooSmallWorkspaceAndSinkIsReported) {
  const Text text = arithmetic_module();
  Machine machine;
  ASSERT_EQ(machine.install(text), Status::kOk);
  const size_t code_bytes = machine.sink.bytes.size();
  size_t refused = 0;
  for (size_t size = 0; size < 1024; size++) {
    VectorSink sink;
    machine.workspace.resize(size);
    const Status status = install(machine.binary, machine.workspace, sink, {}, machine.report);
    ASSERT_TRUE(status == Status::kOk || status == Status::kNoMemory) << size;
    if (status == Status::kOk) {
      ASSERT_EQ(sink.bytes.size(), code_bytes);
    } else {
      refused++;
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_LT(refused, 1024u);
  for (size_t limit = 0; limit < code_bytes; limit += 4) {
    VectorSink sink;
    sink.limit = limit;
    ASSERT_EQ(install(machine.binary, machine.workspace, sink, {}, machine.report), Status::kNoMemory);
  }
}

TEST(EngineTest, DamagedImageOrAnotherModuleIsNotOpened) {
  Machine machine;
  ASSERT_EQ(machine.install(arithmetic_module()), Status::kOk);
  ASSERT_EQ(machine.start(), Status::kOk);
  for (size_t i = 0; i < machine.image.size(); i++) {
    machine.image[i] ^= 0x10;
    EXPECT_FALSE(Code::open(machine.binary, machine.image_bytes()).ok()) << "word " << i;
    machine.image[i] ^= 0x10;
  }
  machine.binary.back() ^= 1;
  EXPECT_EQ(Code::open(machine.binary, machine.image_bytes()).status(), Status::kChecksum);
}

}  // namespace
}  // namespace rune::wasm
