// install(): the passes over a module, and the image around the translated functions.
#include "device/base/crc.h"
#include "device/wasm/translate_internal.h"

namespace rune::wasm {
namespace {

constexpr uint32_t fnv1a(const char* text, uint32_t hash) {
  for (; *text != 0; text++) hash = (hash ^ static_cast<uint8_t>(*text)) * 16777619u;
  return hash;
}

constexpr uint32_t hash_instructions() {
  uint32_t hash = 2166136261u;
#define UNARY(name, ...) hash = fnv1a(#name #__VA_ARGS__, hash);
#define CHECKED_UNARY UNARY
#define BINARY UNARY
#define BINARY_K UNARY
#define CHECKED_BINARY UNARY
#define COMPARE UNARY
#define COMPARE_FLOAT UNARY
#define LOAD UNARY
#define STORE UNARY
#define OTHER UNARY
#include "device/wasm/instructions.def"
  return hash;
}

// Appends to the sink and keeps size and checksum.
class ImageWriter {
 public:
  ImageWriter(CodeSink& sink, Reader& in) : sink_(sink), in_(in) {}

  uint32_t size() const { return size_; }
  uint32_t crc() const { return crc_; }
  void append(Bytes bytes) {
    if (!in_.ok() || bytes.empty()) return;
    const Status status = sink_.append(bytes);
    if (status != Status::kOk) return in_.fail_at(status, "code sink refused", 0);
    crc_ = crc32(bytes, crc_);
    size_ += static_cast<uint32_t>(bytes.size());
  }
  void append(const void* data, size_t size) { append({static_cast<const uint8_t*>(data), size}); }
  void u32(uint32_t value) { append(&value, sizeof(value)); }

 private:
  CodeSink& sink_;
  Reader& in_;
  uint32_t size_ = 0;
  uint32_t crc_ = 0;
};

void translate_functions(const ModuleInfo& info, const InstallLimits& limits, Arena& arena, Reader& in,
                         ImageWriter& image) {
  Reader code = info.sections.reader(info.module, kCodeSection);
  const uint32_t imported = info.imported_count(ExternKind::kFunction);
  const uint32_t count = code.count();
  for (uint32_t i = 0; i < count && in.ok(); i++) {
    const uint32_t size = code.u32();
    const uint32_t begin = code.position();
    code.bytes(size);
    if (!code.ok()) return in.fail_at(code.status(), code.error(), code.error_offset());
    Reader body(info.module, begin, begin + size);
    FunctionTranslator translator(info, limits, body, arena.rest());
    const Bytes translated = translator.translate(imported + i);
    if (!body.ok()) return in.fail_at(body.status(), body.error(), body.error_offset());
    info.entries[i] = image.size();
    image.append(translated);
  }
  if (info.sections.has(kCodeSection) && !code.at_end()) in.fail(Status::kMalformed, "section size mismatch");
}

// Where each segment stands, so that nothing has to be counted off when one is used.
void write_segments(const ModuleInfo& info, ImageFooter& footer, ImageWriter& image) {
  footer.elements = image.size();
  footer.element_count = info.element_count;
  Reader in = info.sections.reader(info.module, kElementSection);
  if (info.element_count > 0) in.count();
  for (uint32_t i = 0; i < info.element_count; i++) {
    image.u32(in.position());
    const ElementSegment segment = read_element_segment(in);
    for (uint32_t item = 0; item < segment.count; item++) read_element(in, segment);
  }
  footer.data = image.size();
  footer.data_count = info.sections.count(info.module, kDataSection);
  in = info.sections.reader(info.module, kDataSection);
  if (footer.data_count > 0) in.count();
  for (uint32_t i = 0; i < footer.data_count; i++) {
    const DataSegment segment = read_data_segment(in);
    image.u32(segment.begin);
    image.u32(segment.size);
  }
}

void write_tables(const ModuleInfo& info, ImageFooter& footer, ImageWriter& image) {
  footer.sections = info.sections;
  footer.types = image.size();
  footer.type_count = info.type_count;
  image.append(info.types, info.type_count * sizeof(uint32_t));
  footer.functions = image.size();
  footer.function_count = info.defined_functions();
  image.append(info.entries, footer.function_count * sizeof(uint32_t));
  footer.function_types = image.size();
  const uint32_t imported = info.imported_count(ExternKind::kFunction);
  for (uint32_t i = 0; i < imported; i++) image.u32(info.function_types[i]);
  write_segments(info, footer, image);
  std::memcpy(footer.imported, info.imported, sizeof(footer.imported));
  footer.global_count = info.global_count - info.imported_count(ExternKind::kGlobal);
  footer.table_count = info.table_count - info.imported_count(ExternKind::kTable);
  footer.memory_count = info.memory_count - info.imported_count(ExternKind::kMemory);
  footer.module_crc = info.sections.checksum(info.module);
  footer.image_bytes = image.size() + static_cast<uint32_t>(sizeof(footer));
  image.append(&footer, offsetof(ImageFooter, image_crc));
  image.u32(image.crc());
  image.u32(kFooterMagic);
}

}  // namespace

const uint32_t kBuildIdentity = hash_instructions();

Status install(Bytes module, MutableBytes workspace, CodeSink& sink, const InstallLimits& limits,
               InstallReport& report) {
  report = {};
  if (module.size() >= 0x7FFFFFFF) return Status::kTooLarge;
  Reader in(module);
  ImageWriter image(sink, in);
  Arena arena(workspace);
  ModuleInfo info;
  info.module = module;
  info.sections = read_sections(in);
  if (in.ok()) validate_sections(in, limits, arena, info);
  const ImageHeader header = {kImageMagic, kImageVersion, kBuildIdentity,
                              static_cast<uint32_t>(module.size())};
  image.append(&header, sizeof(header));
  if (in.ok()) translate_functions(info, limits, arena, in, image);
  if (in.ok()) {
    ImageFooter footer = {};
    write_tables(info, footer, image);
  }
  report.code_bytes = image.size();
  report.error_offset = in.error_offset();
  report.error = in.error();
  return in.status();
}

// Locals that a body declares; 0 when it does not decode.
static uint32_t count_locals(Bytes module, uint32_t begin, uint32_t end) {
  Reader in(module, begin, end);
  uint64_t locals = 0;
  for (uint32_t groups = in.count(); groups > 0 && in.ok(); groups--) {
    locals += in.u32();
    in.u8();
  }
  return in.ok() && locals < 65536 ? static_cast<uint32_t>(locals) : 0;
}

// Tables of the module, then for the largest body: locals, both stacks, code. A body grows by less
// than ten bytes a byte unless its branches carry many values.
uint32_t install_workspace_bytes(Bytes module) {
  Reader in(module);
  const SectionMap sections = read_sections(in);
  if (!in.ok()) return 0;
  uint64_t tables = 1024;
  for (SectionId id : {kTypeSection, kImportSection, kFunctionSection, kTableSection, kGlobalSection,
                       kExportSection, kElementSection}) {
    tables += sections.count(module, id) * uint64_t{8};
  }
  uint64_t largest = 0;
  Reader code = sections.reader(module, kCodeSection);
  for (uint32_t i = sections.has(kCodeSection) ? code.count() : 0; i > 0 && code.ok(); i--) {
    const uint32_t size = code.u32();
    const uint32_t begin = code.position();
    code.bytes(size);
    if (!code.ok()) break;
    const uint64_t bytes = uint64_t{size} * 30 + uint64_t{count_locals(module, begin, begin + size)} * 4;
    if (bytes > largest) largest = bytes;
  }
  const uint64_t bytes = tables + largest;
  return bytes < UINT32_MAX ? static_cast<uint32_t>(bytes) : UINT32_MAX;
}

}  // namespace rune::wasm
