#include "device/runicos/store.h"

#include <gtest/gtest.h>

#include <string>

#include "device/runicos/simulated_flash.h"

namespace rune::os {
namespace {

constexpr uint32_t kFlashBytes = 32768;
constexpr uint32_t kSlots = 4;

std::vector<uint8_t> pattern(size_t size, uint8_t seed) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 31 + seed);
  return bytes;
}

Status receive(Store& store, std::string_view name, Bytes file, size_t chunk_bytes = 100) {
  RUNE_TRY(store.begin(name, static_cast<uint32_t>(file.size())));
  for (size_t at = 0; at < file.size(); at += chunk_bytes) {
    const Bytes chunk = file.subspan(at, std::min(chunk_bytes, file.size() - at));
    RUNE_TRY(store.append(static_cast<uint32_t>(at), chunk).status());
  }
  return Status::kOk;
}

// All that an install does to the flash, with code that stands for the translator's.
Status receive_and_install(Store& store, std::string_view name, Bytes file) {
  RUNE_TRY(receive(store, name, file));
  const Result<uint32_t> index = store.find_inactive(name);
  if (!index.ok()) return index.status();
  RUNE_TRY(store.request(index.value()));
  Store::CodeWriter writer(store, index.value());
  RUNE_TRY(writer.begin());
  const std::vector<uint8_t> code = pattern(1500, file[0]);
  RUNE_TRY(writer.append(Bytes(code).first(700)));
  RUNE_TRY(writer.append(Bytes(code).subspan(700)));
  RUNE_TRY(writer.finish());
  return store.install(index.value());
}

bool holds(Store& store, std::string_view name, const std::vector<uint8_t>& file) {
  const Result<uint32_t> index = store.find_installed(name);
  if (!index.ok()) return false;
  const Bytes stored = store.file(index.value());
  return std::vector<uint8_t>(stored.begin(), stored.end()) == file &&
         store.verify_file(index.value()) == Status::kOk && store.slot(index.value()).code_bytes == 1500;
}

TEST(Store, EmptyFlashHasNoRunes) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  EXPECT_EQ(store.find_installed("a").status(), Status::kNotFound);
  EXPECT_EQ(store.find_inactive("a").status(), Status::kNotFound);
  EXPECT_EQ(store.append(0, pattern(4, 0)).status(), Status::kBadState);
}

TEST(Store, KeepsFilesOverARestart) {
  for (const size_t size : {1, 3, 4, 15, 16, 17, 1000, 3001}) {
    SimulatedFlash flash(kFlashBytes);
    const std::vector<uint8_t> file = pattern(size, 1);
    {
      Store store(flash, kSlots);
      ASSERT_EQ(store.mount(), Status::kOk);
      ASSERT_EQ(receive_and_install(store, "sine", file), Status::kOk);
    }
    Store store(flash, kSlots);
    ASSERT_EQ(store.mount(), Status::kOk);
    EXPECT_TRUE(holds(store, "sine", file)) << size;
    EXPECT_EQ(flash.violations(), 0u);
  }
}

TEST(Store, RefusesNamesAndSizes) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  for (const std::string_view name : {"", "a/b", ".hidden", "a b", "0123456789012345678901234567890x"}) {
    EXPECT_EQ(store.begin(name, 10), Status::kInvalidArgument) << name;
  }
  EXPECT_EQ(store.begin("a", store.capacity_bytes() + 1), Status::kTooLarge);
  EXPECT_EQ(store.begin("a", 0), Status::kInvalidArgument);
}

TEST(Store, RepeatedAndMisplacedChunksChangeNothing) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  const std::vector<uint8_t> file = pattern(300, 9);
  ASSERT_EQ(store.begin("a", 300), Status::kOk);
  EXPECT_EQ(store.append(0, Bytes(file).first(100)).value(), 100u);
  EXPECT_EQ(store.append(0, Bytes(file).first(100)).value(), 100u);
  EXPECT_EQ(store.append(200, Bytes(file).subspan(200)).value(), 100u);
  EXPECT_EQ(store.append(100, Bytes(pattern(201, 0))).status(), Status::kTooLarge);
  EXPECT_EQ(store.append(100, Bytes(file).subspan(100)).value(), 300u);
  const Result<uint32_t> index = store.find_inactive("a");
  ASSERT_TRUE(index.ok());
  EXPECT_EQ(store.verify_file(index.value()), Status::kOk);
}

TEST(Store, FullStoreRefusesAnotherNameButTakesAnUpdateOfAnInactiveOne) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  for (const char* name : {"a", "b", "c", "d"}) ASSERT_EQ(receive(store, name, pattern(50, 1)), Status::kOk);
  EXPECT_EQ(store.begin("e", 50), Status::kNoMemory);
  EXPECT_EQ(receive(store, "b", pattern(60, 2)), Status::kOk);
  ASSERT_EQ(store.remove(store.find_inactive("c").value()), Status::kOk);
  EXPECT_EQ(receive(store, "e", pattern(50, 3)), Status::kOk);
  EXPECT_EQ(flash.violations(), 0u);
}

TEST(Store, DamageIsFound) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  ASSERT_EQ(receive_and_install(store, "a", pattern(500, 1)), Status::kOk);
  flash.bytes()[Store::kHeaderBytes + 77] ^= 1;
  EXPECT_EQ(store.verify_file(store.find_installed("a").value()), Status::kChecksum);
}

TEST(Store, CodeIsWrittenAnewUntilTheEntriesAreUsed) {
  SimulatedFlash flash(kFlashBytes);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  ASSERT_EQ(receive_and_install(store, "a", pattern(500, 1)), Status::kOk);
  const uint32_t index = store.find_installed("a").value();
  uint32_t written = 1;
  for (;; ++written) {
    Store::CodeWriter writer(store, index);
    if (writer.begin() != Status::kOk) break;
    const std::vector<uint8_t> code = pattern(100 + 4 * written, 2);
    ASSERT_EQ(writer.append(code), Status::kOk);
    ASSERT_EQ(writer.finish(), Status::kOk);
    ASSERT_EQ(store.mount(), Status::kOk);
    EXPECT_EQ(store.slot(index).code_bytes, code.size());
  }
  EXPECT_EQ(written, 8u);
  EXPECT_EQ(flash.violations(), 0u);
}

// Promise 6: after a cut at any operation of an update, the store has the whole old rune or
// the whole new one, and the update can be made again.
TEST(Store, PowerCutAtEachOperationLeavesOldOrNew) {
  const std::vector<uint8_t> before = pattern(2500, 1), after = pattern(2900, 2);
  const auto prepare = [&](SimulatedFlash& flash) {
    Store store(flash, kSlots);
    ASSERT_EQ(store.mount(), Status::kOk);
    // Leftovers in every slot, so that erasing matters.
    for (const char* name : {"w", "x", "y", "z"})
      ASSERT_EQ(receive(store, name, pattern(3000, 7)), Status::kOk);
    for (const char* name : {"w", "x", "y", "z"}) {
      ASSERT_EQ(store.remove(store.find_inactive(name).value()), Status::kOk);
    }
    ASSERT_EQ(receive_and_install(store, "rune", before), Status::kOk);
    flash.restart();
  };
  SimulatedFlash counted(kFlashBytes);
  prepare(counted);
  Store counting(counted, kSlots);
  ASSERT_EQ(counting.mount(), Status::kOk);
  ASSERT_EQ(receive_and_install(counting, "rune", after), Status::kOk);
  const uint32_t operations = counted.operations();
  ASSERT_GT(operations, 100u);

  uint32_t old_states = 0, new_states = 0;
  for (uint32_t cut = 1; cut <= operations; ++cut) {
    SimulatedFlash flash(kFlashBytes);
    prepare(flash);
    flash.cut_at(cut);
    {
      Store store(flash, kSlots);
      ASSERT_EQ(store.mount(), Status::kOk);
      ASSERT_NE(receive_and_install(store, "rune", after), Status::kOk) << cut;
    }
    flash.restart();
    Store store(flash, kSlots);
    ASSERT_EQ(store.mount(), Status::kOk);
    const bool old_state = holds(store, "rune", before), new_state = holds(store, "rune", after);
    ASSERT_TRUE(old_state != new_state) << "cut at operation " << cut;
    (old_state ? old_states : new_states) += 1;
    ASSERT_EQ(receive_and_install(store, "rune", after), Status::kOk) << cut;
    ASSERT_TRUE(holds(store, "rune", after)) << cut;
    ASSERT_EQ(flash.violations(), 0u) << cut;
  }
  EXPECT_GT(old_states, 0u);
  EXPECT_GT(new_states, 0u);
}

TEST(Store, ShowsWhatWasWrittenAfterAReset) {
  SimulatedFlash flash(kFlashBytes, 1024, true);
  Store store(flash, kSlots);
  ASSERT_EQ(store.mount(), Status::kOk);
  ASSERT_EQ(receive(store, "a", pattern(500, 1)), Status::kOk);
  const uint32_t index = store.find_inactive("a").value();
  EXPECT_FALSE(store.visible(index));
  ASSERT_EQ(store.request(index), Status::kOk);
  flash.restart();
  ASSERT_EQ(store.mount(), Status::kOk);
  EXPECT_EQ(store.slot(index).state, SlotState::kRequested);
  EXPECT_TRUE(store.visible(index));
  EXPECT_EQ(store.verify_file(index), Status::kOk);
}

}  // namespace
}  // namespace rune::os
