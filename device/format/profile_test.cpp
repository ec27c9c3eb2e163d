#include "device/format/profile.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace rune::format {
namespace {

Profile board() {
  Profile profile;
  profile.board = "mps2-an386";
  profile.architecture = "cortex-m4";
  profile.firmware = "0.1.0";
  profile.ram_bytes = 65536;
  profile.slot_bytes = 200000;
  profile.max_fuel = 1000000;
  CapabilityOffer sound;
  sound.kind = CapabilityKind::kSound;
  (void)sound.rates_hz.push_back(8000);
  (void)sound.rates_hz.push_back(16000);
  sound.max_bytes = 32000;
  (void)profile.capabilities.push_back(sound);
  (void)profile.outputs.push_back(OutputKind::kSerial);
  return profile;
}

Manifest fitting() {
  Manifest manifest;
  manifest.name = "fits";
  CapabilityRequest sound;
  sound.kind = CapabilityKind::kSound;
  sound.tensor.element = ElementType::kI16;
  sound.tensor.shape = {2, {1, 16000}};
  (void)sound.arguments.push_back({"hz", 16000});
  (void)manifest.capabilities.push_back(sound);
  ModelRequest model;
  model.name = "model";
  model.arena_bytes = 30000;
  (void)manifest.models.push_back(model);
  (void)manifest.outputs.push_back(OutputKind::kSerial);
  manifest.memory_bytes = 33000;
  manifest.fuel = 1000;
  return manifest;
}

TEST(Profile, RoundTripsAndRefusesEveryTruncation) {
  std::array<uint8_t, 512> buffer;
  CborWriter out(buffer);
  ASSERT_EQ(write_profile(board(), out), Status::kOk);
  const Result<Profile> read = parse_profile(out.written());
  ASSERT_TRUE(read.ok()) << status_name(read.status());
  EXPECT_EQ(read.value().board, "mps2-an386");
  EXPECT_EQ(read.value().slot_bytes, 200000u);
  ASSERT_EQ(read.value().capabilities.size(), 1u);
  EXPECT_EQ(read.value().capabilities[0].rates_hz[1], 16000);
  EXPECT_EQ(read.value().outputs[0], OutputKind::kSerial);
  for (size_t size = 0; size < out.needed(); ++size) {
    EXPECT_EQ(parse_profile(out.written().first(size)).status(), Status::kMalformed) << size;
  }
}

TEST(Profile, OtherVersionsAreNamed) {
  const std::vector<uint8_t> bytes = {0xA1, 0x61, 'v', 0x02};
  EXPECT_EQ(parse_profile(bytes).status(), Status::kVersion);
}

TEST(Profile, AFittingRuneIsNotRefused) {
  EXPECT_EQ(check_profile(fitting(), board(), 100000, 2000).what, nullptr);
}

TEST(Profile, EachRefusalSaysWhatLimitAndActual) {
  const auto refusal = [](auto change) {
    Manifest manifest = fitting();
    Profile profile = board();
    uint32_t rune_bytes = 100000;
    change(manifest, profile, rune_bytes);
    return check_profile(manifest, profile, rune_bytes, 2000);
  };
  Refusal missing = refusal([](Manifest&, Profile& p, uint32_t&) { p.capabilities.clear(); });
  EXPECT_STREQ(missing.what, "capability");
  EXPECT_EQ(missing.name, "sound");
  Refusal rate =
      refusal([](Manifest& m, Profile&, uint32_t&) { m.capabilities[0].arguments[0].value = 44100; });
  EXPECT_EQ(rate.actual, 44100u);
  EXPECT_EQ(rate.limit, 16000u);
  Refusal read =
      refusal([](Manifest& m, Profile&, uint32_t&) { m.capabilities[0].tensor.shape.dims[1] = 16001; });
  EXPECT_EQ(read.limit, 32000u);
  EXPECT_EQ(read.actual, 32002u);
  Refusal output = refusal([](Manifest& m, Profile&, uint32_t&) { m.outputs[0] = OutputKind::kBle; });
  EXPECT_EQ(output.name, "ble");
  Refusal flash = refusal([](Manifest&, Profile&, uint32_t& bytes) { bytes = 200001; });
  EXPECT_STREQ(flash.what, "flash bytes");
  EXPECT_EQ(flash.actual, 200001u);
  Refusal ram = refusal([](Manifest& m, Profile&, uint32_t&) { m.models[0].arena_bytes = 30537; });
  EXPECT_STREQ(ram.what, "ram bytes");
  EXPECT_EQ(ram.actual, 65537u);
  Refusal fuel = refusal([](Manifest& m, Profile&, uint32_t&) { m.fuel = 1000001; });
  EXPECT_STREQ(fuel.what, "fuel");
}

TEST(Profile, CraftedSizesDoNotWrapAround) {
  Manifest manifest = fitting();
  manifest.memory_bytes = UINT32_MAX - 100;
  EXPECT_STREQ(check_profile(manifest, board(), 100, 2000).what, "ram bytes");
}

}  // namespace
}  // namespace rune::format
