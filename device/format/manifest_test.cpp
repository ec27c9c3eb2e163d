#include "device/format/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace rune::format {
namespace {

TensorType f32_tensor(uint32_t rows, uint32_t columns) {
  TensorType tensor;
  tensor.element = ElementType::kF32;
  tensor.shape = {2, {rows, columns}};
  return tensor;
}

// A manifest that uses every field of the format.
Manifest full_manifest() {
  Manifest manifest;
  manifest.name = "spoken-digits";
  CapabilityRequest sound;
  sound.kind = CapabilityKind::kSound;
  sound.tensor.element = ElementType::kI16;
  sound.tensor.shape = {2, {1, 16000}};
  (void)sound.arguments.push_back({"hz", 16000});
  (void)sound.arguments.push_back({"source", 0});
  (void)manifest.capabilities.push_back(sound);
  ModelRequest model;
  model.name = "model";
  model.arena_bytes = 20000;
  model.image_bytes = 2432;
  TensorType quantised = f32_tensor(1, 10);
  quantised.element = ElementType::kI8;
  quantised.scale = 0.00390625f;
  quantised.zero_point = -128;
  (void)model.inputs.push_back(f32_tensor(1, 1960));
  (void)model.outputs.push_back(quantised);
  (void)model.kernels.push_back("fully_connected_s8");
  (void)manifest.models.push_back(model);
  (void)manifest.outputs.push_back(OutputKind::kSerial);
  (void)manifest.resources.push_back("labels");
  manifest.memory_bytes = 4096;
  manifest.stack_bytes = 2048;
  manifest.fuel = 100000;
  manifest.energy_uj = 7;
  return manifest;
}

std::vector<uint8_t> written(const Manifest& manifest) {
  std::array<uint8_t, kMaxManifestBytes> buffer;
  CborWriter out(buffer);
  EXPECT_EQ(write_manifest(manifest, out), Status::kOk);
  return {out.written().begin(), out.written().end()};
}

TEST(Manifest, RoundTripsEveryField) {
  const std::vector<uint8_t> bytes = written(full_manifest());
  const Result<Manifest> read = parse_manifest(bytes);
  ASSERT_TRUE(read.ok()) << status_name(read.status());
  const Manifest& manifest = read.value();
  EXPECT_EQ(manifest.name, "spoken-digits");
  ASSERT_EQ(manifest.capabilities.size(), 1u);
  EXPECT_EQ(manifest.capabilities[0].argument("hz", 0), 16000);
  EXPECT_EQ(manifest.capabilities[0].tensor.size_bytes(), 32000u);
  ASSERT_EQ(manifest.models.size(), 1u);
  EXPECT_EQ(manifest.models[0].outputs[0].scale, 0.00390625f);
  EXPECT_EQ(manifest.models[0].outputs[0].zero_point, -128);
  EXPECT_EQ(manifest.models[0].kernels[0], "fully_connected_s8");
  EXPECT_EQ(manifest.resources[0], "labels");
  EXPECT_EQ(manifest.energy_uj, 7u);
  EXPECT_EQ(written(manifest), bytes);
}

TEST(Manifest, EveryTruncationIsRefused) {
  const std::vector<uint8_t> bytes = written(full_manifest());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_manifest(Bytes(bytes).first(size)).status(), Status::kMalformed) << size;
  }
}

TEST(Manifest, TrailingBytesAreRefused) {
  std::vector<uint8_t> bytes = written(full_manifest());
  bytes.push_back(0);
  EXPECT_EQ(parse_manifest(bytes).status(), Status::kMalformed);
}

// A changed byte is refused, or gives a manifest that writes to bytes which parse again.
TEST(Manifest, EveryByteChangeIsRefusedOrStillAManifest) {
  const std::vector<uint8_t> bytes = written(full_manifest());
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x20, 0x80, 0xFF}) {
      std::vector<uint8_t> changed = bytes;
      changed[at] = static_cast<uint8_t>(changed[at] ^ flip);
      const Result<Manifest> read = parse_manifest(changed);
      if (!read.ok()) {
        ++refused;
        continue;
      }
      EXPECT_TRUE(parse_manifest(written(read.value())).ok()) << at;
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST(Manifest, FieldRulesAreKept) {
  const auto status = [](auto change) {
    Manifest manifest = full_manifest();
    change(manifest);
    return parse_manifest(written(manifest)).status();
  };
  EXPECT_EQ(status([](Manifest& m) { m.name = ""; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.name = "a.b"; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.name = "a-name-of-more-than-thirty-one-bytes"; }), Status::kTooLarge);
  EXPECT_EQ(status([](Manifest& m) { m.memory_bytes = 0; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.stack_bytes = 4097; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.fuel = 0; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.capabilities[0].kind = static_cast<CapabilityKind>(7); }),
            Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.capabilities[0].tensor.element = ElementType::kNone; }),
            Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.capabilities[0].tensor.shape.dims[0] = 0; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.capabilities[0].arguments[1].name = "hz"; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) {
              m.capabilities[0].tensor.shape.dims = {65536, 65536};
            }),
            Status::kTooLarge);
  EXPECT_EQ(status([](Manifest& m) { m.models[0].inputs.clear(); }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.models[0].outputs[0].scale = -1; }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { (void)m.models.push_back(m.models[0]); }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { (void)m.resources.push_back("labels"); }), Status::kInvalid);
  EXPECT_EQ(status([](Manifest& m) { m.outputs[0] = static_cast<OutputKind>(9); }), Status::kInvalid);
}

TEST(Manifest, OtherVersionsAreNamed) {
  std::array<uint8_t, 64> buffer;
  CborWriter out(buffer);
  out.begin_map(2);
  out.pair("new", 1);
  out.pair("v", 2);
  EXPECT_EQ(parse_manifest(out.written()).status(), Status::kVersion);
}

TEST(Manifest, UnknownKeysAndTooManyItemsAreRefused) {
  std::vector<uint8_t> bytes = written(full_manifest());
  const std::vector<uint8_t> key = {0x65, 's', 't', 'a', 'c', 'k'};
  auto at = std::search(bytes.begin(), bytes.end(), key.begin(), key.end());
  ASSERT_NE(at, bytes.end());
  at[1] = 'S';
  EXPECT_EQ(parse_manifest(bytes).status(), Status::kInvalid);

  std::array<uint8_t, 4096> buffer;
  CborWriter out(buffer);
  out.begin_map(2);
  out.pair("v", 1);
  out.text("outs");
  out.begin_array(kMaxOutputs + 1);
  for (size_t i = 0; i <= kMaxOutputs; ++i) {
    out.begin_map(1);
    out.pair("kind", 1);
  }
  EXPECT_EQ(parse_manifest(out.written()).status(), Status::kTooLarge);
  EXPECT_EQ(parse_manifest(std::vector<uint8_t>(kMaxManifestBytes + 1)).status(), Status::kTooLarge);
}

TEST(Manifest, AnythingButAMapIsMalformed) {
  for (const int byte : {0x00, 0x40, 0x60, 0x80, 0xF6, 0xFF}) {
    EXPECT_EQ(parse_manifest(std::vector<uint8_t>{static_cast<uint8_t>(byte)}).status(), Status::kMalformed)
        << byte;
  }
}

}  // namespace
}  // namespace rune::format
