#include "device/base/status.h"

namespace rune {

const char* status_name(Status status) {
  switch (status) {
    case Status::kOk: return "ok";
    case Status::kInvalidArgument: return "invalid argument";
    case Status::kMalformed: return "malformed";
    case Status::kInvalid: return "invalid";
    case Status::kUnsupported: return "unsupported";
    case Status::kTooLarge: return "too large";
    case Status::kNoMemory: return "no memory";
    case Status::kNotFound: return "not found";
    case Status::kAlreadyExists: return "already exists";
    case Status::kDenied: return "denied";
    case Status::kMismatch: return "mismatch";
    case Status::kChecksum: return "checksum";
    case Status::kVersion: return "version";
    case Status::kBusy: return "busy";
    case Status::kBadState: return "bad state";
    case Status::kTimeout: return "timeout";
    case Status::kIo: return "i/o error";
    case Status::kFuelExhausted: return "fuel exhausted";
    case Status::kStackOverflow: return "stack overflow";
    case Status::kTrap: return "trap";
    case Status::kEndOfData: return "end of data";
    case Status::kInternal: return "internal error";
    case Status::kNeedsReset: return "needs reset";
  }
  return "unknown status";
}

}  // namespace rune
