#include "device/runicos/runicos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/runicos/simulated_port.h"
#include "device/runicos/test_rune.h"

namespace rune::os {
namespace {

using testing::HasSubstr;

// Reads 4 raw bytes and prints them: {"type_name":"u8",...}.
TestRune reader(uint16_t channel = 0) {
  TestRune rune;
  CapabilityRequest raw;
  raw.kind = CapabilityKind::kRaw;
  raw.tensor.element = ElementType::kU8;
  raw.tensor.shape.rank = 1;
  raw.tensor.shape.dims[0] = 4;
  (void)rune.manifest.capabilities.push_back(raw);
  (void)rune.manifest.outputs.push_back(OutputKind::kSerial);
  rune.imports = {"capability_read", "output_write"};
  rune.data = tensor_record(3000, 4, ElementType::kU8, TestRune::kData + 28, channel) + Code{4, 0, 0, 0};
  rune.call = constant(0) + constant(3000) + constant(4) + call_import(0) + return_if_failed() + constant(0) +
              constant(TestRune::kData) + constant(1) + call_import(1);
  return rune;
}

std::string line(int value, int channel = 0) {
  const std::string v = std::to_string(value);
  return "{\"type_name\":\"u8\",\"channel\":" + std::to_string(channel) + ",\"elements\":[" + v + "," + v +
         "," + v + "," + v + "],\"dimensions\":[4]}\n";
}

Status put(SimulatedPort& port, std::string_view name, const TestRune& rune) {
  RUNE_TRY(port.os->receive(name, rune.build()));
  return port.os->install(name);
}

RuneState state_of(const SimulatedPort& port, std::string_view name) {
  return port.os->find(name).value().state;
}

TEST(RunicOs, EmptyStoreBootsAndIdles) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  port.os->step();
  EXPECT_FALSE(port.os->running());
  EXPECT_EQ(port.os->rune(0).status(), Status::kNotFound);
}

TEST(RunicOs, InstalledRuneRunsByItselfUntilItsSourceEnds) {
  SimulatedPort port;
  port.reads_left = 2;
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader()), Status::kOk) << port.os->reason();
  EXPECT_EQ(state_of(port, "reader"), RuneState::kRunning);
  for (int i = 0; i < 5; ++i) port.os->step();
  EXPECT_EQ(port.printed, line(1) + line(2));
  EXPECT_EQ(state_of(port, "reader"), RuneState::kInstalled);
  EXPECT_THAT(port.log_text(), HasSubstr("reader: end of data"));
  EXPECT_THAT(port.log_text(), HasSubstr(line(2)));
  EXPECT_EQ(port.os->saga().timing(saga::Stage::kCall).count, 2u);
  EXPECT_EQ(port.os->saga().timing(saga::Stage::kCapability).count, 3u);
}

TEST(RunicOs, InstalledRuneRunsAfterARestart) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader()), Status::kOk);
  ASSERT_EQ(port.boot(), Status::kOk);
  port.os->step();
  EXPECT_EQ(port.printed, line(1));
}

TEST(RunicOs, SeveralAreInstalledAndOneRuns) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "one", reader(1)), Status::kOk);
  ASSERT_EQ(put(port, "two", reader(2)), Status::kOk);
  EXPECT_EQ(state_of(port, "one"), RuneState::kInstalled);
  EXPECT_EQ(state_of(port, "two"), RuneState::kRunning);
  ASSERT_EQ(port.os->start_rune("one"), Status::kOk);
  port.os->step();
  EXPECT_EQ(port.printed, line(1, 1));
  ASSERT_EQ(port.os->stop_rune("one"), Status::kOk);
  port.os->step();
  EXPECT_EQ(port.printed, line(1, 1));
  ASSERT_EQ(port.os->remove("one"), Status::kOk);
  EXPECT_EQ(port.os->find("one").status(), Status::kNotFound);
  EXPECT_EQ(port.os->start_rune("one"), Status::kNotFound);
}

TEST(RunicOs, UpdateReplacesAndARefusedUpdateDoesNot) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader(1)), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader(2)), Status::kOk);
  port.os->step();
  EXPECT_EQ(port.printed, line(1, 2));
  TestRune wrong = reader(3);
  wrong.wrong_manifest = true;
  EXPECT_EQ(put(port, "reader", wrong), Status::kMismatch);
  EXPECT_THAT(std::string(port.os->reason()), HasSubstr("_manifest() differs"));
  EXPECT_EQ(state_of(port, "reader"), RuneState::kRunning);
  port.os->step();
  EXPECT_EQ(port.printed, line(1, 2) + line(2, 2));
}

// What is refused before any guest code runs, and with which words.
TEST(RunicOs, RefusalsNameWhatAndLimit) {
  struct Case {
    const char* words;
    Status status;
    TestRune rune;
  };
  std::vector<Case> cases;
  cases.push_back({"ram bytes: needs", Status::kTooLarge, reader()});
  cases.back().rune.manifest.memory_bytes = 65536;
  cases.push_back({"capability image: needs 1, limit 0", Status::kTooLarge, reader()});
  cases.back().rune.manifest.capabilities[0].kind = CapabilityKind::kImage;
  cases.push_back({"capability sound is not granted", Status::kDenied, reader()});
  cases.back().rune.manifest.capabilities[0].kind = CapabilityKind::kSound;
  cases.push_back({"output tensor is not granted", Status::kDenied, reader()});
  cases.back().rune.manifest.outputs[0] = OutputKind::kTensor;
  cases.push_back({"fuel: needs 2000000, limit 1000000", Status::kTooLarge, reader()});
  cases.back().rune.manifest.fuel = 2000000;
  cases.push_back({"link: denied: import model_run", Status::kDenied, reader()});
  cases.back().rune.imports[1] = "model_run";
  cases.push_back({"link: denied: import system", Status::kDenied, reader()});
  cases.back().rune.imports[1] = "system";
  cases.push_back({"code: ", Status::kInvalid, reader()});
  cases.back().rune.call = {};
  for (Case& each : cases) {
    SimulatedPort port;
    ASSERT_EQ(port.boot(), Status::kOk);
    EXPECT_EQ(put(port, "bad", each.rune), each.status) << each.words;
    EXPECT_THAT(std::string(port.os->reason()), HasSubstr(each.words));
    EXPECT_EQ(state_of(port, "bad"), RuneState::kFailed);
    EXPECT_EQ(port.reads, 0u) << each.words;
    // The device goes on serving, and takes a good one of that name.
    EXPECT_EQ(put(port, "bad", reader()), Status::kOk);
  }
}

// Guests that misbehave while they run: the rune fails with a reason, the device serves on.
TEST(RunicOs, FailuresOfGuestsAreNamed) {
  struct Case {
    const char* words;
    Code call;
  };
  const uint32_t imports = 2;
  const Case cases[] = {
      {"trap: unreachable", unreachable() + constant(0)},
      {"fuel exhausted", endless_loop() + constant(0)},
      {"stack overflow", recurse(imports) + constant(0)},
      {"the pipeline returned invalid argument", constant(-1)},
      {"the pipeline returned invalid argument", constant(0) + constant(4095) + constant(4) + call_import(0)},
      {"the pipeline returned mismatch", constant(0) + constant(3000) + constant(5) + call_import(0)},
      {"the pipeline returned not found", constant(7) + constant(3000) + constant(4) + call_import(0)},
      {"the pipeline returned too large", constant(0) + constant(2048) + constant(9) + call_import(1)},
      {"the pipeline returned invalid argument", constant(0) + constant(-4) + constant(1) + call_import(1)},
  };
  for (const Case& each : cases) {
    SimulatedPort port;
    ASSERT_EQ(port.boot(), Status::kOk);
    TestRune rune = reader();
    rune.call = each.call;
    ASSERT_EQ(put(port, "bad", rune), Status::kOk) << port.os->reason();
    port.os->step();
    EXPECT_EQ(state_of(port, "bad"), RuneState::kFailed) << each.words;
    EXPECT_THAT(std::string(port.os->find("bad").value().error), HasSubstr(each.words));
    EXPECT_THAT(port.log_text(), HasSubstr(std::string("bad: failed: ") + each.words));
    EXPECT_EQ(put(port, "good", reader()), Status::kOk);
    port.os->step();
    EXPECT_EQ(port.printed, line(static_cast<int>(port.reads)));
  }
}

TEST(RunicOs, GarbageIsNoRune) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  const std::vector<uint8_t> good = reader().build();
  for (size_t size = 1; size < good.size(); ++size) {
    ASSERT_EQ(port.os->receive("cut", Bytes(good).first(size)), Status::kOk);
    ASSERT_NE(port.os->install("cut"), Status::kOk) << size;
  }
  EXPECT_EQ(put(port, "cut", reader()), Status::kOk);
}

TEST(RunicOs, DamagedCodeIsTranslatedAnew) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader()), Status::kOk);
  const Store& store = port.os->store();
  const Bytes code = store.code(store.find_installed("reader").value());
  const_cast<uint8_t*>(code.data())[code.size() / 2] ^= 0x10;
  ASSERT_EQ(port.boot(), Status::kOk);
  port.os->step();
  EXPECT_EQ(port.printed, line(1));
  EXPECT_EQ(port.flash.violations(), 0u);
}

TEST(RunicOs, InstallsThroughResetsWhereFlashShowsItselfLate) {
  SimulatedPort port(true);
  ASSERT_EQ(port.boot(), Status::kOk);
  ASSERT_EQ(put(port, "reader", reader()), Status::kNeedsReset);
  ASSERT_EQ(port.boot(), Status::kOk);
  EXPECT_EQ(state_of(port, "reader"), RuneState::kRunning);
  port.os->step();
  EXPECT_EQ(port.printed, line(1));
}

// Promise 6 for the whole of an install: cut at each flash operation, from the first byte
// received; afterwards the old rune runs or the new one does.
void cut_everywhere(bool after_reset) {
  const auto prepare = [](SimulatedPort& port) {
    ASSERT_EQ(port.boot(), Status::kOk);
    Status status = put(port, "reader", reader(1));
    if (status == Status::kNeedsReset) status = port.boot();
    ASSERT_EQ(status, Status::kOk);
  };
  const auto update = [](SimulatedPort& port) {
    Status status = put(port, "reader", reader(2));
    for (int resets = 0; status == Status::kNeedsReset && resets < 4; ++resets) {
      port.flash.show();
      port.make();
      status = port.os->start();
    }
  };
  uint32_t old_states = 0, new_states = 0;
  for (uint32_t cut = 1;; ++cut) {
    SimulatedPort port(after_reset);
    prepare(port);
    port.flash.restart();
    port.make();
    ASSERT_EQ(port.os->start(), Status::kOk);
    port.flash.cut_at(cut);
    update(port);
    const bool finished = port.flash.operations() < cut;
    port.printed.clear();
    ASSERT_EQ(port.boot(), Status::kOk) << cut;
    port.os->step();
    const bool old_state = port.printed.find("\"channel\":1") != std::string::npos;
    const bool new_state = port.printed.find("\"channel\":2") != std::string::npos;
    ASSERT_TRUE(old_state != new_state) << "cut at operation " << cut << ": " << port.log_text();
    (old_state ? old_states : new_states) += 1;
    ASSERT_EQ(port.flash.violations(), 0u);
    if (finished) break;
  }
  EXPECT_GT(old_states, 20u);
  EXPECT_GT(new_states, 1u);
}

TEST(RunicOs, PowerCutAtEachOperationOfAnInstall) { cut_everywhere(false); }
TEST(RunicOs, PowerCutAtEachOperationOfAnInstallWithResets) { cut_everywhere(true); }

}  // namespace
}  // namespace rune::os
