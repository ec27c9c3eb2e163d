// What the host sees of instances: calls back into them, exported globals, references, guest memory.
#include <gtest/gtest.h>

#include "device/wasm/test_module.h"

namespace rune::wasm {
namespace {

using namespace testing_support;

// (import "env" "again" (func (param i32) (result i32)))
// (func $count (export "count") (param i32) (result i32)
//   (if (result i32) (local.get 0) (then (call $again (i32.sub (local.get 0) (i32.const 1)))) (else
//   (i32.const 7))))
Text recursive_module() {
  return module(
      {section(1, vec({type({kI32}, {kI32})})),
       section(2, vec({sized("env") + sized("again") + byte(0) + byte(0)})), section(3, vec({byte(0)})),
       section(5, vec({byte(0) + byte(1)})), section(7, vec({export_function("count", 1)})),
       section(10, vec({body(local_get(0) + byte(0x04) + byte(0x7F) + local_get(0) + i32_const(1) +
                             byte(0x6B) + byte(0x10) + byte(0) + byte(0x05) + i32_const(7) + byte(0x0B))}))});
}

struct Recursion {
  uint32_t fuel = 1000;
  Status deepest = Status::kOk;
};

// A host function that calls the instance that called it.
Trap call_again(void* context, Instance& caller, const Value* arguments, Value* results) {
  auto* recursion = static_cast<Recursion*>(context);
  const CallResult result =
      caller.call(caller.find_function("count").value(), {arguments, 1}, {results, 1}, recursion->fuel);
  recursion->deepest = result.status;
  return result.trap;
}

TEST(LinkingTest, HostMayCallTheInstanceAgain) {
  Recursion recursion;
  const HostFunction again = {"env", "again", "i", "i", call_again, &recursion};
  Machine machine;
  ASSERT_EQ(machine.install(recursive_module()), Status::kOk) << machine.report.error;
  ASSERT_EQ(machine.start({&again, 1}), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("count", {20}, results).status, Status::kOk);
  EXPECT_EQ(results[0], 7u);
  EXPECT_EQ(recursion.fuel, 998u);  // each call counts what it used itself: here a call and a host call
}

TEST(LinkingTest, NestedCallsShareOneStackAndItsEndIsReported) {
  Recursion recursion;
  recursion.fuel = UINT32_MAX;
  const HostFunction again = {"env", "again", "i", "i", call_again, &recursion};
  Machine machine;
  ASSERT_EQ(machine.install(recursive_module()), Status::kOk);
  ASSERT_EQ(machine.start({&again, 1}), Status::kOk);
  std::vector<uint32_t> results(1);
  EXPECT_EQ(machine.call("count", {100000}, results).status, Status::kStackOverflow);
  EXPECT_EQ(recursion.deepest, Status::kStackOverflow);
  EXPECT_EQ(machine.call("count", {5}, results).status, Status::kOk);
}

TEST(LinkingTest, GuestBytesAreChecked) {
  const HostFunction again = {"env", "again", "i", "i", call_again, nullptr};
  Machine machine;
  ASSERT_EQ(machine.install(recursive_module()), Status::kOk);
  ASSERT_EQ(machine.start({&again, 1}, 4096), Status::kOk);
  EXPECT_EQ(machine.instance->memory().size(), 4096u);
  EXPECT_TRUE(machine.instance->guest_bytes(4090, 6).ok());
  EXPECT_TRUE(machine.instance->guest_bytes(4096, 0).ok());
  EXPECT_EQ(machine.instance->guest_bytes(4090, 7).status(), Status::kInvalidArgument);
  EXPECT_EQ(machine.instance->guest_bytes(UINT32_MAX, 2).status(), Status::kInvalidArgument);
}

// A module that exports a mutable global 41, and one that imports it and adds one.
TEST(LinkingTest, InstancesShareGlobals) {
  const Text exporting = module({section(6, vec({kI32 + byte(1) + i32_const(41) + byte(0x0B)})),
                                 section(7, vec({sized("g") + byte(3) + byte(0)}))});
  const Text importing = module(
      {section(1, vec({type({}, {})})), section(2, vec({sized("a") + sized("g") + byte(3) + kI32 + byte(1)})),
       section(3, vec({byte(0)})), section(7, vec({export_function("step", 0)})),
       section(10, vec({body(byte(0x23) + byte(0) + i32_const(1) + byte(0x6A) + byte(0x24) + byte(0))}))});
  Machine exporter, importer;
  ASSERT_EQ(exporter.install(exporting), Status::kOk) << exporter.report.error;
  ASSERT_EQ(exporter.start(), Status::kOk);
  ASSERT_EQ(importer.install(importing), Status::kOk) << importer.report.error;
  EXPECT_EQ(importer.start(), Status::kDenied);
  const LinkedInstance linked = {"a", exporter.instance};
  ASSERT_EQ(importer.start({}, 0, {&linked, 1}), Status::kOk);
  std::vector<uint32_t> nothing;
  EXPECT_EQ(importer.call("step", {}, nothing).status, Status::kOk);
  const Result<GlobalValue> global = exporter.instance->find_global("g");
  ASSERT_TRUE(global.ok());
  EXPECT_EQ(global.value().value.i32, 42u);
  EXPECT_TRUE(global.value().is_mutable);
  EXPECT_EQ(exporter.instance->find_global("h").status(), Status::kNotFound);
}

TEST(LinkingTest, DeniedImportIsNamed) {
  Machine machine;
  ASSERT_EQ(machine.install(recursive_module()), Status::kOk);
  EXPECT_EQ(machine.start(), Status::kDenied);
  const char* name = nullptr;
  uint32_t name_bytes = 0;
  InstanceOptions options;
  options.state = Machine::as_mutable(machine.state);
  options.denied_import = &name;
  options.denied_import_bytes = &name_bytes;
  EXPECT_EQ(Instance::create(machine.code, options, machine.fuel).status(), Status::kDenied);
  EXPECT_EQ(std::string(name, name_bytes), "again");
}

TEST(LinkingTest, SmallStateIsRefused) {
  Machine machine;
  ASSERT_EQ(machine.install(recursive_module()), Status::kOk);
  EXPECT_EQ(machine.start(), Status::kDenied);
  for (uint32_t size = 0; size < machine.code.state_bytes(); size += 8) {
    InstanceOptions options;
    options.state = Machine::as_mutable(machine.state).first(size);
    ASSERT_EQ(Instance::create(machine.code, options, machine.fuel).status(), Status::kNoMemory) << size;
  }
  EXPECT_LE(machine.code.state_bytes(), 256u);
}

}  // namespace
}  // namespace rune::wasm
