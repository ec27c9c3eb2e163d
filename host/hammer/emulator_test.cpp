#include "host/hammer/emulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "host/hammer/process.h"

namespace rune::hammer {
namespace {

TEST(Emulator, AnUnknownBoardNamesTheNearestOne) {
  const auto found = find_board("mps2-an385");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().text(), "unknown board \"mps2-an385\"; try mps2-an386");
}

TEST(Emulator, ArgumentsAreQuotedForEmulatorAndImage) {
  const auto command =
      emulator_command({.board = "mps2-an386", .image = "a.elf", .arguments = {{"name", "a b,c%"}}});
  EXPECT_NE(std::ranges::find(command, "enable=on,target=native,chardev=console,arg=name=a%20b%2cc%25"),
            command.end());
}

TEST(Emulator, FilesAndInstructionCountsBecomeOptions) {
  const auto command = emulator_command(
      {.board = "lm3s6965evb", .image = "a.elf", .icount_shift = 6, .files = {{"f,1", 0x20000}}});
  EXPECT_NE(std::ranges::find(command, "shift=6,sleep=off"), command.end());
  EXPECT_EQ(command.back(), "loader,file=f,,1,addr=0x20000,force-raw=on");
}

TEST(Emulator, AMissingImageSaysWhatToDo) {
  const auto run = run_image({.board = "mps2-an386", .image = "nowhere.elf"}, 1);
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().text(), "nowhere.elf: there is no image for mps2-an386; try make build");
}

class EmulatorImageTest : public testing::Test {
 protected:
  void SetUp() override {
    image_ = std::string(RUNE_SOURCE_DIR) + "/build/devices/port_test-mps2-an386.elf";
    if (!std::filesystem::exists(image_)) GTEST_SKIP() << "the boards' images are not built here: make build";
  }
  std::string image_;
};

TEST_F(EmulatorImageTest, RunsAnImageWithItsArguments) {
  const auto run = run_image(
      {.board = "mps2-an386", .image = image_, .arguments = {{"name", "a b"}}, .icount_shift = 6}, 60);
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_EQ(run.value().exit_code, 0) << run.value().output << run.value().errors;
}

TEST_F(EmulatorImageTest, GivesTheImagesOutputAndExitCode) {
  const auto run = run_image(
      {.board = "mps2-an386", .image = image_, .arguments = {{"name", "b"}}, .icount_shift = 6}, 60);
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_EQ(run.value().exit_code, 1);
  EXPECT_EQ(run.value().output, "failed: arguments are decoded\n");
}

TEST_F(EmulatorImageTest, AnImageWithoutEndIsKilledInTime) {
  const double begin = now_seconds();
  const auto run =
      run_image({.board = "mps2-an386", .image = image_, .arguments = {{"name", "a b"}, {"echo", "1"}}}, 1);
  ASSERT_FALSE(run.ok());
  EXPECT_NE(run.error().text().find("does not come to an end"), std::string::npos);
  EXPECT_LT(now_seconds() - begin, 30);
}

TEST(Process, AMissingProgramIsADiagnostic) {
  const auto started = ChildProcess::start({"no-such-program"}, {});
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().text().find("no-such-program: cannot start the program"), std::string::npos);
}

TEST(Process, EndsItsChildAndKnowsItsExitCode) {
  auto sleeping = ChildProcess::start({"sleep", "1000"}, {});
  ASSERT_TRUE(sleeping.ok());
  EXPECT_FALSE(sleeping.value().ended());
  sleeping.value().end();
  EXPECT_FALSE(sleeping.value().running());
  auto failing = ChildProcess::start({"sh", "-c", "exit 7"}, {});
  ASSERT_TRUE(failing.ok());
  std::optional<int> code;
  while (!(code = failing.value().ended())) {
  }
  EXPECT_EQ(code, 7);
}

}  // namespace
}  // namespace rune::hammer
