// The plan's promises as the manifest's bytes (docs/spec/manifest.md).
#include "device/format/manifest.h"

#include <memory>

#include "host/wasmtool/emit_internal.h"

namespace rune::wasmtool {
namespace {

// What a fixed list of the manifest would not take; thrown inside this file only.
struct Full {
  std::string what;
  size_t limit;
};

template <typename T, size_t N>
void push(FixedVector<T, N>& list, const T& item, const std::string& what) {
  if (list.push_back(item) != Status::kOk) throw Full{what, N};
}

format::ModelRequest model_request(const PlanModel& model) {
  format::ModelRequest request;
  request.name = model.name;
  request.arena_bytes = model.arena_bytes;
  request.image_bytes =
      model.sections.empty() ? 0 : static_cast<uint32_t>(model.sections.front().image.size());
  for (const TensorType& type : model.inputs) push(request.inputs, type, "inputs of model " + model.name);
  for (const TensorType& type : model.outputs) push(request.outputs, type, "outputs of model " + model.name);
  for (const std::string& kernel : model.kernels) {
    push(request.kernels, std::string_view(kernel), "kinds of operators of model " + model.name);
  }
  return request;
}

void fill(const BuildPlan& plan, format::Manifest& manifest) {
  for (const PlanCapability& capability : plan.capabilities) {
    CapabilityRequest request{.kind = capability.kind, .tensor = capability.tensor, .arguments = {}};
    for (const auto& [name, value] : capability.arguments)
      push(request.arguments, Argument{name, value}, "arguments of a capability");
    push(manifest.capabilities, request, "capabilities");
  }
  for (const PlanModel& model : plan.models) push(manifest.models, model_request(model), "models");
  for (const PlanOutput& output : plan.outputs) push(manifest.outputs, output.kind, "outputs");
  for (const PlanResource& resource : plan.resources)
    push(manifest.resources, std::string_view(resource.name), "resources");
}

}  // namespace

Result<ByteVector, Diagnostic> make_manifest(const BuildPlan& plan, const MemoryPlan& memory,
                                             uint32_t memory_bytes) {
  const Location where = {.node = "rune " + plan.name};
  const auto manifest = std::make_unique<format::Manifest>();
  try {
    fill(plan, *manifest);
  } catch (const Full& full) {
    return Diagnostic{.where = where,
                      .what = "too many " + full.what + " for a manifest",
                      .limit = static_cast<int64_t>(full.limit)};
  }
  manifest->name = plan.name;
  manifest->memory_bytes = memory_bytes;
  manifest->stack_bytes = memory.stack_bytes;
  manifest->fuel = memory.fuel;
  manifest->energy_uj = plan.energy_uj;

  ByteVector bytes(format::kMaxManifestBytes);
  CborWriter writer(bytes);
  const Status written = write_manifest(*manifest, writer);
  if (writer.status() != Status::kOk) {
    return Diagnostic{.where = where,
                      .what = "the manifest is too long",
                      .limit = format::kMaxManifestBytes,
                      .actual = static_cast<int64_t>(writer.needed()),
                      .unit = "bytes",
                      .hint = "shorter names"};
  }
  if (written != Status::kOk) return from_status(where, "the manifest cannot be written", written);
  bytes.resize(writer.needed());
  format::Manifest check;
  if (const Status status = format::parse_manifest(bytes, check); status != Status::kOk) {
    return from_status(where, "the manifest breaks a rule of its own format", status,
                       "names of letters, digits, _ and -");
  }
  return bytes;
}

}  // namespace rune::wasmtool
