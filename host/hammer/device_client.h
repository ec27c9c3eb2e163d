// A device as the commands see it: profile, files, runes. Built on SmpClient; the bytes are
// in docs/spec/smp.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "device/format/profile.h"
#include "host/hammer/smp_client.h"

namespace rune::hammer {

// The profile and the bytes that its texts are views of.
struct DeviceProfile {
  ByteVector bytes;
  format::Profile profile;
};

struct RuneState {
  std::string name;
  std::string state;  // "staged", "installed", "running", "failed"
  uint64_t bytes = 0;
  std::string error;  // of a failed one
};

struct ControlResult {
  std::string state;
  bool reset = false;  // the device restarts now
};

struct LogPart {
  uint64_t next = 0;  // ask from here the next time
  std::string text;
};

using Progress = std::function<void(uint64_t done, uint64_t total)>;

class DeviceClient {
 public:
  DeviceClient(SerialLine line, Patience patience = {}) : smp_(std::move(line), patience) {}

  SmpClient& smp() { return smp_; }

  // Tries until the device answers an echo; for lines whose other end is starting.
  Result<void, Diagnostic> connect(double timeout_s);
  // The information text of the OS group, all fields.
  Result<std::string, Diagnostic> information();
  Result<DeviceProfile, Diagnostic> profile();

  // Sends a file in chunks as large as the device takes. The device's answers steer: a lost or
  // repeated chunk changes nothing. A diagnostic says at which byte it stopped; what was
  // installed is untouched then.
  Result<void, Diagnostic> upload(const std::string& name, Bytes file, const Progress& progress);
  // The CRC-32 of a stored file.
  Result<uint32_t, Diagnostic> checksum(const std::string& name);

  Result<std::vector<RuneState>, Diagnostic> list();
  // op: "install", "start", "stop", "remove". Returns when the device answers; a reset that
  // follows is for connect() to wait for.
  Result<ControlResult, Diagnostic> control(const std::string& name, const std::string& op);
  Result<LogPart, Diagnostic> log(uint64_t offset);
  // The CBOR map of docs/spec/metrics.md, whole.
  Result<ByteVector, Diagnostic> metrics();

 private:
  Result<uint32_t, LinkFailure> max_message_bytes();

  SmpClient smp_;
};

// "/runes/<name>.rune": the inactive slot of that name.
std::string slot_path(const std::string& name);

}  // namespace rune::hammer
