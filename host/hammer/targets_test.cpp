#include "host/hammer/targets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace rune::hammer {
namespace {

namespace fs = std::filesystem;

class TargetsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("targets-" + random_id());
    fs::create_directories(folder_ / "rune");
    ::setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static const Target* find(const std::vector<Target>& targets, const std::string& id) {
    for (const Target& each : targets) {
      if (each.id == id) return &each;
    }
    return nullptr;
  }

  fs::path folder_;
  Diagnostics warnings_;
};

TEST_F(TargetsTest, AnEmulatedDeviceIsListedWhileItsFileIsHeld) {
  {
    auto state = StateFile::create("desk", "mps2-an386", "/dev/null");
    ASSERT_TRUE(state.ok()) << state.error().text();
    const auto targets = discover_targets(warnings_);
    const Target* desk = find(targets, "desk");
    ASSERT_NE(desk, nullptr);
    EXPECT_EQ(desk->json().dump(),
              R"({"available":true,"id":"desk","name":"mps2-an386","serial":"/dev/null",)"
              R"("source":"emulated","type":"SERIAL"})");
    EXPECT_EQ(fs::read_symlink(state_folder().value() + "/desk.tty"), "/dev/null");
  }
  EXPECT_EQ(find(discover_targets(warnings_), "desk"), nullptr);
  EXPECT_TRUE(fs::is_empty(state_folder().value()));
}

TEST_F(TargetsTest, AFileThatNobodyHoldsIsRemoved) {
  const std::string path = state_folder().value() + "/ghost.json";
  std::ofstream(path) << R"({"id": "ghost", "board": "mps2-an386", "serial": "/dev/null", "pid": 1})";
  EXPECT_EQ(find(discover_targets(warnings_), "ghost"), nullptr);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TargetsTest, TwoDevicesCannotHaveOneName) {
  auto first = StateFile::create("desk", "mps2-an386", "/dev/null");
  ASSERT_TRUE(first.ok());
  auto second = StateFile::create("desk", "lm3s6965evb", "/dev/null");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().text(), "a device named \"desk\" is running; try another --name");
  EXPECT_NE(find(discover_targets(warnings_), "desk"), nullptr);
}

TEST_F(TargetsTest, NamesThatAreNoFileNamesAreRefused) {
  for (const char* id : {"", "a/b", "..", ".hidden", "a b", "0123456789012345678901234567890123"}) {
    EXPECT_FALSE(StateFile::create(id, "mps2-an386", "/dev/null").ok()) << id;
  }
}

TEST_F(TargetsTest, ConfiguredTargetsAreListedAndMistakesAreWarnings) {
  std::ofstream(folder_ / "rune/targets.json")
      << R"({"targets": [{"id": "bench", "name": "Portenta H7", "serial": "/dev/null"},
                         {"id": "away", "serial": "/dev/no-such-port"}, {"id": "half"}, 7]})";
  const auto targets = discover_targets(warnings_);
  ASSERT_NE(find(targets, "bench"), nullptr);
  EXPECT_TRUE(find(targets, "bench")->available);
  ASSERT_NE(find(targets, "away"), nullptr);
  EXPECT_FALSE(find(targets, "away")->available);
  EXPECT_EQ(warnings_.size(), 2u);
  std::ofstream(folder_ / "rune/targets.json") << "{";
  Diagnostics broken;
  (void)discover_targets(broken);
  EXPECT_EQ(broken.size(), 1u);
}

TEST_F(TargetsTest, FindsByIdBeginningAndPathAndListsTheKnownOnes) {
  auto one = StateFile::create("2b99c594", "mps2-an386", "/dev/null");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(find_target("").value().id, "2b99c594");
  auto two = StateFile::create("2b99ffff", "lm3s6965evb", "/dev/zero");
  ASSERT_TRUE(two.ok());
  EXPECT_EQ(find_target("2b99f").value().id, "2b99ffff");
  EXPECT_EQ(find_target("/dev/zero").value().id, "2b99ffff");
  EXPECT_EQ(find_target("/dev/ttyOther").value().serial, "/dev/ttyOther");
  EXPECT_FALSE(find_target("2b99").ok());
  EXPECT_EQ(find_target("").error().text(), "2 targets are available: 2b99c594, 2b99ffff; try -t 2b99c594");
  EXPECT_NE(find_target("2b99c595").error().text().find("known: 2b99c594, 2b99ffff"), std::string::npos);
}

TEST_F(TargetsTest, IdsAreFresh) { EXPECT_NE(random_id(), random_id()); }

}  // namespace
}  // namespace rune::hammer
