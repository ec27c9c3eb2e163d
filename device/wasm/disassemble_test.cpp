#include "device/wasm/disassemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/wasm/test_module.h"

namespace rune::wasm {
namespace {

using namespace testing_support;

// (func (param i32) (result i32) (local.set 0 (i32.add (local.get 0) (i32.const 5)))
//   (if (i32.lt_s (local.get 0) (i32.const 9)) (then)) (local.get 0))
TEST(DisassembleTest, ShowsElidedCopiesAndFusedBranches) {
  const Text text = module({section(1, vec({type({kI32}, {kI32})})), section(3, vec({byte(0)})),
                            section(10, vec({body(local_get(0) + i32_const(5) + byte(0x6A) + byte(0x21) +
                                                  byte(0) + local_get(0) + i32_const(9) + byte(0x48) +
                                                  byte(0x04) + byte(0x40) + byte(0x0B) + local_get(0))}))});
  Machine machine;
  ASSERT_EQ(machine.install(text), Status::kOk) << machine.report.error;
  ASSERT_EQ(machine.start(), Status::kOk);
  EXPECT_EQ(disassemble(machine.code),
            "function 0: type 0, 1 parameter slots, 1 locals, 3 in all\n"
            "  24: i32_add_k s0, s0, 5\n"
            "  34: br_if_i32_ge_s_k s0, 9, -> 46\n"
            "  46: return_32 s0\n");
}

}  // namespace
}  // namespace rune::wasm
