// Code: the verified view of a module and its image.
#include "device/base/crc.h"
#include "device/wasm/instance_internal.h"

namespace rune::wasm {

bool FunctionType::operator==(const FunctionType& other) const {
  const auto equal = [](Bytes a, Bytes b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
  };
  return equal(parameters, other.parameters) && equal(results, other.results);
}

const char* trap_name(Trap trap) {
  switch (trap) {
    case Trap::kNone: return "none";
    case Trap::kUnreachable: return "unreachable";
    case Trap::kMemoryOutOfBounds: return "out of bounds memory access";
    case Trap::kTableOutOfBounds: return "out of bounds table access";
    case Trap::kDivideByZero: return "integer divide by zero";
    case Trap::kIntegerOverflow: return "integer overflow";
    case Trap::kInvalidConversion: return "invalid conversion to integer";
    case Trap::kUndefinedElement: return "undefined element";
    case Trap::kUninitializedElement: return "uninitialized element";
    case Trap::kIndirectCallTypeMismatch: return "indirect call type mismatch";
    case Trap::kStackOverflow: return "call stack exhausted";
    case Trap::kFuelExhausted: return "fuel exhausted";
    case Trap::kHost: return "stopped by a host function";
  }
  return "?";
}

static const ImageFooter* footer_of(Bytes image) {
  return reinterpret_cast<const ImageFooter*>(image.data() + image.size() - sizeof(ImageFooter));
}

Result<Code> Code::open(Bytes module, Bytes image) {
  if ((reinterpret_cast<uintptr_t>(image.data()) & 3) != 0) return Status::kInvalidArgument;
  if (image.size() < sizeof(ImageHeader) + sizeof(ImageFooter) || image.size() % 4 != 0)
    return Status::kMalformed;
  const auto* header = reinterpret_cast<const ImageHeader*>(image.data());
  const ImageFooter* footer = footer_of(image);
  if (header->magic != kImageMagic) return Status::kMalformed;
  if (header->version != kImageVersion || header->build_identity != kBuildIdentity) return Status::kVersion;
  if (footer->magic != kFooterMagic || footer->image_bytes != image.size()) return Status::kMalformed;
  const size_t covered = image.size() - sizeof(ImageFooter) + offsetof(ImageFooter, image_crc);
  if (crc32(image.first(covered)) != footer->image_crc) return Status::kChecksum;
  if (header->module_bytes != module.size()) return Status::kChecksum;
  if (footer->sections.checksum(module) != footer->module_crc) return Status::kChecksum;
  Code code;
  code.module_ = module;
  code.image_ = image;
  return code;
}

uint64_t Code::declared_memory_bytes() const {
  const ImageFooter* footer = footer_of(image_);
  if (footer->memory_count == 0) return 0;
  Reader in = footer->sections.reader(module_, kMemorySection);
  in.count();
  return uint64_t{read_limits(in).minimum} * 65536;
}

}  // namespace rune::wasm
