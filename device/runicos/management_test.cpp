// RunicOS as a client on the serial line sees it: frames in, frames out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/base/crc.h"
#include "device/runicos/simulated_port.h"
#include "device/runicos/test_rune.h"

namespace rune::os {
namespace {

using link::Operation;
using testing::HasSubstr;

class VectorPipe final : public hal::BytePipe {
 public:
  size_t read(MutableBytes) override { return 0; }
  Status write(Bytes bytes) override {
    written.insert(written.end(), bytes.begin(), bytes.end());
    return Status::kOk;
  }
  std::vector<uint8_t> written;
};

class Client {
 public:
  explicit Client(SimulatedPort& port) : port_(port) {}

  // Sends the map that `fill` writes; the answer's payload is then in answer().
  template <typename Fill>
  bool ask(Operation operation, uint16_t group, uint8_t command, Fill fill) {
    uint8_t message[512];
    CborWriter out(MutableBytes(message).subspan(link::kHeaderBytes));
    out.begin_map();
    fill(out);
    out.end();
    link::Header header;
    header.operation = operation;
    header.group = group;
    header.command = command;
    header.payload_bytes = static_cast<uint16_t>(out.needed());
    link::write_header(header, message);
    VectorPipe pipe;
    EXPECT_EQ(link::write_console_frame(Bytes(message, link::kHeaderBytes + out.needed()), pipe),
              Status::kOk);
    port_.received.insert(port_.received.end(), pipe.written.begin(), pipe.written.end());
    return hear();
  }
  CborReader answer() const {
    return CborReader(Bytes(frame_).subspan(link::kHeaderBytes)).enter_map().value();
  }
  uint64_t number(const char* key) const { return answer().find(key).value().unsigned_integer().value(); }
  std::string text(const char* key) const { return std::string(answer().find(key).value().text().value()); }
  // The error's number, or 0.
  uint64_t error() const {
    const Result<CborReader> err = answer().find("err");
    if (!err.ok()) return 0;
    return CborReader(err.value()).enter_map().value().find("rc").value().unsigned_integer().value();
  }

  bool upload(std::string_view path, Bytes file, size_t chunk_bytes = 100) {
    for (size_t at = 0; at < file.size(); at = static_cast<size_t>(number("off"))) {
      const Bytes chunk = file.subspan(at, std::min(chunk_bytes, file.size() - at));
      const bool heard = ask(Operation::kWrite, link::kGroupFs, 0, [&](CborWriter& out) {
        out.pair("off", static_cast<int64_t>(at));
        out.text("data");
        out.bytes(chunk);
        out.pair("name", path);
        if (at == 0) out.pair("len", static_cast<int64_t>(file.size()));
      });
      if (!heard || error() != 0) return false;
    }
    return true;
  }
  bool control(std::string_view name, std::string_view operation) {
    return ask(Operation::kWrite, link::kGroupRune, 2, [&](CborWriter& out) {
      out.pair("name", name);
      out.pair("op", operation);
    });
  }

 private:
  bool hear() {
    uint8_t buffer[1024];
    link::ConsoleDecoder decoder(buffer);
    for (int turn = 0; turn < 200; ++turn) {
      port_.os->step();
      for (const uint8_t byte : std::exchange(port_.sent, {})) {
        if (decoder.feed(byte) != link::ConsoleDecoder::Event::kMessage) continue;
        frame_.assign(decoder.message().begin(), decoder.message().end());
        return true;
      }
    }
    return false;
  }

  SimulatedPort& port_;
  std::vector<uint8_t> frame_;
};

// A rune that returns at once.
TestRune quiet() {
  TestRune rune;
  rune.call = constant(0);
  return rune;
}

TEST(Management, UploadInstallListStopRemove) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  const std::vector<uint8_t> file = quiet().build();
  ASSERT_TRUE(client.upload("/runes/quiet.rune", file));
  ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupFs, 2, [](CborWriter& out) {
    out.pair("name", "/runes/quiet.rune");
    out.pair("type", "crc32");
  }));
  EXPECT_EQ(client.number("output"), crc32(file));
  EXPECT_EQ(client.number("len"), file.size());
  ASSERT_TRUE(client.control("quiet", "install"));
  EXPECT_EQ(client.text("state"), "running");
  EXPECT_FALSE(client.answer().find("reset").value().boolean().value());
  ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupRune, 1, [](CborWriter&) {}));
  CborReader runes = client.answer().find("runes").value().enter_array().value();
  const CborReader first = runes.enter_map().value();
  EXPECT_EQ(first.find("name").value().text().value(), "quiet");
  EXPECT_TRUE(runes.at_end());
  ASSERT_TRUE(
      client.ask(Operation::kWrite, link::kGroupRune, 6, [](CborWriter& out) { out.pair("name", "quiet"); }));
  EXPECT_GT(client.number("us"), 0u);
  ASSERT_TRUE(client.control("quiet", "stop"));
  EXPECT_EQ(client.text("state"), "installed");
  ASSERT_TRUE(client.control("quiet", "remove"));
  EXPECT_EQ(client.text("state"), "removed");
  ASSERT_TRUE(client.control("quiet", "start"));
  EXPECT_EQ(client.error(), static_cast<uint64_t>(Status::kNotFound));
}

TEST(Management, FilesComeBackAsTheyWere) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  const std::vector<uint8_t> file = quiet().build();
  ASSERT_TRUE(client.upload("/runes/quiet.rune", file, 37));
  std::vector<uint8_t> back;
  while (back.size() < file.size()) {
    ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupFs, 0, [&](CborWriter& out) {
      out.pair("off", static_cast<int64_t>(back.size()));
      out.pair("name", "/runes/quiet.rune");
    }));
    ASSERT_EQ(client.error(), 0u);
    const Bytes data = client.answer().find("data").value().bytes().value();
    ASSERT_FALSE(data.empty());
    back.insert(back.end(), data.begin(), data.end());
  }
  EXPECT_EQ(back, file);
}

TEST(Management, RefusesWhatItCannotStore) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  const std::vector<uint8_t> file(8, 1);
  EXPECT_FALSE(client.upload("/etc/passwd", file));
  EXPECT_FALSE(client.upload("/runes/.rune", file));
  EXPECT_FALSE(client.upload("/runes/a/b.rune", file));
  ASSERT_TRUE(client.ask(Operation::kWrite, link::kGroupFs, 0, [](CborWriter& out) {
    out.pair("off", 0);
    out.text("data");
    out.bytes({});
    out.pair("name", "/runes/big.rune");
    out.pair("len", 1 << 20);
  }));
  EXPECT_NE(client.error(), 0u);
  ASSERT_TRUE(client.upload("/runes/bad.rune", file));
  ASSERT_TRUE(client.control("bad", "install"));
  EXPECT_EQ(client.error(), static_cast<uint64_t>(Status::kMalformed));
  ASSERT_TRUE(client.control("bad", "fly"));
  EXPECT_EQ(client.error(), static_cast<uint64_t>(Status::kUnsupported));
}

TEST(Management, GarbageOnTheLineDoesNotStopIt) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  uint32_t random = 1;
  for (int i = 0; i < 5000; ++i) {
    random = random * 1664525 + 1013904223;
    port.received.push_back(static_cast<uint8_t>(random >> 24));
  }
  port.received.push_back('\n');
  ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupRune, 4, [](CborWriter& out) { out.pair("off", 0); }));
  EXPECT_THAT(client.text("data"), HasSubstr("simulated, firmware 1"));
}

TEST(Management, MetricsAndProfileAreWholeMaps) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupRune, 0, [](CborWriter&) {}));
  const Result<format::Profile> profile =
      format::parse_profile(client.answer().find("profile").value().bytes().value());
  ASSERT_TRUE(profile.ok());
  EXPECT_EQ(profile.value().board, "simulated");
  ASSERT_TRUE(client.ask(Operation::kRead, link::kGroupRune, 3, [](CborWriter& out) { out.pair("off", 0); }));
  const Bytes data = client.answer().find("data").value().bytes().value();
  EXPECT_EQ(client.number("len"), data.size());
  EXPECT_TRUE(CborReader(data).enter_map().ok());
}

TEST(Management, ResetComesAfterTheAnswer) {
  SimulatedPort port;
  ASSERT_EQ(port.boot(), Status::kOk);
  Client client(port);
  ASSERT_TRUE(client.ask(Operation::kWrite, link::kGroupOs, 5, [](CborWriter&) {}));
  port.os->step();
  EXPECT_EQ(port.resets, 1u);
}

}  // namespace
}  // namespace rune::os
