// Published frames of a stock client (JSON: message, version, sequence, bytes): headers
// read and written again give the same bytes, the payload is one CBOR map, and each goes
// through the console framing whole. Runs where the conformance data is.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "device/link/console_framing.h"
#include "device/link/smp.h"
#include "tests/support/test_data.h"

namespace rune::link {
namespace {

std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// Feeds what is written straight into a decoder.
struct Loop final : hal::BytePipe {
  size_t read(MutableBytes) override { return 0; }
  Status write(Bytes bytes) override {
    for (const uint8_t each : bytes) messages += decoder.feed(each) == ConsoleDecoder::Event::kMessage;
    return Status::kOk;
  }
  std::vector<uint8_t> frame = std::vector<uint8_t>(1 << 16);
  ConsoleDecoder decoder{frame};
  int messages = 0;
};

void check_vector(const nlohmann::json& vector) {
  const std::vector<uint8_t> bytes = from_hex(vector.at("bytes"));
  const Result<Header> header = parse_header(bytes);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header.value().version, vector.at("version"));
  EXPECT_EQ(header.value().sequence, vector.at("sequence"));
  std::vector<uint8_t> again = bytes;
  write_header(header.value(), again);
  EXPECT_EQ(again, bytes);
  CborReader payload(Bytes(bytes).subspan(kHeaderBytes));
  EXPECT_TRUE(payload.enter_map().ok());
  EXPECT_TRUE(payload.at_end());
  Loop loop;
  ASSERT_EQ(write_console_frame(bytes, loop), Status::kOk);
  ASSERT_EQ(loop.messages, 1);
  EXPECT_TRUE(std::ranges::equal(loop.decoder.message(), bytes));
}

TEST(Vectors, PublishedFramesKeepTheirBytes) {
  const auto folder = test_data("smp-vectors");
  if (!folder) GTEST_SKIP() << kNoTestData;
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (line.find('{') == std::string::npos) continue;
      SCOPED_TRACE(entry.path().filename().string() + ": " + line.substr(0, 200));
      check_vector(nlohmann::json::parse(line));
      ++checked;
    }
  }
  EXPECT_GT(checked, 40);
}

}  // namespace
}  // namespace rune::link
