// The target profile as CBOR, and the one check of a manifest against it that Hammer and
// RunicOS share. Tested by profile_test.cpp: each refusal is made to happen.
#include "device/format/profile.h"

#include "device/format/cbor_map_internal.h"

namespace rune::format {
namespace {

constexpr uint32_t kVersion = 1;
constexpr size_t kMaxTextBytes = 31;

Status read_text(CborReader& cursor, std::string_view& out) {
  const Result<std::string_view> text = cursor.text();
  if (!text.ok()) return text.status();
  if (text.value().size() > kMaxTextBytes) return Status::kTooLarge;
  for (const char c : text.value()) {
    if (c < ' ' || c > '~') return Status::kInvalid;
  }
  out = text.value();
  return Status::kOk;
}

Status read_offer(CborReader& cursor, CapabilityOffer& out) {
  static constexpr std::string_view kKeys[] = {"kind", "rates", "max"};
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  return read_map(map.value(), kKeys, 0b001, [&out](size_t index, CborReader& value) {
    if (index == 2) return read_u32(value, out.max_bytes);
    if (index == 1) {
      return read_array(value, [&out](CborReader& item) {
        RUNE_TRY(out.rates_hz.push_back(0));
        return read_i32(item, out.rates_hz.back());
      });
    }
    uint32_t kind = 0;
    RUNE_TRY(read_u32(value, kind));
    if (kind < 1 || kind > static_cast<uint32_t>(CapabilityKind::kFloatImage)) return Status::kInvalid;
    out.kind = static_cast<CapabilityKind>(kind);
    return Status::kOk;
  });
}

Status read_output(CborReader& cursor, OutputKind& out) {
  uint32_t kind = 0;
  RUNE_TRY(read_u32(cursor, kind));
  if (kind < 1 || kind > static_cast<uint32_t>(OutputKind::kTensor)) return Status::kInvalid;
  out = static_cast<OutputKind>(kind);
  return Status::kOk;
}

constexpr std::string_view kProfileKeys[] = {"v",    "board", "arch", "firmware", "ram",
                                             "slot", "fuel",  "caps", "outs"};
constexpr uint32_t kProfileRequired = 0b111111111;

Status read_profile_field(size_t index, CborReader& value, Profile& out) {
  switch (index) {
    case 0: return value.skip();  // checked before the others
    case 1: return read_text(value, out.board);
    case 2: return read_text(value, out.architecture);
    case 3: return read_text(value, out.firmware);
    case 4: return read_u32(value, out.ram_bytes);
    case 5: return read_u32(value, out.slot_bytes);
    case 6: return read_u32(value, out.max_fuel);
    case 7:
      return read_array(value, [&out](CborReader& item) {
        RUNE_TRY(out.capabilities.push_back({}));
        return read_offer(item, out.capabilities.back());
      });
    default:
      return read_array(value, [&out](CborReader& item) {
        RUNE_TRY(out.outputs.push_back({}));
        return read_output(item, out.outputs.back());
      });
  }
}

Status parse(Bytes bytes, Profile& out) {
  CborReader cursor(bytes);
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status() == Status::kMismatch ? Status::kMalformed : map.status();
  if (!cursor.at_end()) return Status::kMalformed;
  Result<CborReader> version = map.value().find("v");
  if (!version.ok()) return version.status();
  const Result<uint64_t> number = version.value().unsigned_integer();
  if (!number.ok()) return number.status();
  if (number.value() != kVersion) return Status::kVersion;
  return read_map(map.value(), kProfileKeys, kProfileRequired,
                  [&out](size_t index, CborReader& value) { return read_profile_field(index, value, out); });
}

const CapabilityOffer* find_offer(const Profile& profile, CapabilityKind kind) {
  for (const CapabilityOffer& each : profile.capabilities) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

bool offers_rate(const CapabilityOffer& offer, int32_t rate_hz) {
  for (const int32_t each : offer.rates_hz) {
    if (each == rate_hz) return true;
  }
  return offer.rates_hz.empty();
}

Refusal check_capability(const CapabilityRequest& request, const Profile& profile) {
  const char* name = capability_name(request.kind);
  const CapabilityOffer* offer = find_offer(profile, request.kind);
  if (offer == nullptr) return {"capability", name, 0, 1, "cast to a device that has this sensor"};
  const int32_t rate_hz = request.argument("hz", 0);
  if (rate_hz != 0 && !offers_rate(*offer, rate_hz)) {
    return {"sampling rate in Hz of capability", name, static_cast<uint32_t>(offer->rates_hz.back()),
            static_cast<uint32_t>(rate_hz), "use a rate that the device lists"};
  }
  const uint32_t size_bytes = request.tensor.size_bytes();
  if (offer->max_bytes != 0 && size_bytes > offer->max_bytes) {
    return {"bytes of one read of capability", name, offer->max_bytes, size_bytes,
            "read fewer samples at a time"};
  }
  return {};
}

Refusal check_output(OutputKind kind, const Profile& profile) {
  for (const OutputKind each : profile.outputs) {
    if (each == kind) return {};
  }
  return {"output", output_name(kind), 0, 1, "use OUT serial, or a device that has this output"};
}

// Sums saturate, so that no crafted manifest wraps around into fitting.
uint32_t saturating_sum(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }

uint32_t needed_ram(const Manifest& manifest, uint32_t engine_bytes) {
  uint32_t bytes = saturating_sum(manifest.memory_bytes, engine_bytes);
  for (const ModelRequest& each : manifest.models) bytes = saturating_sum(bytes, each.arena_bytes);
  return bytes;
}

}  // namespace

Result<Profile> parse_profile(Bytes bytes) {
  Profile profile;
  RUNE_TRY(door_status(parse(bytes, profile)));
  return profile;
}

Status write_profile(const Profile& profile, CborWriter& out) {
  out.begin_map(std::size(kProfileKeys));
  out.pair("v", kVersion);
  out.pair("board", profile.board);
  out.pair("arch", profile.architecture);
  out.pair("firmware", profile.firmware);
  out.pair("ram", profile.ram_bytes);
  out.pair("slot", profile.slot_bytes);
  out.pair("fuel", profile.max_fuel);
  out.text("caps");
  out.begin_array(profile.capabilities.size());
  for (const CapabilityOffer& each : profile.capabilities) {
    out.begin_map(3);
    out.pair("kind", static_cast<int64_t>(each.kind));
    out.text("rates");
    out.begin_array(each.rates_hz.size());
    for (const int32_t rate_hz : each.rates_hz) out.integer(rate_hz);
    out.pair("max", each.max_bytes);
  }
  out.text("outs");
  out.begin_array(profile.outputs.size());
  for (const OutputKind each : profile.outputs) out.integer(static_cast<int64_t>(each));
  return out.status();
}

Refusal check_profile(const Manifest& manifest, const Profile& profile, uint32_t rune_bytes,
                      uint32_t engine_bytes) {
  for (const CapabilityRequest& each : manifest.capabilities) {
    const Refusal refusal = check_capability(each, profile);
    if (refusal.what != nullptr) return refusal;
  }
  for (const OutputKind each : manifest.outputs) {
    const Refusal refusal = check_output(each, profile);
    if (refusal.what != nullptr) return refusal;
  }
  if (rune_bytes > profile.slot_bytes) {
    return {"flash bytes",
            {},
            profile.slot_bytes,
            rune_bytes,
            "use a smaller model, or leave out other targets' images"};
  }
  const uint32_t ram_bytes = needed_ram(manifest, engine_bytes);
  if (ram_bytes > profile.ram_bytes) {
    return {"ram bytes", {}, profile.ram_bytes, ram_bytes, "use a smaller model or a smaller input"};
  }
  if (profile.max_fuel != 0 && manifest.fuel > profile.max_fuel) {
    return {"fuel", {}, profile.max_fuel, manifest.fuel, "use blocks that do less work in one call"};
  }
  return {};
}

}  // namespace rune::format
