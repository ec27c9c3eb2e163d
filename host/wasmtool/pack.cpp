// Joins the sections of a rune: docs/spec/rune.md has the order.
#include "device/format/rune.h"
#include "host/wasmtool/emit_internal.h"
#include "host/wasmtool/object_writer.h"

namespace rune::wasmtool {
namespace {

constexpr uint32_t kHeaderBytes = 8;
constexpr std::string_view kPadSection = "rune.pad";
// An empty pad section: id, size, name length, name.
constexpr uint32_t kPadBytes = 3 + kPadSection.size();

uint32_t leb_bytes(uint32_t value) {
  ByteVector out;
  append_leb(out, value);
  return static_cast<uint32_t>(out.size());
}

// A section whose payload starts at a multiple of kModelAlignment from the start of the file, with a
// rune.pad section before it where needed.
void append_aligned(ByteVector& front, const std::string& name, Bytes payload) {
  const auto whole =
      static_cast<uint32_t>(leb_bytes(static_cast<uint32_t>(name.size())) + name.size() + payload.size());
  const auto before_payload = static_cast<uint32_t>(1 + leb_bytes(whole) + (whole - payload.size()));
  const auto start = [&] { return static_cast<uint32_t>(kHeaderBytes + front.size() + before_payload); };
  if (start() % format::kModelAlignment != 0) {
    const uint32_t misaligned = (start() + kPadBytes) % format::kModelAlignment;
    const ByteVector filler((format::kModelAlignment - misaligned) % format::kModelAlignment);
    append_custom_section(front, kPadSection, filler);
  }
  append_custom_section(front, name, payload);
}

}  // namespace

ByteVector front_sections(const BuildPlan& plan, Bytes manifest) {
  ByteVector front;
  append_custom_section(front, format::kManifestSection, manifest);
  if (!plan.graph_json.empty()) append_custom_section(front, "rune.graph", as_bytes(plan.graph_json));
  for (const PlanModel& model : plan.models) {
    for (const ModelSection& section : model.sections) {
      const std::string suffix = section.target.empty() ? "" : "." + section.target;
      append_aligned(front, std::string(format::kModelPrefix) + model.name + suffix, section.image);
    }
  }
  for (const PlanResource& resource : plan.resources) {
    append_custom_section(front, std::string(format::kResourcePrefix) + resource.name, resource.bytes);
  }
  return front;
}

Result<ByteVector, Diagnostic> pack(Bytes front, Bytes module) {
  if (module.size() < kHeaderBytes) return Diagnostic{.what = "the linker wrote no module"};
  ByteVector out(module.begin(), module.begin() + kHeaderBytes);
  out.insert(out.end(), front.begin(), front.end());
  format::SectionReader reader(module);
  while (!reader.at_end()) {
    const Result<format::Section> section = reader.next();
    if (!section.ok()) return from_status({}, "the linker wrote a broken module", section.status());
    if (section.value().id == 0) continue;
    const auto start = module.begin() + section.value().offset_bytes;
    out.insert(out.end(), start, start + section.value().size_bytes);
  }
  return out;
}

}  // namespace rune::wasmtool
