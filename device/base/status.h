// The fixed set of outcomes that every device function reports.
//
// Numbers never change once released: they travel in link messages and crash
// records (docs/spec/errors.md lists each with its cause and the remedy that
// the host prints). A function that can fail returns Status, or Result<T> when
// it has a value to give; neither may be dropped.
#pragma once

#include <cstdint>

namespace rune {

enum class [[nodiscard]] Status : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,  // the caller broke a stated requirement
  kMalformed = 2,        // bytes do not follow their format
  kInvalid = 3,          // well-formed, but breaks a rule of the format
  kUnsupported = 4,      // valid, but this build has no code for it
  kTooLarge = 5,         // above a limit of the format or the target profile
  kNoMemory = 6,         // the caller's buffer or pool is too small
  kNotFound = 7,         // no such name, slot, export, section
  kAlreadyExists = 8,    // the name is taken
  kDenied = 9,           // not granted by the device's policy
  kMismatch = 10,        // type, shape or manifest differs from what was promised
  kChecksum = 11,        // stored and computed checksums differ
  kVersion = 12,         // a format version this build does not read
  kBusy = 13,            // try again later
  kBadState = 14,        // not possible in the current state
  kTimeout = 15,         // the other side did not answer in time
  kIo = 16,              // the machine below failed: flash, file, line
  kFuelExhausted = 17,   // the guest used its budget of work
  kStackOverflow = 18,   // the guest used its budget of stack
  kTrap = 19,            // the guest trapped; wasm::Trap says why
  kEndOfData = 20,       // a source has no more data
  kInternal = 21,        // a bug of ours
  kNeedsReset = 22,      // done, and takes effect after a reset
};

// A short name for logs and messages, such as "malformed". Never null.
const char* status_name(Status status);

}  // namespace rune

// Returns from the enclosing function when `expression` is not kOk.
#define RUNE_TRY(expression)                                                                           \
  do {                                                                                                 \
    if (const ::rune::Status rune_try_status = (expression); rune_try_status != ::rune::Status::kOk) { \
      return rune_try_status;                                                                          \
    }                                                                                                  \
  } while (false)
