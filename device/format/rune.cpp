// Walks the sections of a rune. Reads only section headers: the engine verifies what is
// inside. Tested by rune_test.cpp (every truncation) and the rune fuzzer.
#include "device/format/rune.h"

namespace rune::format {
namespace {

constexpr uint8_t kHeader[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
constexpr uint8_t kLastSectionId = 12;  // data count

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

Result<uint32_t> SectionReader::leb128() {
  uint32_t value = 0;
  for (uint32_t shift = 0; shift < 35; shift += 7) {
    if (at_ >= module_.size()) return Status::kMalformed;
    const uint8_t byte = module_[at_++];
    if (shift == 28 && byte > 0x0F) return Status::kMalformed;
    value |= static_cast<uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return Status::kMalformed;
}

Result<Section> SectionReader::next() {
  Section section;
  const size_t start = at_;
  if (at_end()) return Status::kEndOfData;
  section.id = module_[at_++];
  if (section.id > kLastSectionId) return Status::kMalformed;
  const Result<uint32_t> size = leb128();
  if (!size.ok()) return size.status();
  if (size.value() > module_.size() - at_) return Status::kMalformed;
  const size_t end = at_ + size.value();
  section.offset_bytes = static_cast<uint32_t>(start);
  section.size_bytes = static_cast<uint32_t>(end - start);
  if (section.id == 0) {
    const Result<uint32_t> name_bytes = leb128();
    if (!name_bytes.ok()) return name_bytes.status();
    if (at_ > end || name_bytes.value() > end - at_) return Status::kMalformed;
    section.name = as_text(module_.subspan(at_, name_bytes.value()));
    at_ += name_bytes.value();
  }
  section.payload = module_.subspan(at_, end - at_);
  at_ = end;
  return section;
}

Result<RuneFile> RuneFile::open(Bytes bytes) {
  if (bytes.size() < sizeof kHeader || memcmp(bytes.data(), kHeader, sizeof kHeader) != 0)
    return Status::kMalformed;
  if (bytes.size() > INT32_MAX) return Status::kTooLarge;
  RuneFile file;
  file.bytes_ = bytes;
  SectionReader reader(bytes);
  if (reader.at_end()) return Status::kInvalid;
  for (bool first = true; !reader.at_end(); first = false) {
    const Result<Section> read = reader.next();
    if (!read.ok()) return read.status();
    const Section& section = read.value();
    const bool is_manifest = section.id == 0 && section.name == kManifestSection;
    if (first != is_manifest) return Status::kInvalid;
    if (first) file.manifest_ = section.payload;
    const auto offset = static_cast<size_t>(section.payload.data() - bytes.data());
    if (starts_with(section.name, kModelPrefix) && offset % kModelAlignment != 0) return Status::kInvalid;
  }
  return file;
}

Result<Bytes> RuneFile::section(std::string_view name) const { return section(name, {}, {}); }

Result<Bytes> RuneFile::model(std::string_view name, std::string_view target) const {
  if (!target.empty()) {
    const Result<Bytes> packed = section(kModelPrefix, name, target);
    if (packed.ok()) return packed;
  }
  return section(kModelPrefix, name, {});
}

Result<Bytes> RuneFile::resource(std::string_view name) const { return section(kResourcePrefix, name, {}); }

// The first custom section called <prefix><name>, then .<target> unless target is empty.
Result<Bytes> RuneFile::section(std::string_view prefix, std::string_view name,
                                std::string_view target) const {
  const size_t stem_bytes = prefix.size() + name.size();
  const size_t name_bytes = stem_bytes + (target.empty() ? 0 : 1 + target.size());
  SectionReader reader(bytes_);
  while (!reader.at_end()) {
    const Result<Section> read = reader.next();
    if (!read.ok()) return read.status();
    const Section& each = read.value();
    if (each.id != 0 || each.name.size() != name_bytes || !starts_with(each.name, prefix)) continue;
    if (each.name.substr(prefix.size(), name.size()) != name) continue;
    if (target.empty()) return each.payload;
    if (each.name[stem_bytes] == '.' && each.name.substr(stem_bytes + 1) == target) return each.payload;
  }
  return Status::kNotFound;
}

}  // namespace rune::format
