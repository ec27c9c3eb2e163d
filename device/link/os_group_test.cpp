#include "device/link/os_group.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rune::link {
namespace {

class OsGroupTest : public testing::Test {
 protected:
  OsGroupTest() {
    EXPECT_EQ(add_os_group(os_, table_), Status::kOk);
    os_.handlers = {table_.begin(), table_.size()};
    server_ = Server(os_.handlers);
  }

  // Sends a map of at most one pair of texts; answer_ holds the message.
  CborReader ask(uint16_t group, uint8_t command, Operation operation, std::string_view key = {},
                 std::string_view value = {}) {
    uint8_t request[128];
    CborWriter out(MutableBytes(request).subspan(kHeaderBytes));
    out.begin_map(key.empty() ? 0 : 1);
    if (!key.empty()) out.pair(key, value);
    write_header({operation, 1, static_cast<uint16_t>(out.needed()), group, 5, command}, request);
    const Result<size_t> size = server_.answer(Bytes(request, kHeaderBytes + out.needed()), answer_);
    EXPECT_TRUE(size.ok());
    CborReader in(Bytes(answer_).subspan(kHeaderBytes, size.value() - kHeaderBytes));
    const Result<CborReader> map = in.enter_map();
    EXPECT_TRUE(map.ok());
    return map.value();
  }

  static std::string text_of(const CborReader& map, std::string_view key) {
    Result<CborReader> value = map.find(key);
    if (!value.ok()) return "(none)";
    return std::string(value.value().text().value());
  }
  static int64_t number_of(const CborReader& map, std::string_view key) {
    Result<CborReader> value = map.find(key);
    return value.ok() ? value.value().integer().value() : -1;
  }
  // The rc inside "err"; -1 when the answer is no error.
  static int64_t error_of(const CborReader& map) {
    Result<CborReader> error = map.find("err");
    if (!error.ok()) return -1;
    const Result<CborReader> inner = error.value().enter_map();
    return inner.ok() ? number_of(inner.value(), "rc") : -1;
  }

  static void count(void* context) { ++*static_cast<int*>(context); }

  int resets_ = 0;
  OsGroup os_{.buffer_bytes = 1024,
              .buffer_count = 2,
              .system_name = "RunicOS",
              .node = "desk",
              .release = "0.1.0",
              .build = "today",
              .architecture = "cortex-m4",
              .board = "mps2-an386",
              .reset = &count,
              .context = &resets_,
              .handlers = {}};
  FixedVector<Handler, 8> table_;
  Server server_;
  std::vector<uint8_t> answer_ = std::vector<uint8_t>(256);
};

TEST_F(OsGroupTest, EchoesByReadAndWrite) {
  EXPECT_EQ(text_of(ask(kGroupOs, 0, Operation::kWrite, "d", "hello"), "r"), "hello");
  EXPECT_EQ(text_of(ask(kGroupOs, 0, Operation::kRead, "d", "again"), "r"), "again");
  EXPECT_EQ(error_of(ask(kGroupOs, 0, Operation::kWrite)), 2);
}

TEST_F(OsGroupTest, EchoTooLongForTheAnswerIsAnError) {
  answer_.resize(kMinAnswerBytes);
  EXPECT_EQ(number_of(ask(kGroupOs, 0, Operation::kWrite, "d", std::string(60, 'x')), "rc"), 7);
}

TEST_F(OsGroupTest, TellsItsBuffers) {
  const CborReader map = ask(kGroupOs, 6, Operation::kRead);
  EXPECT_EQ(number_of(map, "buf_size"), 1024);
  EXPECT_EQ(number_of(map, "buf_count"), 2);
}

TEST_F(OsGroupTest, TellsWhatItIs) {
  EXPECT_EQ(text_of(ask(kGroupOs, 7, Operation::kRead), "output"), "RunicOS");
  EXPECT_EQ(text_of(ask(kGroupOs, 7, Operation::kRead, "format", "ri"), "output"), "0.1.0 mps2-an386");
  EXPECT_EQ(text_of(ask(kGroupOs, 7, Operation::kRead, "format", "a"), "output"),
            "RunicOS desk 0.1.0 today cortex-m4 cortex-m4 mps2-an386");
  EXPECT_EQ(error_of(ask(kGroupOs, 7, Operation::kRead, "format", "sz")), 2);
}

TEST_F(OsGroupTest, ResetAsksItsOwner) {
  EXPECT_EQ(error_of(ask(kGroupOs, 5, Operation::kWrite)), -1);
  EXPECT_EQ(resets_, 1);
  os_.reset = nullptr;
  EXPECT_NE(error_of(ask(kGroupOs, 5, Operation::kWrite)), -1);
  EXPECT_EQ(resets_, 1);
}

TEST_F(OsGroupTest, ListsEachGroupOnce) {
  ASSERT_EQ(table_.push_back({kGroupRune, 0, Operation::kRead, &handle_echo, nullptr}), Status::kOk);
  os_.handlers = {table_.begin(), table_.size()};
  const CborReader map = ask(kGroupEnumeration, 1, Operation::kRead);
  Result<CborReader> value = map.find("groups");
  ASSERT_TRUE(value.ok());
  Result<CborReader> items = value.value().enter_array();
  ASSERT_TRUE(items.ok());
  std::vector<uint64_t> groups;
  while (!items.value().at_end()) groups.push_back(items.value().unsigned_integer().value());
  EXPECT_EQ(groups, (std::vector<uint64_t>{kGroupOs, kGroupEnumeration, kGroupRune}));
}

}  // namespace
}  // namespace rune::link
