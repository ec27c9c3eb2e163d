#include "device/link/smp.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace rune::link {
namespace {

constexpr uint8_t kEcho[] = {0x0a, 0, 0, 9, 0, 0, 1, 0, 0xa1, 0x61, 0x64, 0x65, 'h', 'e', 'l', 'l', 'o'};

Status fail(void* context, const CborReader&, CborWriter& answer) {
  answer.pair("half", "written");
  return *static_cast<Status*>(context);
}
Status flood(void*, const CborReader&, CborWriter& answer) {
  for (int i = 0; i < 1000; ++i) answer.pair("key", "value");
  return Status::kOk;
}

// The answer to `message`, as bytes.
std::vector<uint8_t> ask(const Server& server, Bytes message, size_t room = 256) {
  std::vector<uint8_t> answer(room);
  const Result<size_t> size = server.answer(message, answer);
  EXPECT_TRUE(size.ok()) << status_name(size.status());
  answer.resize(size.value());
  return answer;
}

std::vector<uint8_t> empty_request(uint16_t group, uint8_t command, uint8_t version, Operation operation) {
  std::vector<uint8_t> message(kHeaderBytes + 1, 0xA0);
  write_header({operation, version, 1, group, 9, command}, message);
  return message;
}

TEST(Smp, HeaderReadsTheKnownFrame) {
  const Result<Header> header = parse_header(kEcho);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header.value().operation, Operation::kWrite);
  EXPECT_EQ(header.value().version, 1);
  EXPECT_EQ(header.value().payload_bytes, 9);
  EXPECT_EQ(header.value().group, kGroupOs);
  EXPECT_EQ(header.value().sequence, 1);
  EXPECT_EQ(header.value().command, 0);
}

TEST(Smp, EveryHeaderComesBack) {
  std::array<uint8_t, kHeaderBytes + 3> message{};
  for (int operation = 0; operation < 4; ++operation) {
    for (uint8_t version = 0; version < 4; ++version) {
      const Header header{static_cast<Operation>(operation), version, 3, 0x5255, 0xFE, 0x81};
      write_header(header, message);
      const Result<Header> read = parse_header(message);
      ASSERT_TRUE(read.ok());
      EXPECT_EQ(read.value().operation, header.operation);
      EXPECT_EQ(read.value().version, version);
      EXPECT_EQ(read.value().group, 0x5255);
      EXPECT_EQ(read.value().sequence, 0xFE);
      EXPECT_EQ(read.value().command, 0x81);
    }
  }
}

TEST(Smp, RefusesShortWrongLengthAndUnknownOperations) {
  for (size_t size = 0; size < sizeof kEcho; ++size) {
    EXPECT_EQ(parse_header(Bytes(kEcho, size)).status(), Status::kMalformed) << size;
  }
  std::array<uint8_t, kHeaderBytes> message{};
  for (uint8_t operation = 4; operation < 8; ++operation) {
    message[0] = operation;
    EXPECT_EQ(parse_header(message).status(), Status::kMalformed);
  }
}

TEST(Smp, AResponseIsNotAnswered) {
  const Server server;
  std::array<uint8_t, 64> answer{};
  const auto response = empty_request(0, 0, 1, Operation::kReadResponse);
  EXPECT_EQ(server.answer(response, answer).status(), Status::kMalformed);
  EXPECT_EQ(server.answer(kEcho, MutableBytes(answer).first(kMinAnswerBytes - 1)).status(),
            Status::kNoMemory);
}

TEST(Smp, UnknownCommandsAreNotSupportedInEitherVersion) {
  const Server server;
  const std::vector<uint8_t> expected{0x09, 0, 0, 5, 0x52, 0x55, 9, 77, 0xA1, 0x62, 'r', 'c', 8};
  EXPECT_EQ(ask(server, empty_request(0x5255, 77, 1, Operation::kRead)), expected);
  std::vector<uint8_t> old = expected;
  old[0] = 0x01;
  EXPECT_EQ(ask(server, empty_request(0x5255, 77, 0, Operation::kRead)), old);
}

TEST(Smp, TooNewAVersionAndAPayloadThatIsNoMapAreRefused) {
  const Server server;
  EXPECT_EQ(ask(server, empty_request(0, 0, 2, Operation::kRead)).back(), 13);
  Status status = Status::kOk;
  const Handler handler[] = {{100, 1, Operation::kRead, &fail, &status}};
  std::vector<uint8_t> request = empty_request(100, 1, 1, Operation::kRead);
  request.back() = 0x01;
  EXPECT_EQ(ask(Server(handler), request).back(), 3);
}

TEST(Smp, AHandlersFailureReplacesWhatItWrote) {
  Status status = Status::kBusy;
  const Handler handler[] = {{kGroupRune, 2, Operation::kWrite, &fail, &status},
                             {kGroupFs, 0, Operation::kWrite, &fail, &status}};
  const Server server(handler);
  // {"err": {"group": 0x5255, "rc": 13}}: the rune group's numbers are the Status numbers.
  const std::vector<uint8_t> expected{0x0B, 0,   0,    19,   0x52, 0x55, 9,   2,   0xA1,
                                      0x63, 'e', 'r',  'r',  0xA2, 0x65, 'g', 'r', 'o',
                                      'u',  'p', 0x19, 0x52, 0x55, 0x62, 'r', 'c', 13};
  EXPECT_EQ(ask(server, empty_request(kGroupRune, 2, 1, Operation::kWrite)), expected);
  EXPECT_EQ(ask(server, empty_request(kGroupRune, 2, 0, Operation::kWrite)).back(), 10);
  status = Status::kNotFound;
  EXPECT_EQ(ask(server, empty_request(kGroupFs, 0, 1, Operation::kWrite)).back(), 3);
  EXPECT_EQ(ask(server, empty_request(kGroupFs, 0, 0, Operation::kWrite)).back(), 5);
}

TEST(Smp, NeedsResetIsASuccess) {
  Status status = Status::kNeedsReset;
  const Handler handler[] = {{kGroupRune, 2, Operation::kWrite, &fail, &status}};
  EXPECT_EQ(ask(Server(handler), empty_request(kGroupRune, 2, 1, Operation::kWrite)).back(), 0xFF);
}

TEST(Smp, AnAnswerThatDoesNotFitBecomesAnError) {
  const Handler handler[] = {{100, 1, Operation::kRead, &flood, nullptr}};
  EXPECT_EQ(ask(Server(handler), empty_request(100, 1, 1, Operation::kRead), kMinAnswerBytes).back(), 7);
}

TEST(Smp, EveryStatusHasANumberInEveryGroup) {
  for (uint8_t number = 1; number <= static_cast<uint8_t>(Status::kInternal); ++number) {
    for (const uint16_t group : {kGroupOs, kGroupStat, kGroupFs, kGroupRune}) {
      EXPECT_NE(group_error(group, static_cast<Status>(number)), 0) << group << " " << int{number};
    }
    EXPECT_LE(group_error(kGroupFs, static_cast<Status>(number)), 16);
    EXPECT_LE(group_error(kGroupOs, static_cast<Status>(number)), 3);
  }
}

TEST(Smp, RandomMessagesGetAnAnswerOrAreMalformed) {
  std::mt19937 random(3);
  Status status = Status::kOk;
  const Handler handler[] = {{0, 0, Operation::kRead, &fail, &status},
                             {1, 1, Operation::kWrite, &flood, nullptr}};
  const Server server(handler);
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> message(random() % 24), answer(64);
    for (uint8_t& each : message) each = static_cast<uint8_t>(random() % 4);
    if (message.size() >= kHeaderBytes)
      store_be16(&message[2], static_cast<uint16_t>(message.size() - kHeaderBytes));
    const Result<size_t> size = server.answer(message, answer);
    if (size.ok()) {
      ASSERT_TRUE(parse_header(Bytes(answer).first(size.value())).ok());
    } else {
      ASSERT_EQ(size.status(), Status::kMalformed);
    }
  }
}

}  // namespace
}  // namespace rune::link
