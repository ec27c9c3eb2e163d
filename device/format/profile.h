// The target profile: what a device offers, and the check of a manifest against it.
//
// A device reports its profile over the link (rune group, command 0) as CBOR;
// Hammer checks a rune against it before it sends a byte, and RunicOS checks
// again before guest code runs: the same function on both sides.
#pragma once

#include "device/format/manifest.h"

namespace rune::format {

inline constexpr size_t kMaxOffers = 12;
inline constexpr size_t kMaxRates = 6;

// One kind of sensor with the range of what it can deliver.
struct CapabilityOffer {
  CapabilityKind kind = CapabilityKind::kRaw;
  FixedVector<int32_t, kMaxRates> rates_hz;  // empty: no rate applies
  uint32_t max_bytes = 0;                    // of one read; 0: no limit
};

struct Profile {
  std::string_view board;         // "mps2-an386"
  std::string_view architecture;  // "cortex-m4"; also the <target> of its model sections
  std::string_view firmware;      // version text
  uint32_t ram_bytes = 0;         // pool for runes: instance, linear memory, arenas
  uint32_t slot_bytes = 0;        // flash for one rune, translated code included
  uint32_t max_fuel = 0;          // 0: no limit
  FixedVector<CapabilityOffer, kMaxOffers> capabilities;
  FixedVector<OutputKind, kMaxOutputs> outputs;
};

Result<Profile> parse_profile(Bytes bytes);
Status write_profile(const Profile& profile, CborWriter& out);

// Why a rune does not fit. Printed as "<what>: needs <actual>, limit <limit>; <hint>".
struct Refusal {
  const char* what = nullptr;  // null: nothing is refused. "ram", "flash", "capability sound", ...
  std::string_view name;       // the capability, model or output it is about; may be empty
  uint32_t limit = 0;
  uint32_t actual = 0;
  const char* hint = nullptr;
};

// The first reason why `manifest`, in a file of rune_bytes, does not fit `profile`;
// Refusal.what is null when it fits. ram counts linear memory, arenas and
// `engine_bytes` (what the engine needs beside them).
Refusal check_profile(const Manifest& manifest, const Profile& profile, uint32_t rune_bytes,
                      uint32_t engine_bytes);

}  // namespace rune::format
