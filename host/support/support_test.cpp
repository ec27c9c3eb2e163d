#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/support/diagnostic.h"
#include "host/support/files.h"
#include "host/support/text.h"

namespace rune {
namespace {

TEST(Diagnostic, PrintsWhereWhatLimitActualAndHint) {
  Diagnostic one;
  one.where = {.file = "net.onnx", .node = "node conv3"};
  one.what = "activation does not fit the arena";
  one.limit = 32768;
  one.actual = 41472;
  one.unit = "bytes";
  one.hint = "a smaller input";
  EXPECT_EQ(one.text(),
            "net.onnx: node conv3: activation does not fit the arena; needs 41472 bytes, limit 32768 bytes; "
            "try a smaller input");
  EXPECT_EQ(one.json().at("actual"), 41472);
  EXPECT_FALSE(one.json().contains("line"));
}

TEST(Diagnostic, PrintsLinesColumnsAndBytes) {
  Diagnostic one;
  one.what = "x";
  one.where = {.file = "Runefile", .line = 4};
  EXPECT_EQ(one.text(), "Runefile:4: x");
  one.where = {.file = "Runefile", .line = 4, .column = 7};
  EXPECT_EQ(one.text(), "Runefile:4:7: x");
  one.where = {.file = "m.tflite", .byte = 12};
  EXPECT_EQ(one.text(), "m.tflite: byte 12: x");
  one.where = {};
  one.severity = Severity::kWarning;
  EXPECT_EQ(one.text(), "warning: x");
}

TEST(Diagnostic, ResultsCarryOneOrSeveral) {
  const auto one = [](bool good) -> Result<int, Diagnostic> {
    if (good) return 3;
    return Diagnostic{.where = {}, .what = "bad"};
  };
  const auto several = [&one](bool good) -> Result<std::string, Diagnostics> {
    const auto number = one(good);
    if (!number.ok()) return number.error();
    return std::string("good");
  };
  EXPECT_EQ(one(true).value(), 3);
  EXPECT_EQ(several(true).value(), "good");
  ASSERT_FALSE(several(false).ok());
  EXPECT_EQ(several(false).error()[0].what, "bad");
  EXPECT_TRUE((Result<void, Diagnostic>().ok()));
}

TEST(Text, NearestFindsTyposOnly) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("modle", "model"), 1u);
  EXPECT_EQ(nearest("CAPABLITY", {"FROM", "CAPABILITY", "MODEL"}), "CAPABILITY");
  EXPECT_EQ(nearest("modle", {"MODEL", "RUN"}), "MODEL");
  EXPECT_EQ(nearest("banana", {"MODEL", "RUN"}), "");
  EXPECT_EQ(one_of({"a", "b", "c"}), "a, b or c");
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("rune-files-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

TEST_F(Files, WriteThenRead) {
  ASSERT_TRUE(write_text_file(path("a"), "hello").ok());
  ASSERT_TRUE(write_text_file(path("a"), "again").ok());
  EXPECT_EQ(read_text_file(path("a")).value(), "again");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Files, AMissingFileNamesTheNearest) {
  ASSERT_TRUE(write_text_file(path("model.tflite"), "x").ok());
  const auto read = read_file(path("modle.tflite"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().what, "no such file");
  EXPECT_EQ(read.error().hint, path("model.tflite"));
}

TEST_F(Files, AFailedWriteLeavesNothing) {
  const auto written = write_text_file(path("none/out"), "x");
  ASSERT_FALSE(written.ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  EXPECT_FALSE(read_file(folder_.string()).ok());
}

}  // namespace
}  // namespace rune
