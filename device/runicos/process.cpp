#include "device/runicos/process.h"

#include "device/runicos/host_calls_internal.h"

namespace rune::os {
namespace {

constexpr uint32_t kPoolAlignment = 16;

const SensorGrant* find_sensor(std::span<const SensorGrant> grants, const CapabilityRequest& request) {
  int32_t skip = request.argument("source", 0);
  for (const SensorGrant& grant : grants) {
    if (grant.kind() == request.kind && skip-- == 0) return &grant;
  }
  return nullptr;
}

const OutputGrant* find_output(std::span<const OutputGrant> grants, OutputKind kind) {
  for (const OutputGrant& grant : grants) {
    if (grant.kind() == kind) return &grant;
  }
  return nullptr;
}

Status refused(const format::Refusal& refusal, Reason& reason) {
  reason.set({refusal.what});
  if (!refusal.name.empty()) reason.append(" ").append(refusal.name);
  reason.append(": needs ").append(refusal.actual).append(", limit ").append(refusal.limit);
  return Status::kTooLarge;
}

Status check_grants(const Services& services, const format::Manifest& manifest, Reason& reason) {
  for (const CapabilityRequest& request : manifest.capabilities) {
    if (find_sensor(services.sensors, request) != nullptr) continue;
    reason.set({"capability ", capability_name(request.kind), " is not granted"});
    return Status::kDenied;
  }
  for (const OutputKind kind : manifest.outputs) {
    if (find_output(services.outputs, kind) != nullptr) continue;
    reason.set({"output ", output_name(kind), " is not granted"});
    return Status::kDenied;
  }
  return Status::kOk;
}

}  // namespace

Status Process::check(Bytes file) {
  reason_.clear();
  const Result<format::RuneFile> opened = format::RuneFile::open(file);
  if (!opened.ok()) {
    reason_.set({"not a rune: ", status_name(opened.status())});
    return opened.status();
  }
  rune_ = opened.value();
  // Into its place: a manifest takes kilobytes, which small boards do not have on the stack.
  if (const Status parsed = format::parse_manifest(rune_.manifest_bytes(), manifest_);
      parsed != Status::kOk) {
    reason_.set({"manifest: ", status_name(parsed)});
    return parsed;
  }
  const format::Refusal refusal = format::check_profile(
      manifest_, *services_.profile, static_cast<uint32_t>(file.size()), kEngineReserveBytes);
  if (refusal.what != nullptr) return refused(refusal, reason_);
  return check_grants(services_, manifest_, reason_);
}

Status Process::load(std::string_view name, Bytes file, Bytes code_bytes, MutableBytes pool) {
  name_ = name;
  RUNE_TRY(check(file));
  const Result<wasm::Code> code = wasm::Code::open(rune_.bytes(), code_bytes);
  if (!code.ok()) {
    reason_.set({"translated code: ", status_name(code.status())});
    return code.status();
  }
  RUNE_TRY(lay_out(pool, code.value()));
  RUNE_TRY(open_sensors());
  if (const Status status = link(code.value()); status != Status::kOk) {
    unload();
    return status;
  }
  return Status::kOk;
}

Status Process::allocate(uint32_t size_bytes, uint32_t alignment, MutableBytes& out) {
  const uint32_t begin = align_up(used_bytes_, alignment);
  if (begin > pool_.size() || size_bytes > pool_.size() - begin) {
    reason_.set({"ram bytes: needs "}).append(begin + size_bytes).append(", limit ");
    reason_.append(static_cast<uint32_t>(pool_.size()));
    return Status::kNoMemory;
  }
  out = pool_.subspan(begin, size_bytes);
  used_bytes_ = begin + size_bytes;
  return Status::kOk;
}

Status Process::lay_out(MutableBytes pool, const wasm::Code& code) {
  pool_ = pool;
  used_bytes_ = 0;
  RUNE_TRY(allocate(code.state_bytes(), kPoolAlignment, state_));
  RUNE_TRY(allocate(kEngineStackBytes, kPoolAlignment, stack_));
  RUNE_TRY(allocate(manifest_.memory_bytes, kPoolAlignment, memory_));
  const uint32_t before_models = used_bytes_;
  for (uint32_t i = 0; i < manifest_.models.size(); ++i) RUNE_TRY(load_model(i));
  services_.saga->restart();
  services_.saga->set_memory({static_cast<uint32_t>(pool_.size()), used_bytes_, manifest_.memory_bytes,
                              used_bytes_ - before_models});
  return Status::kOk;
}

// The image for this device's kernels when the rune has one that this build can run, else the
// portable one: both give the same bits.
Status Process::load_model(uint32_t index) {
  const uint32_t before = used_bytes_;
  if (load_model_image(index, services_.profile->architecture) == Status::kOk) return Status::kOk;
  used_bytes_ = before;
  return load_model_image(index, {});
}

Status Process::load_model_image(uint32_t index, std::string_view target) {
  const format::ModelRequest& request = manifest_.models[index];
  const Result<Bytes> section = rune_.model(request.name, target);
  if (!section.ok()) {
    reason_.set({"model ", request.name, ": ", status_name(section.status())});
    return section.status();
  }
  const Result<format::ModelImage> image = format::ModelImage::open(section.value());
  if (!image.ok()) {
    reason_.set({"model ", request.name, ": ", status_name(image.status())});
    return image.status();
  }
  bool matches = image.value().inputs().size() == request.inputs.size() &&
                 image.value().outputs().size() == request.outputs.size();
  for (uint32_t i = 0; matches && i < request.inputs.size(); ++i) {
    matches =
        image.value().tensor_type(image.value().inputs()[i]).size_bytes() == request.inputs[i].size_bytes();
  }
  for (uint32_t i = 0; matches && i < request.outputs.size(); ++i) {
    matches =
        image.value().tensor_type(image.value().outputs()[i]).size_bytes() == request.outputs[i].size_bytes();
  }
  if (!matches) {
    reason_.set({"model ", request.name, ": tensors differ from the manifest"});
    return Status::kMismatch;
  }
  MutableBytes state, arena;
  RUNE_TRY(allocate(executor::Executor::state_bytes(image.value()), kPoolAlignment, state));
  RUNE_TRY(allocate(image.value().header().arena_bytes, kPoolAlignment, arena));
  const Status status = executors_[index].load(image.value(), services_.kernels, state, arena);
  if (status == Status::kUnsupported) {
    reason_.set({"model ", request.name, ": no kernel ", executors_[index].missing_kernel()});
  } else if (status != Status::kOk) {
    reason_.set({"model ", request.name, ": operator "}).append(executors_[index].failed_operator());
    reason_.append(": ").append(status_name(status));
  }
  return status;
}

Status Process::open_sensors() {
  for (uint32_t i = 0; i < manifest_.capabilities.size(); ++i) {
    const CapabilityRequest& request = manifest_.capabilities[i];
    sensors_[i] = find_sensor(services_.sensors, request);
    const Status status = sensors_[i]->sensor().open(request);
    if (status == Status::kOk) continue;
    reason_.set({"capability ", capability_name(request.kind), ": ", status_name(status)});
    return status;
  }
  for (uint32_t i = 0; i < manifest_.outputs.size(); ++i) {
    outputs_[i] = find_output(services_.outputs, manifest_.outputs[i]);
  }
  return Status::kOk;
}

Status Process::link(const wasm::Code& code) {
  HostCalls::fill(*this, host_table_);
  const char* denied = nullptr;
  uint32_t denied_bytes = 0;
  wasm::InstanceOptions options;
  options.imports = {host_table_.begin(), host_table_.size()};
  options.state = state_;
  options.stack = stack_;
  options.memory = memory_;
  options.denied_import = &denied;
  options.denied_import_bytes = &denied_bytes;
  uint32_t fuel = manifest_.fuel;
  const Result<wasm::Instance*> instance = wasm::Instance::create(code, options, fuel);
  if (!instance.ok()) {
    reason_.set({"link: ", status_name(instance.status())});
    if (denied != nullptr) reason_.append(": import ").append({denied, denied_bytes});
    return instance.status();
  }
  instance_ = instance.value();
  const Result<uint32_t> call = instance_->find_function("_call");
  if (!call.ok()) {
    reason_.set({"no export _call"});
    return call.status();
  }
  call_function_ = call.value();
  return compare_manifest();
}

Status Process::compare_manifest() {
  const Result<uint32_t> function = instance_->find_function("_manifest");
  if (!function.ok()) {
    reason_.set({"no export _manifest"});
    return function.status();
  }
  uint32_t fuel = manifest_.fuel;
  wasm::Value result{};
  const wasm::CallResult called = instance_->call(function.value(), {}, {&result, 1}, fuel);
  if (called.status != Status::kOk) return call_failed(called);
  const GuestMemory memory(instance_->memory());
  const Result<uint32_t> size = memory.word(result.i32, 0);
  const Bytes expected = rune_.manifest_bytes();
  if (size.ok() && size.value() == expected.size() && result.i32 <= UINT32_MAX - 4) {
    const Result<MutableBytes> bytes = memory.bytes(result.i32 + 4, size.value());
    if (bytes.ok() && memcmp(bytes.value().data(), expected.data(), expected.size()) == 0) return Status::kOk;
  }
  reason_.set({"_manifest() differs from the section"});
  return Status::kMismatch;
}

Status Process::call_failed(const wasm::CallResult& result) {
  reason_.set({status_name(result.status)});
  if (result.status == Status::kTrap) {
    reason_.append(": ").append(wasm::trap_name(result.trap)).append(" in function ").append(result.function);
  }
  return result.status;
}

Status Process::call() {
  end_of_data_ = false;
  host_us_ = 0;
  const uint64_t begin_us = services_.clock->now_us();
  uint32_t fuel = manifest_.fuel;
  const wasm::Value arguments[3] = {};
  wasm::Value result{};
  const wasm::CallResult called = instance_->call(call_function_, arguments, {&result, 1}, fuel);
  last_call_us_ = services_.clock->now_us() - begin_us;
  if (called.status != Status::kOk) return call_failed(called);
  if (end_of_data_) return Status::kEndOfData;
  services_.saga->record(saga::Stage::kCall, last_call_us_);
  services_.saga->record(saga::Stage::kGuest, last_call_us_ - std::min(host_us_, last_call_us_));
  const int32_t code = static_cast<int32_t>(result.i32);
  if (code == 0) return Status::kOk;
  const bool known = code < 0 && code >= -static_cast<int32_t>(Status::kNeedsReset);
  const Status status = known ? static_cast<Status>(-code) : Status::kInvalid;
  if (reason_.text().empty()) reason_.set({"the pipeline returned ", status_name(status)});
  return status;
}

}  // namespace rune::os
