#include "device/link/console_framing.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rune::link {
namespace {

struct StringPipe final : hal::BytePipe {
  size_t read(MutableBytes) override { return 0; }
  Status write(Bytes bytes) override {
    if (writes_left-- == 0) return Status::kIo;
    sent.append(as_text(bytes));
    return Status::kOk;
  }
  std::string sent;
  int writes_left = 1 << 30;
};

std::string frame_of(std::string_view message) {
  StringPipe pipe;
  EXPECT_EQ(write_console_frame(as_bytes(message), pipe), Status::kOk);
  return pipe.sent;
}

struct Heard {
  std::vector<std::string> messages;
  std::string text;
};

Heard hear(std::string_view stream, size_t frame_bytes = 4096) {
  std::vector<uint8_t> frame(frame_bytes);
  ConsoleDecoder decoder(frame);
  Heard heard;
  for (const char each : stream) {
    switch (decoder.feed(static_cast<uint8_t>(each))) {
      case ConsoleDecoder::Event::kMessage: heard.messages.emplace_back(as_text(decoder.message())); break;
      case ConsoleDecoder::Event::kText: heard.text.push_back(each); break;
      case ConsoleDecoder::Event::kNone: break;
    }
  }
  return heard;
}

std::string random_message(std::mt19937& random, size_t size) {
  std::string message(size, 0);
  for (char& each : message) each = static_cast<char>(random());
  return message;
}

constexpr uint8_t kEcho[] = {0x0a, 0, 0, 9, 0, 0, 1, 0, 0xa1, 0x61, 0x64, 0x65, 'h', 'e', 'l', 'l', 'o'};
const std::string kEchoLine =
    "\x06\x09"
    "ABMKAAAJAAABAKFhZGVoZWxsb3o2\n";

TEST(ConsoleFraming, WritesTheKnownFrame) { EXPECT_EQ(frame_of(as_text(kEcho)), kEchoLine); }

TEST(ConsoleFraming, ReadsTheKnownFrame) {
  const Heard heard = hear(kEchoLine);
  ASSERT_EQ(heard.messages.size(), 1u);
  EXPECT_EQ(heard.messages[0], as_text(kEcho));
  EXPECT_EQ(heard.text, "");
}

TEST(ConsoleFraming, EveryLengthComesBackInLinesOfAtMost127Bytes) {
  std::mt19937 random(1);
  for (size_t size = 0; size <= 600; ++size) {
    const std::string message = random_message(random, size);
    const std::string stream = frame_of(message);
    for (size_t at = 0; at < stream.size();) {
      const size_t end = stream.find('\n', at);
      ASSERT_LE(end - at + 1, kConsoleLineBytes);
      ASSERT_EQ((end - at - 2) % 4, 0u);
      ASSERT_EQ(stream.substr(at, 2), at == 0 ? "\x06\x09" : "\x04\x14");
      at = end + 1;
    }
    const Heard heard = hear(stream);
    ASSERT_EQ(heard.messages, std::vector<std::string>{message}) << size;
  }
}

TEST(ConsoleFraming, TextBeforeBetweenAndAfterTheLinesIsKept) {
  std::string stream = frame_of(std::string(300, 'x'));
  const size_t second = stream.find('\n') + 1;
  stream.insert(second, "{\"elements\":[7]}\n");
  const Heard heard = hear("boot\r\n" + stream + "done\n");
  EXPECT_EQ(heard.messages, std::vector<std::string>{std::string(300, 'x')});
  EXPECT_EQ(heard.text, "boot\r\n{\"elements\":[7]}\ndone\n");
}

TEST(ConsoleFraming, GroupsMaySpanLinesAndLinesMayEndInCarriageReturn) {
  std::string stream = "\x06\x09";
  const std::string body = kEchoLine.substr(2, kEchoLine.size() - 3);
  stream +=
      body.substr(0, 5) + "\r\n\x04\x14" + body.substr(5, 6) + "\r\n\x04\x14" + body.substr(11) + "\r\n";
  EXPECT_EQ(hear(stream).messages, std::vector<std::string>{std::string(as_text(kEcho))});
}

TEST(ConsoleFraming, AnyChangedCharacterLosesOnlyItsFrame) {
  const std::string good = frame_of("the next one");
  for (size_t at = 0; at < kEchoLine.size() - 1; ++at) {
    for (const char wrong : {'!', '\x06', '\x04', '\n', 'A', '=', '\xff'}) {
      if (kEchoLine[at] == wrong) continue;
      std::string stream = kEchoLine;
      stream[at] = wrong;
      const Heard heard = hear(stream + "\n" + good);
      ASSERT_EQ(heard.messages, std::vector<std::string>{"the next one"}) << "at " << at << " " << int{wrong};
    }
  }
}

TEST(ConsoleFraming, LostAndRepeatedLinesLoseOnlyTheirFrame) {
  const std::string stream = frame_of(std::string(300, 'y'));
  const size_t second = stream.find('\n') + 1, third = stream.find('\n', second) + 1;
  const std::string lost = stream.substr(0, second) + stream.substr(third);
  const std::string repeated = stream.substr(0, third) + stream.substr(second);
  const std::string headless = stream.substr(second);
  for (const std::string& each : {lost, repeated, headless}) {
    EXPECT_EQ(hear(each + kEchoLine).messages, std::vector<std::string>{std::string(as_text(kEcho))});
  }
}

TEST(ConsoleFraming, AMessageThatDoesNotFitIsDroppedWhole) {
  const Heard heard = hear(frame_of(std::string(65, 'z')) + frame_of(std::string(64, 'z')), 64);
  EXPECT_EQ(heard.messages, std::vector<std::string>{std::string(64, 'z')});
  EXPECT_EQ(heard.text, "");
}

TEST(ConsoleFraming, GarbageNeverHidesAFrameThatFollowsALineEnd) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    const std::string message = random_message(random, random() % 200);
    const std::string garbage = random_message(random, random() % 300);
    const Heard heard = hear(garbage + "\n" + frame_of(message));
    ASSERT_FALSE(heard.messages.empty()) << "round " << round;
    ASSERT_EQ(heard.messages.back(), message) << "round " << round;
  }
}

TEST(ConsoleFraming, ALineThatFailsIsReported) {
  for (int writes = 0; writes < 3; ++writes) {
    StringPipe pipe;
    pipe.writes_left = writes;
    EXPECT_EQ(write_console_frame(as_bytes(std::string(300, 'x')), pipe), Status::kIo) << writes;
  }
  StringPipe pipe;
  EXPECT_EQ(write_console_frame(as_bytes(std::string(65534, 'x')), pipe), Status::kTooLarge);
}

}  // namespace
}  // namespace rune::link
