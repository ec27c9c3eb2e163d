// The manifest: what a rune needs and does, as data, before any of it runs.
//
// CBOR in the section `rune.manifest`, the first of the module; the page is
// docs/spec/manifest.md. parse_manifest() is a door of trust: what it accepts
// keeps every bound stated here, unknown keys are refused. `_manifest()` of the
// module must return the same bytes.
//
//   { "v": 1, "name": "sine",
//     "caps":    [{"kind": 1, "type": 9, "dims": [1, 1], "args": {"hz": 16000}}],
//     "models":  [{"name": "model", "arena": 512, "image": 2432,
//                  "in":  [{"type": 9, "dims": [1, 1]}],
//                  "out": [{"type": 9, "dims": [1, 1], "scale": 0.1, "zero": -3}],
//                  "ops": ["fully_connected_f32"]}],
//     "outs":    [{"kind": 1}],
//     "memory": 4096, "stack": 2048, "fuel": 100000, "energy": 0 }
#pragma once

#include "device/base/bytes.h"
#include "device/base/capability.h"
#include "device/base/cbor.h"
#include "device/base/fixed_vector.h"
#include "device/base/tensor.h"

namespace rune::format {

inline constexpr size_t kMaxNameBytes = 31;
inline constexpr size_t kMaxCapabilities = 8;
inline constexpr size_t kMaxModels = 4;
inline constexpr size_t kMaxModelTensors = 4;
inline constexpr size_t kMaxModelOperators = 24;
inline constexpr size_t kMaxOutputs = 4;
inline constexpr size_t kMaxResources = 8;
inline constexpr size_t kMaxKernelNameBytes = 63;
inline constexpr size_t kMaxManifestBytes = 4096;

struct ModelRequest {
  std::string_view name;     // the sections rune.model.<name>[.<target>]
  uint32_t arena_bytes = 0;  // of the portable image
  uint32_t image_bytes = 0;
  FixedVector<TensorType, kMaxModelTensors> inputs;
  FixedVector<TensorType, kMaxModelTensors> outputs;
  FixedVector<std::string_view, kMaxModelOperators> kernels;  // of the portable image
};

struct Manifest {
  std::string_view name;
  FixedVector<CapabilityRequest, kMaxCapabilities> capabilities;
  FixedVector<ModelRequest, kMaxModels> models;
  FixedVector<OutputKind, kMaxOutputs> outputs;
  FixedVector<std::string_view, kMaxResources> resources;  // sections rune.resource.<name>
  uint32_t memory_bytes = 0;  // linear memory, whole; at most 4 GiB, usually below 64 KiB
  uint32_t stack_bytes = 0;   // the guest's shadow stack, part of memory_bytes
  uint32_t fuel = 0;          // branches back and calls that one _call() may make
  uint32_t energy_uj = 0;     // per call; 0: not stated
};

// Text is a view into `bytes`, which must outlive the manifest. kMalformed, kInvalid,
// kVersion, kTooLarge.
Result<Manifest> parse_manifest(Bytes bytes);
// The same without a copy of the manifest (about 4 KB) on the stack. `out` is meaningful only on kOk.
Status parse_manifest(Bytes bytes, Manifest& out);

// Writes the canonical bytes; used by the host, and by tests to round-trip.
Status write_manifest(const Manifest& manifest, CborWriter& out);

// Whether `name` may name a rune, model, resource or target: 1 to kMaxNameBytes of A-Z a-z 0-9 _ -,
// so that a dot always ends it in a section's name.
bool valid_name(std::string_view name);

}  // namespace rune::format
