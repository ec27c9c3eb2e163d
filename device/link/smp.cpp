#include "device/link/smp.h"

namespace rune::link {

SmpError smp_error(Status status) {
  switch (status) {
    case Status::kOk:
    case Status::kNeedsReset: return SmpError::kOk;
    case Status::kNoMemory: return SmpError::kNoMemory;
    case Status::kInvalidArgument:
    case Status::kMalformed:
    case Status::kInvalid:
    case Status::kMismatch: return SmpError::kInvalid;
    case Status::kTimeout: return SmpError::kTimeout;
    case Status::kNotFound:
    case Status::kEndOfData: return SmpError::kNotFound;
    case Status::kBadState:
    case Status::kAlreadyExists: return SmpError::kBadState;
    case Status::kTooLarge: return SmpError::kTooLarge;
    case Status::kUnsupported:
    case Status::kVersion: return SmpError::kNotSupported;
    case Status::kChecksum: return SmpError::kCorrupt;
    case Status::kBusy: return SmpError::kBusy;
    case Status::kDenied: return SmpError::kDenied;
    default: return SmpError::kUnknown;
  }
}

namespace {

// The file group's numbers, as stock clients name them.
uint16_t fs_error(Status status) {
  switch (status) {
    case Status::kInvalidArgument: return 2;  // file name not valid
    case Status::kNotFound: return 3;         // no such file
    case Status::kIo: return 10;              // write failed
    case Status::kInvalid:
    case Status::kBadState: return 11;  // offset not valid
    case Status::kTooLarge:
    case Status::kNoMemory: return 12;     // offset larger than the file may be
    case Status::kUnsupported: return 13;  // no such checksum
    case Status::kDenied: return 15;       // read-only
    case Status::kEndOfData: return 16;    // file is empty
    default: return 1;
  }
}

// The OS group's: 2 is a format that it does not know, 3 a question without an answer.
uint16_t os_error(Status status) {
  if (status == Status::kInvalidArgument || status == Status::kInvalid) return 2;
  return status == Status::kNotFound ? 3 : 1;
}

void write_error(uint8_t version, uint16_t group, Status status, CborWriter& out) {
  if (version == 0) {
    out.begin_map(1);
    out.pair("rc", static_cast<int64_t>(smp_error(status)));
    return;
  }
  out.begin_map(1);
  out.text("err");
  out.begin_map(2);
  out.pair("group", int64_t{group});
  out.pair("rc", int64_t{group_error(group, status)});
}

// An error of the protocol itself reads the same in both versions.
void write_protocol_error(SmpError error, CborWriter& out) {
  out.begin_map(1);
  out.pair("rc", static_cast<int64_t>(error));
}

}  // namespace

uint16_t group_error(uint16_t group, Status status) {
  switch (group) {
    case kGroupFs: return fs_error(status);
    case kGroupOs: return os_error(status);
    case kGroupRune: return static_cast<uint16_t>(status);
    default: return static_cast<uint16_t>(smp_error(status));
  }
}

Result<Header> parse_header(Bytes message) {
  if (message.size() < kHeaderBytes) return Status::kMalformed;
  Header header;
  const uint8_t operation = message[0] & 7;
  if (operation > static_cast<uint8_t>(Operation::kWriteResponse)) return Status::kMalformed;
  header.operation = static_cast<Operation>(operation);
  header.version = message[0] >> 3 & 3;
  header.payload_bytes = load_be16(&message[2]);
  header.group = load_be16(&message[4]);
  header.sequence = message[6];
  header.command = message[7];
  if (header.payload_bytes != message.size() - kHeaderBytes) return Status::kMalformed;
  return header;
}

void write_header(const Header& header, MutableBytes into) {
  into[0] = static_cast<uint8_t>((header.version & 3) << 3 | static_cast<uint8_t>(header.operation));
  into[1] = 0;
  store_be16(&into[2], header.payload_bytes);
  store_be16(&into[4], header.group);
  into[6] = header.sequence;
  into[7] = header.command;
}

const Handler* Server::find(const Header& header) const {
  for (const Handler& each : handlers_) {
    if (each.group == header.group && each.command == header.command && each.operation == header.operation) {
      return &each;
    }
  }
  return nullptr;
}

Result<size_t> Server::answer(Bytes message, MutableBytes answer) const {
  const Result<Header> parsed = parse_header(message);
  if (!parsed.ok()) return parsed.status();
  Header header = parsed.value();
  if (header.operation != Operation::kRead && header.operation != Operation::kWrite)
    return Status::kMalformed;
  if (answer.size() < kMinAnswerBytes) return Status::kNoMemory;

  const MutableBytes payload = answer.subspan(kHeaderBytes);
  CborWriter out(payload);
  const Handler* handler = find(header);
  CborReader items(message.subspan(kHeaderBytes));
  Result<CborReader> request = items.at_end() ? Result<CborReader>(CborReader()) : items.enter_map();
  if (header.version > 1) {
    header.version = 1;
    write_protocol_error(SmpError::kTooNew, out);
  } else if (handler == nullptr) {
    write_protocol_error(SmpError::kNotSupported, out);
  } else if (!request.ok()) {
    write_protocol_error(SmpError::kInvalid, out);
  } else {
    out.begin_map();
    Status status = handler->handle(handler->context, request.value(), out);
    out.end();
    if (status == Status::kNeedsReset) status = Status::kOk;
    if (status != Status::kOk) {
      out = CborWriter(payload);
      write_error(header.version, header.group, status, out);
    } else if (out.status() != Status::kOk || out.needed() > 0xFFFF) {
      out = CborWriter(payload);
      write_protocol_error(SmpError::kTooLarge, out);
    }
  }
  header.operation = static_cast<Operation>(static_cast<uint8_t>(header.operation) + 1);
  header.payload_bytes = static_cast<uint16_t>(out.needed());
  write_header(header, answer);
  return kHeaderBytes + out.needed();
}

}  // namespace rune::link
