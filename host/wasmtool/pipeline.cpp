// The pipeline as a relocatable object.
//
//   _manifest: the address of a u32 size and the manifest's bytes
//   _call:     every step in order; the first negative result ends it and is returned
//
// Data: constants (manifest, dimensions, texts, models' address lists), guest tensors, arguments,
// and one area of zeros for buffers and states. Layouts: docs/spec/guest-abi.md.
#include "host/wasmtool/emit_internal.h"
#include "host/wasmtool/object_writer.h"

namespace rune::wasmtool {
namespace {

constexpr uint8_t kStatusLocal = 3;  // after the three parameters of _call

class Emitter {
 public:
  Emitter(const BuildPlan& plan, const MemoryPlan& memory) : plan_(plan), memory_(memory) {
    area_ = object_.add_zeros(".bss.rune", 16, memory.size_bytes);
    constants_symbol_ = object_.declare_data(".rodata.rune", 8);
    tensors_symbol_ = object_.declare_data(".data.rune", 8);
  }

  ByteVector emit(Bytes manifest) {
    FunctionBody manifest_body;
    manifest_body.address(constants_symbol_, constants_.size());
    constants_.u32(static_cast<uint32_t>(manifest.size()));
    constants_.bytes(manifest);

    FunctionBody call;
    call.op(kBlock, 0x40);
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      emit_step(s, call);
      call.op(kLocalTee, kStatusLocal);
      call.constant(0);
      call.op(kI32LessSigned);
      call.op(kBranchIf, 0);
    }
    call.constant(0);
    call.op(kReturn);
    call.op(kEnd);
    call.op(kLocalGet, kStatusLocal);

    object_.define_data(constants_symbol_, constants_);
    object_.define_data(tensors_symbol_, tensors_);
    object_.define_function("_manifest", 0, 0, manifest_body);
    object_.define_function("_call", 3, 1, call);
    return object_.finish();
  }

 private:
  void emit_step(size_t index, FunctionBody& call) {
    const PlanStep& step = plan_.steps[index];
    switch (step.kind) {
      case PlanStep::Kind::kRead:
        call.constant(static_cast<int32_t>(step.index));
        call.address(area_, memory_.tensors[step.outputs[0]]);
        call.constant(static_cast<int32_t>(plan_.tensors[step.outputs[0]].size_bytes()));
        call.call(host("capability_read", 3));
        break;
      case PlanStep::Kind::kBlock: emit_block(step, memory_.states[index], call); break;
      case PlanStep::Kind::kModel: {
        call.constant(static_cast<int32_t>(step.index));
        call.address(constants_symbol_, address_list(step.inputs));
        call.address(constants_symbol_, address_list(step.outputs));
        call.call(host("model_run", 3));
        break;
      }
      case PlanStep::Kind::kWrite:
        call.constant(static_cast<int32_t>(step.index));
        call.address(tensors_symbol_, guest_tensors(step.inputs, step.channel));
        call.constant(static_cast<int32_t>(step.inputs.size()));
        call.call(host("output_write", 3));
        break;
    }
  }

  void emit_block(const PlanStep& step, uint32_t state, FunctionBody& call) {
    const BlockDescriptor& block = plan_.blocks[step.index].descriptor;
    call.address(tensors_symbol_, guest_tensors(step.inputs, 0));
    call.constant(static_cast<int32_t>(step.inputs.size()));
    call.address(tensors_symbol_, guest_tensors(step.outputs, 0));
    call.constant(static_cast<int32_t>(step.outputs.size()));
    call.address(constants_symbol_, argument_list(step.arguments));
    call.address(area_, state);
    call.call(function(block.symbol(), [&] { return object_.external_function(block.symbol(), 6); }));
  }

  // One symbol for each name, however often it is called.
  template <typename Make>
  Symbol function(const std::string& name, Make make) {
    for (const auto& [known, symbol] : functions_) {
      if (known == name) return symbol;
    }
    functions_.emplace_back(name, make());
    return functions_.back().second;
  }
  Symbol host(const std::string& name, uint32_t parameters) {
    return function(name, [&] { return object_.import_function("rune", name, parameters); });
  }

  // Each of the following appends to a segment and returns the offset of what it made.

  uint32_t address_list(const std::vector<TensorIndex>& tensors) {
    const uint32_t at = constants_.align(4);
    for (const TensorIndex t : tensors) constants_.address(area_, memory_.tensors[t]);
    return at;
  }

  uint32_t guest_tensors(const std::vector<TensorIndex>& tensors, uint16_t channel) {
    const uint32_t at = tensors_.align(4);
    for (const TensorIndex t : tensors) {
      const TensorType& type = plan_.tensors[t];
      tensors_.address(area_, memory_.tensors[t]);
      tensors_.u32(type.size_bytes());
      tensors_.u8(static_cast<uint8_t>(type.element));
      tensors_.u8(type.shape.rank);
      tensors_.u16(channel);
      tensors_.address(constants_symbol_, dimensions(type.shape));
      tensors_.f32(type.scale);
      tensors_.u32(static_cast<uint32_t>(type.zero_point));
      tensors_.u32(0);
    }
    return at;
  }

  uint32_t dimensions(const Shape& shape) {
    for (const auto& [known, at] : shapes_) {
      if (known == shape) return at;
    }
    const uint32_t at = constants_.align(4);
    for (uint8_t i = 0; i < shape.rank; ++i) constants_.u32(shape.dims[i]);
    shapes_.emplace_back(shape, at);
    return at;
  }

  uint32_t text(const std::string& value) {
    const uint32_t at = constants_.size();
    constants_.bytes(as_bytes(value));
    return at;
  }

  uint32_t argument_list(const std::vector<ArgumentValue>& arguments) {
    std::vector<uint32_t> texts;  // written first: the list itself is contiguous
    for (const ArgumentValue& value : arguments) {
      if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
        texts.push_back(word_list(*words));
      } else if (const auto* word = std::get_if<std::string>(&value)) {
        texts.push_back(text(*word));
      }
    }
    const uint32_t at = constants_.align(4);
    size_t next_text = 0;
    for (const ArgumentValue& value : arguments) {
      if (const auto* number = std::get_if<int32_t>(&value)) {
        constants_.u32(static_cast<uint32_t>(*number));
        constants_.u32(0);
      } else if (const auto* real = std::get_if<float>(&value)) {
        constants_.f32(*real);
        constants_.u32(0);
      } else {
        constants_.address(constants_symbol_, texts[next_text++]);
        const auto* words = std::get_if<std::vector<std::string>>(&value);
        constants_.u32(
            static_cast<uint32_t>(words != nullptr ? words->size() : std::get<std::string>(value).size()));
      }
    }
    return at;
  }

  uint32_t word_list(const std::vector<std::string>& words) {
    std::vector<uint32_t> texts;
    for (const std::string& word : words) texts.push_back(text(word));
    const uint32_t at = constants_.align(4);
    for (size_t i = 0; i < words.size(); ++i) {
      constants_.address(constants_symbol_, texts[i]);
      constants_.u32(static_cast<uint32_t>(words[i].size()));
    }
    return at;
  }

  const BuildPlan& plan_;
  const MemoryPlan& memory_;
  ObjectWriter object_;
  Symbol area_;
  Symbol constants_symbol_;
  Symbol tensors_symbol_;
  DataBuilder constants_;
  DataBuilder tensors_;
  std::vector<std::pair<std::string, Symbol>> functions_;
  std::vector<std::pair<Shape, uint32_t>> shapes_;
};

}  // namespace

ByteVector emit_pipeline(const BuildPlan& plan, const MemoryPlan& memory, Bytes manifest) {
  return Emitter(plan, memory).emit(manifest);
}

}  // namespace rune::wasmtool
