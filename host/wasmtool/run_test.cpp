// Runs built runes in the engine with a host of the test's own: what `_call` asks for, in which
// order, with which bytes; and the blocks' results against their native twins, bit for bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "blocks/block_test_support.h"
#include "device/format/rune.h"
#include "device/wasm/wasm.h"
#include "host/wasmtool/test_support.h"

extern "C" {
RuneBlockFunction rune_block_fft;
RuneBlockFunction rune_block_noise_filtering;
}

namespace rune::wasmtool {
namespace {

class VectorSink final : public wasm::CodeSink {
 public:
  Status append(Bytes appended) override {
    bytes.insert(bytes.end(), appended.begin(), appended.end());
    return Status::kOk;
  }
  ByteVector bytes;
};

// A guest with exactly the memory that its manifest states.
class Guest {
 public:
  explicit Guest(const ByteVector& rune) : rune_(rune) {}

  void start() {
    ByteVector workspace(wasm::install_workspace_bytes(rune_));
    VectorSink sink;
    wasm::InstallReport report;
    ASSERT_EQ(wasm::install(rune_, workspace, sink, {}, report), Status::kOk) << report.error;
    code_bytes_.resize(sink.bytes.size() / 8 + 1);
    std::memcpy(code_bytes_.data(), sink.bytes.data(), sink.bytes.size());
    const auto code =
        wasm::Code::open(rune_, {reinterpret_cast<const uint8_t*>(code_bytes_.data()), sink.bytes.size()});
    ASSERT_TRUE(code.ok());
    code_ = code.value();
    const auto file = format::RuneFile::open(rune_);
    ASSERT_TRUE(file.ok());
    manifest_ = file.value().manifest_bytes();
    const auto manifest = format::parse_manifest(manifest_);
    ASSERT_TRUE(manifest.ok());
    fuel_limit = manifest.value().fuel;
    state_.resize(code_.state_bytes() / 8 + 1);
    stack_.resize(1024);
    memory_.resize(manifest.value().memory_bytes / 8);
    imports_ = {{"rune", "capability_read", "iii", "i", &Guest::read, this},
                {"rune", "model_run", "iii", "i", &Guest::model, this},
                {"rune", "output_write", "iii", "i", &Guest::write, this}};
    wasm::InstanceOptions options;
    options.imports = imports_;
    options.state = bytes_of(state_);
    options.stack = bytes_of(stack_);
    options.memory = bytes_of(memory_);
    fuel = fuel_limit;
    const auto instance = wasm::Instance::create(code_, options, fuel);
    ASSERT_TRUE(instance.ok()) << status_name(instance.status());
    instance_ = instance.value();
  }

  int32_t call(const char* name, std::vector<wasm::Value> arguments) {
    fuel = fuel_limit;
    wasm::Value result{};
    const auto done = instance_->call(instance_->find_function(name).value(), arguments, {&result, 1}, fuel);
    EXPECT_EQ(done.status, Status::kOk) << wasm::trap_name(done.trap);
    return static_cast<int32_t>(result.i32);
  }
  int32_t call() { return call("_call", std::vector<wasm::Value>(3)); }

  // The copy that `_manifest()` points at.
  std::string inner_manifest() {
    const auto address = static_cast<uint32_t>(call("_manifest", {}));
    const uint32_t size = load_le32(bytes(address, 4).data());
    return std::string(as_text(bytes(address + 4, size)));
  }
  std::string manifest() const { return std::string(as_text(manifest_)); }
  Bytes bytes(uint32_t address, uint32_t size) { return instance_->guest_bytes(address, size).value(); }

  ByteVector input;  // of every capability_read
  std::vector<ByteVector> model_inputs;
  ByteVector model_output;
  std::vector<std::string> written;  // first element of each tensor written, as text
  int32_t read_result = 0;
  uint32_t fuel = 0;
  uint32_t fuel_limit = 0;

 private:
  static MutableBytes bytes_of(std::vector<uint64_t>& words) {
    return {reinterpret_cast<uint8_t*>(words.data()), words.size() * 8};
  }

  static wasm::Trap read(void* context, wasm::Instance& caller, const wasm::Value* arguments,
                         wasm::Value* results) {
    auto& self = *static_cast<Guest*>(context);
    results->i32 = static_cast<uint32_t>(self.read_result);
    if (self.read_result < 0) return wasm::Trap::kNone;
    EXPECT_EQ(arguments[2].i32, self.input.size());
    std::memcpy(caller.guest_bytes(arguments[1].i32, arguments[2].i32).value().data(), self.input.data(),
                self.input.size());
    return wasm::Trap::kNone;
  }

  static wasm::Trap model(void* context, wasm::Instance& caller, const wasm::Value* arguments,
                          wasm::Value* results) {
    auto& self = *static_cast<Guest*>(context);
    const auto address = [&](uint32_t list) { return load_le32(caller.guest_bytes(list, 4).value().data()); };
    const Bytes in = caller.guest_bytes(address(arguments[1].i32), self.model_input_bytes).value();
    self.model_inputs.emplace_back(in.begin(), in.end());
    std::memcpy(caller.guest_bytes(address(arguments[2].i32), static_cast<uint32_t>(self.model_output.size()))
                    .value()
                    .data(),
                self.model_output.data(), self.model_output.size());
    results->i32 = 0;
    return wasm::Trap::kNone;
  }

  static wasm::Trap write(void* context, wasm::Instance& caller, const wasm::Value* arguments,
                          wasm::Value* results) {
    auto& self = *static_cast<Guest*>(context);
    for (uint32_t i = 0; i < arguments[2].i32; ++i) {
      const Bytes tensor = caller.guest_bytes(arguments[1].i32 + 28 * i, 28).value();
      const Bytes data = caller.guest_bytes(load_le32(tensor.data()), load_le32(tensor.data() + 4)).value();
      if (static_cast<ElementType>(tensor[8]) == ElementType::kUtf8) {
        self.written.emplace_back(
            as_text(caller.guest_bytes(load_le32(data.data()), load_le32(data.data() + 4)).value()));
      } else {
        float value = 0;
        std::memcpy(&value, data.data(), 4);
        self.written.push_back(std::to_string(value));
      }
    }
    results->i32 = 0;
    return wasm::Trap::kNone;
  }

 public:
  uint32_t model_input_bytes = 0;

 private:
  const ByteVector& rune_;
  std::vector<wasm::HostFunction> imports_;
  std::vector<uint64_t> code_bytes_;
  wasm::Code code_;
  Bytes manifest_;
  std::vector<uint64_t> state_;
  std::vector<uint64_t> stack_;
  std::vector<uint64_t> memory_;
  wasm::Instance* instance_ = nullptr;
};

template <typename T>
ByteVector bytes_of_values(const std::vector<T>& values) {
  ByteVector bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<int16_t> chirp() {
  std::vector<int16_t> sound(16000);
  for (uint32_t i = 0; i < sound.size(); ++i)
    sound[i] = static_cast<int16_t>((i * i / 97 % 12000) * (i % 4000) / 4000 - 3000);
  return sound;
}

TEST(RunRune, SpeechCallsEverythingWithTheNativeBits) {
  const auto rune = build_rune(speech_plan(), {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  Guest guest(rune.value().bytes);
  ASSERT_NO_FATAL_FAILURE(guest.start());
  EXPECT_EQ(guest.inner_manifest(), guest.manifest());

  const std::vector<int16_t> sound = chirp();
  guest.input = bytes_of_values(sound);
  guest.model_input_bytes = 1960;
  guest.model_output = bytes_of_values<int8_t>({-128, -100, 120, -20});
  ASSERT_EQ(guest.call(), 0);
  EXPECT_THAT(guest.written, testing::ElementsAre("yes", std::to_string(120.0F)));
  EXPECT_GT(guest.fuel, guest.fuel_limit / 2) << "the descriptors' fuel must be well above what is used";

  using rune_block::argument;
  std::vector<rune_block::TestTensor> spectrum = {
      rune_block::TestTensor::of(RUNE_U32, std::vector<uint32_t>(1960))};
  std::vector<rune_block::TestTensor> features = {
      rune_block::TestTensor::of(RUNE_I8, std::vector<int8_t>(1960))};
  ASSERT_EQ(run(rune_block_fft, {rune_block::TestTensor::of(RUNE_I16, sound)}, spectrum,
                {argument(16000), argument(480), argument(0.6666667F)}),
            RUNE_OK);
  ASSERT_EQ(run(rune_block_noise_filtering, spectrum, features,
                {argument(0.95F), argument(80.0F), argument(21), argument(10), argument(0.025F),
                 argument(0.06F), argument(0.05F)}),
            RUNE_OK);
  ASSERT_EQ(guest.model_inputs.size(), 1U);
  EXPECT_EQ(guest.model_inputs[0], bytes_of_values(features[0].values<int8_t>()));
}

// Its stack is what it states, at the bottom of memory: a deeper one would trap.
TEST(RunRune, EveryStandardBlockRunsInTheMemoryItStates) {
  const BlockLibrary library(RUNE_TEST_BLOCKS_DIR);
  for (const std::string& name : library.names()) {
    const BuildPlan plan = alone_plan(standard(name));
    const auto rune = build_rune(plan, {});
    ASSERT_TRUE(rune.ok()) << name << ": " << rune.error().text();
    Guest guest(rune.value().bytes);
    ASSERT_NO_FATAL_FAILURE(guest.start());
    guest.input.resize(plan.tensors[0].size_bytes());
    EXPECT_EQ(guest.call(), 0) << name;
  }
}

TEST(RunRune, ANegativeResultEndsTheCall) {
  const auto rune = build_rune(speech_plan(), {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  Guest guest(rune.value().bytes);
  ASSERT_NO_FATAL_FAILURE(guest.start());
  guest.read_result = -20;
  EXPECT_EQ(guest.call(), -20);
  EXPECT_TRUE(guest.model_inputs.empty());
  EXPECT_TRUE(guest.written.empty());
}

TEST(RunRune, AnOwnBlockKeepsItsState) {
  const auto block =
      BlockLibrary(RUNE_TEST_BLOCKS_DIR).load("./loudness.cpp", RUNE_SOURCE_DIR "/examples/custom-block");
  ASSERT_TRUE(block.ok()) << block.error().text();
  BuildPlan plan;
  plan.name = "loud";
  plan.tensors = {tensor(ElementType::kI16, {1, 1600}), tensor(ElementType::kF32, {1})};
  plan.capabilities = {{CapabilityKind::kSound, plan.tensors[0], {{"hz", 16000}}}};
  plan.blocks = {block.value()};
  plan.outputs = {{OutputKind::kSerial}};
  plan.steps = {step(PlanStep::Kind::kRead, 0, {}, {0}),
                step(PlanStep::Kind::kBlock, 0, {0}, {1}, {0.5F, -90.0F}),
                step(PlanStep::Kind::kWrite, 0, {1}, {})};
  const auto rune = build_rune(plan, {});
  ASSERT_TRUE(rune.ok()) << rune.error().text();
  Guest guest(rune.value().bytes);
  ASSERT_NO_FATAL_FAILURE(guest.start());
  guest.input = bytes_of_values(std::vector<int16_t>(1600, -32768));
  ASSERT_EQ(guest.call(), 0);
  guest.input = bytes_of_values(std::vector<int16_t>(1600, 0));
  ASSERT_EQ(guest.call(), 0);
  ASSERT_EQ(guest.call(), 0);
  ASSERT_EQ(guest.written.size(), 3U);
  EXPECT_NEAR(std::stof(guest.written[0]), 0, 1e-3);
  EXPECT_NEAR(std::stof(guest.written[1]), -3.0103, 1e-3);
  EXPECT_NEAR(std::stof(guest.written[2]), -6.0206, 1e-3);
}

}  // namespace
}  // namespace rune::wasmtool
