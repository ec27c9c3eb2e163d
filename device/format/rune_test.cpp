#include "device/format/rune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rune::format {
namespace {

using ByteVector = std::vector<uint8_t>;

ByteVector empty_module() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

// Appends a custom section whose size field has five bytes, so that payloads land where `align` says.
void append_section(ByteVector& module, const std::string& name, const ByteVector& payload) {
  const auto size = static_cast<uint32_t>(1 + name.size() + payload.size());
  module.push_back(0);
  for (int i = 0; i < 4; ++i) module.push_back(static_cast<uint8_t>((size >> (7 * i) & 0x7F) | 0x80));
  module.push_back(0);
  module.push_back(static_cast<uint8_t>(name.size()));
  module.insert(module.end(), name.begin(), name.end());
  module.insert(module.end(), payload.begin(), payload.end());
}

// A model section with the padding section that aligns its payload.
void append_model(ByteVector& module, const std::string& name, const ByteVector& payload) {
  const size_t pad_header = 7 + 8;
  const size_t model_header = 7 + name.size();
  const size_t unpadded = module.size() + pad_header + model_header;
  append_section(module, "rune.pad", ByteVector((16 - unpadded % 16) % 16));
  append_section(module, name, payload);
}

ByteVector sample() {
  ByteVector module = empty_module();
  append_section(module, "rune.manifest", {1, 2, 3});
  module.insert(module.end(), {1, 1, 0});  // an empty type section
  append_model(module, "rune.model.net", {4, 5});
  append_model(module, "rune.model.net.cortex-m4", {6});
  append_section(module, "rune.resource.labels", {7, 8, 9});
  return module;
}

TEST(RuneFile, FindsItsSections) {
  const ByteVector module = sample();
  const Result<RuneFile> file = RuneFile::open(module);
  ASSERT_TRUE(file.ok()) << status_name(file.status());
  EXPECT_EQ(file.value().manifest_bytes().size(), 3u);
  EXPECT_EQ(file.value().model("net", "").value()[0], 4);
  EXPECT_EQ(file.value().model("net", "cortex-m4").value()[0], 6);
  EXPECT_EQ(file.value().model("net", "cortex-m3").value()[0], 4);
  EXPECT_EQ(file.value().model("ne", "").status(), Status::kNotFound);
  EXPECT_EQ(file.value().resource("labels").value().size(), 3u);
  EXPECT_EQ(file.value().section("rune.signature").status(), Status::kNotFound);
}

TEST(RuneFile, ReadsSectionsInOrder) {
  const ByteVector module = sample();
  SectionReader reader(module);
  std::vector<std::string> names;
  size_t total_bytes = 8;
  while (!reader.at_end()) {
    const Result<Section> section = reader.next();
    ASSERT_TRUE(section.ok());
    EXPECT_EQ(section.value().offset_bytes, total_bytes);
    total_bytes += section.value().size_bytes;
    names.emplace_back(section.value().name);
  }
  EXPECT_EQ(total_bytes, module.size());
  EXPECT_EQ(names.front(), "rune.manifest");
  EXPECT_EQ(names.back(), "rune.resource.labels");
}

TEST(RuneFile, EveryTruncationIsRefusedOrEndsBetweenSections) {
  const ByteVector module = sample();
  std::vector<size_t> boundaries;
  for (SectionReader reader(module); !reader.at_end();) {
    const Result<Section> section = reader.next();
    boundaries.push_back(section.value().offset_bytes + section.value().size_bytes);
  }
  for (size_t size = 0; size < module.size(); ++size) {
    const bool whole = std::count(boundaries.begin(), boundaries.end(), size) > 0;
    EXPECT_EQ(RuneFile::open(Bytes(module).first(size)).ok(), whole) << size;
  }
}

TEST(RuneFile, TheManifestMustBeTheFirstSectionAndOnlyThere) {
  EXPECT_EQ(RuneFile::open(empty_module()).status(), Status::kInvalid);
  ByteVector late = empty_module();
  append_section(late, "other", {});
  append_section(late, "rune.manifest", {1});
  EXPECT_EQ(RuneFile::open(late).status(), Status::kInvalid);
  ByteVector twice = sample();
  append_section(twice, "rune.manifest", {1});
  EXPECT_EQ(RuneFile::open(twice).status(), Status::kInvalid);
}

TEST(RuneFile, MisalignedModelsAreRefused) {
  ByteVector module = empty_module();
  append_section(module, "rune.manifest", {1});
  append_section(module, "rune.model.net", {1});
  EXPECT_EQ(RuneFile::open(module).status(), Status::kInvalid);
}

TEST(RuneFile, BrokenHeadersAndLengthsAreMalformed) {
  ByteVector wrong_version = sample();
  wrong_version[4] = 2;
  EXPECT_EQ(RuneFile::open(wrong_version).status(), Status::kMalformed);
  EXPECT_EQ(RuneFile::open(ByteVector{}).status(), Status::kMalformed);
  ByteVector unknown_id = sample();
  unknown_id.insert(unknown_id.end(), {13, 0});
  EXPECT_EQ(RuneFile::open(unknown_id).status(), Status::kMalformed);
  ByteVector long_leb = sample();
  long_leb.insert(long_leb.end(), {1, 0x80, 0x80, 0x80, 0x80, 0x80, 0});
  EXPECT_EQ(RuneFile::open(long_leb).status(), Status::kMalformed);
  ByteVector long_name = sample();
  long_name.insert(long_name.end(), {0, 2, 5, 'a'});
  EXPECT_EQ(RuneFile::open(long_name).status(), Status::kMalformed);
}

}  // namespace
}  // namespace rune::format
