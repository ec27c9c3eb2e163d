#include <algorithm>
#include <cstring>
#include <new>

#include "device/runicos/host_calls_internal.h"
#include "device/runicos/serial_json.h"

namespace rune::os {
namespace {

using wasm::Trap;
using wasm::Value;

int32_t encode(Status status) { return -static_cast<int32_t>(status); }
int32_t encode(const Result<uint32_t>& result) {
  return result.ok() ? static_cast<int32_t>(result.value()) : encode(result.status());
}

// Adapts a host call to the engine's signature.
template <auto kCall>
Trap enter(void* context, wasm::Instance&, const Value* arguments, Value* results) {
  results[0].bits = 0;
  results[0].i32 = static_cast<uint32_t>(encode(kCall(*static_cast<Process*>(context), arguments)));
  return Trap::kNone;
}

// Measures a stage, and takes it off the guest's own time.
class StageClock {
 public:
  StageClock(const Services& services, saga::Stage stage, uint64_t& host_us)
      : services_(services), stage_(stage), host_us_(host_us), begin_us_(services.clock->now_us()) {}
  ~StageClock() {
    const uint64_t time_us = services_.clock->now_us() - begin_us_;
    host_us_ += time_us;
    services_.saga->record(stage_, time_us);
  }
  StageClock(const StageClock&) = delete;

 private:
  const Services& services_;
  saga::Stage stage_;
  uint64_t& host_us_;
  uint64_t begin_us_;
};

// Serial lines go to the console and into the log, gathered into few writes.
class SerialLine final : public hal::Console {
 public:
  explicit SerialLine(const Services& services) : services_(services) {}
  ~SerialLine() { flush(); }
  SerialLine(const SerialLine&) = delete;
  void write(std::string_view text) override {
    while (!text.empty()) {
      const size_t piece = std::min(text.size(), sizeof(gathered_) - size_);
      memcpy(gathered_ + size_, text.data(), piece);
      size_ += piece;
      text.remove_prefix(piece);
      if (size_ == sizeof(gathered_)) flush();
    }
  }

 private:
  void flush() {
    const std::string_view text(gathered_, size_);
    if (services_.console != nullptr) services_.console->write(text);
    services_.log->text(text);
    size_ = 0;
  }

  const Services& services_;
  char gathered_[96];
  size_t size_ = 0;
};

constexpr uint32_t kGuestTensorBytes = 28;

}  // namespace

void HostCalls::fill(Process& process, HostTable& table) {
  table.clear();
  const auto add = [&](bool justified, const char* name, const char* parameters,
                       Trap (*call)(void*, wasm::Instance&, const Value*, Value*)) {
    if (justified) (void)table.push_back({"rune", name, parameters, "i", call, &process});
  };
  const format::Manifest& manifest = process.manifest_;
  add(!manifest.capabilities.empty(), "capability_read", "iii", &enter<capability_read>);
  add(!manifest.models.empty(), "model_run", "iii", &enter<model_run>);
  add(!manifest.outputs.empty(), "output_write", "iii", &enter<output_write>);
  add(!manifest.resources.empty(), "resource_size", "i", &enter<resource_size>);
  add(!manifest.resources.empty(), "resource_read", "iiii", &enter<resource_read>);
  add(true, "log", "iii", &enter<log>);
}

Status HostCalls::capability_read(Process& process, const Value* arguments) {
  const uint32_t index = arguments[0].i32;
  if (index >= process.manifest_.capabilities.size()) return Status::kNotFound;
  const CapabilityRequest& request = process.manifest_.capabilities[index];
  if (arguments[2].i32 != request.tensor.size_bytes()) return Status::kMismatch;
  const Result<MutableBytes> into =
      GuestMemory(process.instance_->memory()).bytes(arguments[1].i32, arguments[2].i32);
  if (!into.ok()) return into.status();
  const StageClock clock(process.services_, saga::Stage::kCapability, process.host_us_);
  const Status status = process.sensors_[index]->sensor().read(request, into.value());
  process.end_of_data_ = process.end_of_data_ || status == Status::kEndOfData;
  if (status != Status::kOk && status != Status::kEndOfData) {
    process.reason_.set({"capability ", capability_name(request.kind), ": ", status_name(status)});
  }
  return status;
}

Status HostCalls::model_run(Process& process, const Value* arguments) {
  const uint32_t index = arguments[0].i32;
  if (index >= process.manifest_.models.size()) return Status::kNotFound;
  const format::ModelRequest& request = process.manifest_.models[index];
  const GuestMemory memory(process.instance_->memory());
  Bytes inputs[format::kMaxModelTensors];
  MutableBytes outputs[format::kMaxModelTensors];
  for (uint32_t i = 0; i < request.inputs.size(); ++i) {
    const Result<uint32_t> address = memory.word(arguments[1].i32, i);
    if (!address.ok()) return address.status();
    const Result<MutableBytes> bytes = memory.bytes(address.value(), request.inputs[i].size_bytes());
    if (!bytes.ok()) return bytes.status();
    inputs[i] = bytes.value();
  }
  for (uint32_t i = 0; i < request.outputs.size(); ++i) {
    const Result<uint32_t> address = memory.word(arguments[2].i32, i);
    if (!address.ok()) return address.status();
    const Result<MutableBytes> bytes = memory.bytes(address.value(), request.outputs[i].size_bytes());
    if (!bytes.ok()) return bytes.status();
    outputs[i] = bytes.value();
  }
  const StageClock clock(process.services_, saga::Stage::kModel, process.host_us_);
  return process.executors_[index].run({inputs, request.inputs.size()}, {outputs, request.outputs.size()});
}

Status HostCalls::output_write(Process& process, const Value* arguments) {
  const uint32_t index = arguments[0].i32;
  if (index >= process.manifest_.outputs.size()) return Status::kNotFound;
  const uint32_t count = arguments[2].i32;
  if (count == 0 || count > kMaxOutputTensors) return Status::kTooLarge;
  const GuestMemory memory(process.instance_->memory());
  // Made one by one: eight zeroed tensors would cost more than the call.
  alignas(GuestTensor) uint8_t storage[kMaxOutputTensors * sizeof(GuestTensor)];
  GuestTensor* const tensors = reinterpret_cast<GuestTensor*>(storage);
  const Result<MutableBytes> records = memory.bytes(arguments[1].i32, count * kGuestTensorBytes);
  if (!records.ok()) return records.status();
  for (uint32_t i = 0; i < count; ++i) {
    const Result<GuestTensor> tensor = memory.tensor(arguments[1].i32 + i * kGuestTensorBytes);
    if (!tensor.ok()) return tensor.status();
    new (tensors + i) GuestTensor(tensor.value());
  }
  const StageClock clock(process.services_, saga::Stage::kOutput, process.host_us_);
  const OutputGrant& grant = *process.outputs_[index];
  if (grant.kind() == OutputKind::kSerial) {
    SerialLine line(process.services_);
    return write_serial_json({tensors, count}, memory, line);
  }
  if (grant.receiver() == nullptr) return Status::kUnsupported;
  hal::OutputTensor views[kMaxOutputTensors];
  for (uint32_t i = 0; i < count; ++i) views[i] = {tensors[i].type, tensors[i].channel, tensors[i].data};
  return grant.receiver()->write({views, count});
}

Result<uint32_t> HostCalls::resource_size(Process& process, const Value* arguments) {
  if (arguments[0].i32 >= process.manifest_.resources.size()) return Status::kNotFound;
  const Result<Bytes> resource = process.rune_.resource(process.manifest_.resources[arguments[0].i32]);
  if (!resource.ok()) return resource.status();
  return static_cast<uint32_t>(resource.value().size());
}

Result<uint32_t> HostCalls::resource_read(Process& process, const Value* arguments) {
  if (arguments[0].i32 >= process.manifest_.resources.size()) return Status::kNotFound;
  const Result<Bytes> resource = process.rune_.resource(process.manifest_.resources[arguments[0].i32]);
  if (!resource.ok()) return resource.status();
  const uint32_t offset = arguments[1].i32;
  if (offset > resource.value().size()) return Status::kInvalidArgument;
  const uint32_t count = std::min(arguments[3].i32, static_cast<uint32_t>(resource.value().size()) - offset);
  const Result<MutableBytes> into = GuestMemory(process.instance_->memory()).bytes(arguments[2].i32, count);
  if (!into.ok()) return into.status();
  memcpy(into.value().data(), resource.value().data() + offset, count);
  return count;
}

// Control characters of a guest's text become spaces, so that it cannot imitate other
// lines or frames of the link.
Status HostCalls::log(Process& process, const Value* arguments) {
  static constexpr const char* kLevels[] = {"?", "error", "warning", "info", "debug"};
  const Result<MutableBytes> text =
      GuestMemory(process.instance_->memory()).bytes(arguments[1].i32, arguments[2].i32);
  if (!text.ok()) return text.status();
  char safe[128];
  const size_t count = std::min(text.value().size(), sizeof(safe));
  for (size_t i = 0; i < count; ++i) {
    const uint8_t letter = text.value()[i];
    safe[i] = static_cast<char>(letter < 0x20 || letter == 0x7F ? ' ' : letter);
  }
  const uint32_t level = arguments[0].i32;
  process.services_.log->line(process.name_, {kLevels[level < 5 ? level : 0], ": ", {safe, count}});
  return Status::kOk;
}

}  // namespace rune::os
