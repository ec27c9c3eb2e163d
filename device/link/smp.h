// SMP, the Simple Management Protocol: frames, and a server of handlers.
//
// A message is an 8-byte big-endian header and a CBOR map. docs/spec/smp.md has
// the bytes of each group that Rune serves; stock clients (smpmgr, smpclient)
// drive it. The same sources are both ends: Hammer uses the header functions and
// the console framing (console_framing.h) of this folder.
#pragma once

#include <span>

#include "device/base/bytes.h"
#include "device/base/cbor.h"
#include "device/base/result.h"

namespace rune::link {

enum class Operation : uint8_t { kRead = 0, kReadResponse = 1, kWrite = 2, kWriteResponse = 3 };

// Error numbers of SMP; 256 and above are of the group.
enum class SmpError : uint16_t {
  kOk = 0,
  kUnknown = 1,
  kNoMemory = 2,
  kInvalid = 3,
  kTimeout = 4,
  kNotFound = 5,
  kBadState = 6,
  kTooLarge = 7,
  kNotSupported = 8,
  kCorrupt = 9,
  kBusy = 10,
  kDenied = 11,
  kTooOld = 12,
  kTooNew = 13,
};
// The nearest of SMP's own numbers.
SmpError smp_error(Status status);
// The number that `group` gives to `status` in a version 1 error: the fs and OS groups have
// theirs, the rune group uses the Status numbers themselves, every other group SMP's.
uint16_t group_error(uint16_t group, Status status);

inline constexpr uint16_t kGroupOs = 0;
inline constexpr uint16_t kGroupStat = 2;
inline constexpr uint16_t kGroupSettings = 3;
inline constexpr uint16_t kGroupFs = 8;
inline constexpr uint16_t kGroupEnumeration = 10;
inline constexpr uint16_t kGroupRune = 0x5255;

inline constexpr size_t kHeaderBytes = 8;

struct Header {
  Operation operation = Operation::kRead;
  uint8_t version = 1;
  uint16_t payload_bytes = 0;
  uint16_t group = 0;
  uint8_t sequence = 0;
  uint8_t command = 0;
};

// Room for a header and any error.
inline constexpr size_t kMinAnswerBytes = kHeaderBytes + 32;

// kMalformed when short, when the length disagrees with the message, or when the operation
// is none of the four.
Result<Header> parse_header(Bytes message);
// Requires room for kHeaderBytes.
void write_header(const Header& header, MutableBytes into);

// One command of one group. `request` is a cursor over the map's pairs; the handler
// writes the pairs of its answer (the server opens and closes the map). A Status other
// than kOk becomes {"err": {"group", "rc"}} (version 1) or {"rc"} (version 0).
struct Handler {
  uint16_t group;
  uint8_t command;
  Operation operation;  // kRead or kWrite
  Status (*handle)(void* context, const CborReader& request, CborWriter& answer);
  void* context;
};

class Server {
 public:
  Server() = default;
  explicit Server(std::span<const Handler> handlers) : handlers_(handlers) {}

  // Answers one whole message into `answer`. Total: any bytes in, and either an answer
  // (its size), kMalformed when not even a header can be read or the message is itself a
  // response, or kNoMemory when `answer` is below kMinAnswerBytes. An answer that does not
  // fit becomes the error kTooLarge.
  Result<size_t> answer(Bytes message, MutableBytes answer) const;

 private:
  const Handler* find(const Header& header) const;

  std::span<const Handler> handlers_;
};

}  // namespace rune::link
