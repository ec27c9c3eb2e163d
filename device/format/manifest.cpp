// Reads and writes the manifest. Every bound of manifest.h is checked here, once;
// tested by manifest_test.cpp (every truncation, every single-byte change) and the
// manifest fuzzer.
#include "device/format/manifest.h"

#include "device/format/cbor_map_internal.h"

namespace rune::format {
namespace {

constexpr uint32_t kVersion = 1;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool valid_text(std::string_view text, size_t max_bytes) {
  if (text.empty() || text.size() > max_bytes) return false;
  for (const char c : text) {
    if (!is_name_character(c)) return false;
  }
  return true;
}

Status read_name(CborReader& cursor, size_t max_bytes, std::string_view& out) {
  const Result<std::string_view> name = cursor.text();
  if (!name.ok()) return name.status();
  if (name.value().size() > max_bytes) return Status::kTooLarge;
  if (!valid_text(name.value(), max_bytes)) return Status::kInvalid;
  out = name.value();
  return Status::kOk;
}

Status read_element(CborReader& cursor, ElementType& out) {
  uint32_t number = 0;
  RUNE_TRY(read_u32(cursor, number));
  if (number == 0 || number > UINT8_MAX || element_bytes(static_cast<ElementType>(number)) == 0) {
    return Status::kInvalid;
  }
  out = static_cast<ElementType>(number);
  return Status::kOk;
}

Status read_dims(CborReader& cursor, Shape& out) {
  return read_array(cursor, [&out](CborReader& item) {
    if (out.rank == Shape::kMaxRank) return Status::kTooLarge;
    RUNE_TRY(read_u32(item, out.dims[out.rank]));
    if (out.dims[out.rank] == 0) return Status::kInvalid;
    ++out.rank;
    return Status::kOk;
  });
}

Status read_scale(CborReader& cursor, float& out) {
  const Result<float> value = cursor.number();
  if (!value.ok()) return value.status();
  if (!std::isfinite(value.value()) || value.value() <= 0) return Status::kInvalid;
  out = value.value();
  return Status::kOk;
}

// Indices below are those of the four tensor keys, which lead every map that holds a tensor.
constexpr uint32_t kTensorKeysRequired = 0b11;

Status read_tensor_field(size_t index, CborReader& cursor, TensorType& out) {
  switch (index) {
    case 0: return read_element(cursor, out.element);
    case 1: return read_dims(cursor, out.shape);
    case 2: return read_scale(cursor, out.scale);
    default: return read_i32(cursor, out.zero_point);
  }
}

Status check_tensor(const TensorType& tensor) {
  if (tensor.size_bytes() == UINT32_MAX) return Status::kTooLarge;
  return tensor.zero_point != 0 && tensor.scale == 0 ? Status::kInvalid : Status::kOk;
}

Status read_tensor(CborReader& cursor, TensorType& out) {
  static constexpr std::string_view kKeys[] = {"type", "dims", "scale", "zero"};
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  RUNE_TRY(read_map(map.value(), kKeys, kTensorKeysRequired, [&out](size_t index, CborReader& value) {
    return read_tensor_field(index, value, out);
  }));
  return check_tensor(out);
}

Status read_arguments(CborReader& cursor, CapabilityRequest& out) {
  Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  while (!map.value().at_end()) {
    Argument argument;
    RUNE_TRY(read_name(map.value(), kMaxNameBytes, argument.name));
    RUNE_TRY(read_i32(map.value(), argument.value));
    for (const Argument& each : out.arguments) {
      if (each.name == argument.name) return Status::kInvalid;
    }
    RUNE_TRY(out.arguments.push_back(argument));
  }
  return Status::kOk;
}

Status read_capability_kind(CborReader& cursor, CapabilityKind& out) {
  uint32_t number = 0;
  RUNE_TRY(read_u32(cursor, number));
  if (number < 1 || number > static_cast<uint32_t>(CapabilityKind::kFloatImage)) return Status::kInvalid;
  out = static_cast<CapabilityKind>(number);
  return Status::kOk;
}

Status read_capability(CborReader& cursor, CapabilityRequest& out) {
  static constexpr std::string_view kKeys[] = {"type", "dims", "scale", "zero", "kind", "args"};
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  RUNE_TRY(
      read_map(map.value(), kKeys, kTensorKeysRequired | 0b10000, [&out](size_t index, CborReader& value) {
        if (index == 4) return read_capability_kind(value, out.kind);
        if (index == 5) return read_arguments(value, out);
        return read_tensor_field(index, value, out.tensor);
      }));
  return check_tensor(out.tensor);
}

Status read_tensors(CborReader& cursor, FixedVector<TensorType, kMaxModelTensors>& out) {
  return read_array(cursor, [&out](CborReader& item) {
    RUNE_TRY(out.push_back(TensorType{}));
    return read_tensor(item, out.back());
  });
}

Status read_kernels(CborReader& cursor, ModelRequest& out) {
  return read_array(cursor, [&out](CborReader& item) {
    RUNE_TRY(out.kernels.push_back({}));
    return read_name(item, kMaxKernelNameBytes, out.kernels.back());
  });
}

Status read_model(CborReader& cursor, ModelRequest& out) {
  static constexpr std::string_view kKeys[] = {"name", "arena", "image", "in", "out", "ops"};
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  RUNE_TRY(read_map(map.value(), kKeys, 0b111111, [&out](size_t index, CborReader& value) {
    switch (index) {
      case 0: return read_name(value, kMaxNameBytes, out.name);
      case 1: return read_u32(value, out.arena_bytes);
      case 2: return read_u32(value, out.image_bytes);
      case 3: return read_tensors(value, out.inputs);
      case 4: return read_tensors(value, out.outputs);
      default: return read_kernels(value, out);
    }
  }));
  return out.inputs.empty() || out.outputs.empty() ? Status::kInvalid : Status::kOk;
}

Status read_output(CborReader& cursor, OutputKind& out) {
  static constexpr std::string_view kKeys[] = {"kind"};
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status();
  return read_map(map.value(), kKeys, 0b1, [&out](size_t, CborReader& value) {
    uint32_t number = 0;
    RUNE_TRY(read_u32(value, number));
    if (number < 1 || number > static_cast<uint32_t>(OutputKind::kTensor)) return Status::kInvalid;
    out = static_cast<OutputKind>(number);
    return Status::kOk;
  });
}

// Appends one element to `list` and reads it in place.
template <typename List, typename Read>
Status read_list(CborReader& cursor, List& list, Read read) {
  return read_array(cursor, [&list, read](CborReader& item) {
    RUNE_TRY(list.push_back({}));
    return read(item, list.back());
  });
}

constexpr std::string_view kManifestKeys[] = {"v",   "name",   "caps",  "models", "outs",
                                              "res", "memory", "stack", "fuel",   "energy"};
constexpr uint32_t kManifestRequired = 0b1111011111;  // all but "res"

Status read_manifest_field(size_t index, CborReader& value, Manifest& out) {
  switch (index) {
    case 0: return value.skip();  // checked before the others
    case 1: return read_name(value, kMaxNameBytes, out.name);
    case 2: return read_list(value, out.capabilities, read_capability);
    case 3: return read_list(value, out.models, read_model);
    case 4: return read_list(value, out.outputs, read_output);
    case 5:
      return read_list(value, out.resources, [](CborReader& item, std::string_view& name) {
        return read_name(item, kMaxNameBytes, name);
      });
    case 6: return read_u32(value, out.memory_bytes);
    case 7: return read_u32(value, out.stack_bytes);
    case 8: return read_u32(value, out.fuel);
    default: return read_u32(value, out.energy_uj);
  }
}

Status check_version(const CborReader& map) {
  Result<CborReader> value = map.find("v");
  if (!value.ok()) return value.status();
  const Result<uint64_t> version = value.value().unsigned_integer();
  if (!version.ok()) return version.status();
  return version.value() == kVersion ? Status::kOk : Status::kVersion;
}

// Rules that join several fields.
Status check_manifest(const Manifest& manifest) {
  if (manifest.memory_bytes == 0 || manifest.stack_bytes > manifest.memory_bytes || manifest.fuel == 0) {
    return Status::kInvalid;
  }
  for (size_t i = 0; i < manifest.models.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (manifest.models[i].name == manifest.models[j].name) return Status::kInvalid;
    }
  }
  for (size_t i = 0; i < manifest.resources.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (manifest.resources[i] == manifest.resources[j]) return Status::kInvalid;
    }
  }
  return Status::kOk;
}

Status parse(Bytes bytes, Manifest& out) {
  if (bytes.size() > kMaxManifestBytes) return Status::kTooLarge;
  CborReader cursor(bytes);
  const Result<CborReader> map = cursor.enter_map();
  if (!map.ok()) return map.status() == Status::kMismatch ? Status::kMalformed : map.status();
  if (!cursor.at_end()) return Status::kMalformed;
  RUNE_TRY(check_version(map.value()));
  RUNE_TRY(read_map(map.value(), kManifestKeys, kManifestRequired, [&out](size_t index, CborReader& value) {
    return read_manifest_field(index, value, out);
  }));
  return check_manifest(out);
}

void write_tensor_fields(const TensorType& tensor, CborWriter& out) {
  out.pair("type", static_cast<int64_t>(tensor.element));
  out.text("dims");
  out.begin_array(tensor.shape.rank);
  for (uint32_t i = 0; i < tensor.shape.rank; ++i) out.unsigned_integer(tensor.shape.dims[i]);
  if (tensor.scale == 0) return;
  out.text("scale");
  out.float32(tensor.scale);
  out.pair("zero", tensor.zero_point);
}

size_t tensor_field_count(const TensorType& tensor) { return tensor.scale == 0 ? 2 : 4; }

void write_capability(const CapabilityRequest& capability, CborWriter& out) {
  const bool has_arguments = !capability.arguments.empty();
  out.begin_map(1 + tensor_field_count(capability.tensor) + (has_arguments ? 1 : 0));
  out.pair("kind", static_cast<int64_t>(capability.kind));
  write_tensor_fields(capability.tensor, out);
  if (!has_arguments) return;
  out.text("args");
  out.begin_map(capability.arguments.size());
  for (const Argument& each : capability.arguments) out.pair(each.name, each.value);
}

void write_tensors(const FixedVector<TensorType, kMaxModelTensors>& tensors, CborWriter& out) {
  out.begin_array(tensors.size());
  for (const TensorType& each : tensors) {
    out.begin_map(tensor_field_count(each));
    write_tensor_fields(each, out);
  }
}

void write_model(const ModelRequest& model, CborWriter& out) {
  out.begin_map(6);
  out.pair("name", model.name);
  out.pair("arena", model.arena_bytes);
  out.pair("image", model.image_bytes);
  out.text("in");
  write_tensors(model.inputs, out);
  out.text("out");
  write_tensors(model.outputs, out);
  out.text("ops");
  out.begin_array(model.kernels.size());
  for (const std::string_view name : model.kernels) out.text(name);
}

}  // namespace

bool valid_name(std::string_view name) { return valid_text(name, kMaxNameBytes); }

Status parse_manifest(Bytes bytes, Manifest& out) {
  out = Manifest{};
  return door_status(parse(bytes, out));
}

Result<Manifest> parse_manifest(Bytes bytes) {
  Manifest manifest;
  RUNE_TRY(parse_manifest(bytes, manifest));
  return manifest;
}

Status write_manifest(const Manifest& manifest, CborWriter& out) {
  out.begin_map(manifest.resources.empty() ? 9 : 10);
  out.pair("v", kVersion);
  out.pair("name", manifest.name);
  out.text("caps");
  out.begin_array(manifest.capabilities.size());
  for (const CapabilityRequest& each : manifest.capabilities) write_capability(each, out);
  out.text("models");
  out.begin_array(manifest.models.size());
  for (const ModelRequest& each : manifest.models) write_model(each, out);
  out.text("outs");
  out.begin_array(manifest.outputs.size());
  for (const OutputKind each : manifest.outputs) {
    out.begin_map(1);
    out.pair("kind", static_cast<int64_t>(each));
  }
  if (!manifest.resources.empty()) {
    out.text("res");
    out.begin_array(manifest.resources.size());
    for (const std::string_view name : manifest.resources) out.text(name);
  }
  out.pair("memory", manifest.memory_bytes);
  out.pair("stack", manifest.stack_bytes);
  out.pair("fuel", manifest.fuel);
  out.pair("energy", manifest.energy_uj);
  return out.status();
}

}  // namespace rune::format
