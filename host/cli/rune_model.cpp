// `rune model info | compile | run`.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "host/cli/model_session.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"
#include "host/compiler/compiler.h"
#include "host/support/files.h"

namespace rune::cli {
namespace {

using compiler::ModelSummary;
using compiler::NamedTensor;
using nlohmann::json;

std::vector<uint32_t> dims_of(const Shape& shape) {
  return {shape.dims.begin(), shape.dims.begin() + shape.rank};
}

json tensor_json(const NamedTensor& tensor) {
  json out = {{"name", tensor.name},
              {"type", element_name(tensor.type.element)},
              {"shape", dims_of(tensor.type.shape)},
              {"bytes", tensor.type.size_bytes()}};
  if (tensor.type.scale != 0) {
    out["scale"] = tensor.type.scale;
    out["zero_point"] = tensor.type.zero_point;
  }
  return out;
}

json tensors_json(const std::vector<NamedTensor>& tensors) {
  json list = json::array();
  for (const NamedTensor& tensor : tensors) list.push_back(tensor_json(tensor));
  return list;
}

std::string tensor_text(const NamedTensor& tensor) {
  std::string text = fmt::format("{} {}[{}]", tensor.name, element_name(tensor.type.element),
                                 fmt::join(dims_of(tensor.type.shape), ","));
  if (tensor.type.scale != 0)
    text += fmt::format(" scale {} zero point {}", tensor.type.scale, tensor.type.zero_point);
  return text;
}

json summary_json(const ModelSummary& summary) {
  json operators = json::array();
  for (const auto& one : summary.operators) {
    operators.push_back({{"name", one.name}, {"count", one.count}, {"macs", one.multiply_accumulates}});
  }
  json out = {{"format", summary.format},
              {"inputs", tensors_json(summary.inputs)},
              {"outputs", tensors_json(summary.outputs)},
              {"operators", operators},
              {"macs", summary.multiply_accumulates},
              {"weight_bytes", summary.weight_bytes},
              {"quantisation", summary.quantisation}};
  if (summary.format == "image") {
    out["target"] = summary.target;
    out["arena_bytes"] = summary.arena_bytes;
    out["image_bytes"] = summary.image_bytes;
  }
  return out;
}

void print_summary(const ModelSummary& summary) {
  for (const NamedTensor& tensor : summary.inputs) fmt::print("input         {}\n", tensor_text(tensor));
  for (const NamedTensor& tensor : summary.outputs) fmt::print("output        {}\n", tensor_text(tensor));
  for (const auto& one : summary.operators) {
    fmt::print("operator      {} x {}", one.count, one.name);
    if (one.multiply_accumulates != 0) fmt::print(", {} multiply-accumulates", one.multiply_accumulates);
    fmt::print("\n");
  }
  fmt::print("quantisation  {}\n", summary.quantisation);
  fmt::print("weights       {} bytes\n", summary.weight_bytes);
  if (summary.format == "image") {
    fmt::print("target        {}\narena         {} bytes\nimage         {} bytes\n", summary.target,
               summary.arena_bytes, summary.image_bytes);
  } else {
    fmt::print("computation   {} multiply-accumulates\n", summary.multiply_accumulates);
  }
}

struct InfoOptions {
  std::string model;
  bool json = false;
};

int model_info(const InfoOptions& options) {
  Result<ModelSummary, Diagnostic> summary = compiler::inspect_model(options.model);
  if (!summary.ok()) return fail(summary.error(), options.json);
  if (options.json) {
    print_json(summary_json(summary.value()));
  } else {
    print_summary(summary.value());
  }
  return 0;
}

struct CompileCommand {
  std::string model;
  std::string target = "portable";
  std::string output;
  std::string kernels = "best";
  std::string rounding = "double";
  bool dump_passes = false;
  bool json = false;

  compiler::CompileOptions options() const {
    compiler::CompileOptions out;
    out.target = target;
    out.rounding = rounding == "single" ? format::Rounding::kSingle : format::Rounding::kDouble;
    out.reference_kernels = kernels == "reference";
    if (dump_passes) {
      out.dump = [](std::string_view pass, const std::string& text) {
        fmt::print(stderr, "-- {}\n{}", pass, text);
      };
    }
    return out;
  }
};

int model_compile(const CompileCommand& command) {
  Result<compiler::CompiledModel, Diagnostic> model =
      compiler::compile_model(command.model, command.options());
  if (!model.ok()) return fail(model.error(), command.json);
  const compiler::CompiledModel& compiled = model.value();
  Result<void, Diagnostic> written = write_file(command.output, compiled.image);
  if (!written.ok()) return fail(written.error(), command.json);
  if (command.json) {
    const json out = {{"target", compiled.target},
                      {"image_bytes", compiled.image.size()},
                      {"arena_bytes", compiled.arena_bytes},
                      {"kernels", compiled.kernels},
                      {"inputs", tensors_json(compiled.inputs)},
                      {"outputs", tensors_json(compiled.outputs)}};
    print_json(out);
  } else {
    fmt::print("{}: {} bytes for {}, arena {} bytes\n", command.output, compiled.image.size(),
               compiled.target, compiled.arena_bytes);
  }
  return 0;
}

struct RunCommand {
  CompileCommand compile;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  bool profile = false;
  double timeout_s = 600;
};

Result<ByteVector, Diagnostic> image_of(const RunCommand& command) {
  Result<ByteVector, Diagnostic> file = read_file(command.compile.model);
  if (!file.ok() || compiler::is_image(file.value())) return file;
  Result<compiler::CompiledModel, Diagnostic> model =
      compiler::compile_model(file.value(), command.compile.model, command.compile.options());
  if (!model.ok()) return model.error();
  return std::move(model.value().image);
}

json run_json(const RunCommand& command, const SessionReport& report) {
  json out = {{"target", command.compile.target},
              {"samples", report.samples},
              {"arena_bytes", report.arena_bytes},
              {"image_bytes", report.image_bytes},
              {"seconds", report.seconds}};
  if (report.on_board) {
    out["instructions"] = report.instructions;
    out["startup_instructions"] = report.startup_instructions;
  }
  if (command.profile) {
    json operators = json::array();
    for (const OperatorCost& one : report.operators) {
      json entry = {{"kernel", one.kernel}};
      if (report.on_board) {
        entry["instructions"] = one.instructions;
      } else {
        entry["seconds"] = one.seconds;
      }
      operators.push_back(entry);
    }
    out["operators"] = operators;
  }
  return out;
}

void print_report(const RunCommand& command, const SessionReport& report) {
  fmt::print("{} samples on {} in {:.3f} s, arena {} bytes, image {} bytes\n", report.samples,
             command.compile.target, report.seconds, report.arena_bytes, report.image_bytes);
  if (report.on_board) fmt::print("start-up {} instructions\n", report.startup_instructions);
  for (size_t i = 0; i < report.instructions.size(); ++i) {
    fmt::print("sample {}: {} instructions\n", i, report.instructions[i]);
  }
  if (!command.profile) return;
  for (size_t i = 0; i < report.operators.size(); ++i) {
    const OperatorCost& one = report.operators[i];
    fmt::print("{:4} {:28} {}\n", i, one.kernel,
               report.on_board ? fmt::format("{} instructions", one.instructions)
                               : fmt::format("{:.6f} s", one.seconds));
  }
}

int model_run(const RunCommand& command) {
  const bool json_wanted = command.compile.json;
  Result<ByteVector, Diagnostic> image = image_of(command);
  if (!image.ok()) return fail(image.error(), json_wanted);
  SessionRequest request{.name = command.compile.model,
                         .image = std::move(image.value()),
                         .target = command.compile.target,
                         .profile = command.profile,
                         .timeout_s = command.timeout_s};
  for (const std::string& path : command.inputs) {
    Result<ByteVector, Diagnostic> input = read_file(path);
    if (!input.ok()) return fail(input.error(), json_wanted);
    request.inputs.push_back({path, std::move(input.value())});
  }
  Result<SessionReport, Diagnostic> report = run_session(request);
  if (!report.ok()) return fail(report.error(), json_wanted);
  if (!command.outputs.empty() && command.outputs.size() != report.value().outputs.size()) {
    return fail(Diagnostic{.where = {.file = command.compile.model},
                           .what = fmt::format("{} output files for {} outputs", command.outputs.size(),
                                               report.value().outputs.size()),
                           .hint = "one --output file an output"},
                json_wanted);
  }
  for (size_t i = 0; i < command.outputs.size(); ++i) {
    Result<void, Diagnostic> written = write_file(command.outputs[i], report.value().outputs[i]);
    if (!written.ok()) return fail(written.error(), json_wanted);
  }
  if (command.compile.json) {
    print_json(run_json(command, report.value()));
  } else {
    print_report(command, report.value());
  }
  return 0;
}

void add_info(CLI::App& parent, const std::string& name, int& exit_code) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* info =
      parent.add_subcommand(name, "Inputs, outputs, operators, size and quantisation of a model");
  info->add_option("MODEL", options->model, ".tflite file or model image")->required();
  info->add_flag("--json", options->json, "one object on standard output");
  info->footer("Example:\n  rune model info net.tflite --json");
  info->callback([options, &exit_code] { exit_code = model_info(*options); });
}

void add_compile_options(CLI::App& app, CompileCommand& command) {
  app.add_option("MODEL", command.model, ".tflite file")->required();
  app.add_option("--target", command.target, "linux (portable), mps2-an386 or lm3s6965evb")
      ->capture_default_str();
  app.add_option("--kernels", command.kernels, "kernels to choose")
      ->check(CLI::IsMember({"best", "reference"}))
      ->capture_default_str();
  app.add_option("--rounding", command.rounding, "of int8 results; double is TFLite's specification")
      ->check(CLI::IsMember({"double", "single"}))
      ->capture_default_str();
  app.add_flag("--dump-passes", command.dump_passes,
               "the graph after each pass, and the memory plan, on standard error");
  app.add_flag("--json", command.json, "one object on standard output");
}

void add_compile(CLI::App& parent, int& exit_code) {
  auto command = std::make_shared<CompileCommand>();
  CLI::App* compile = parent.add_subcommand("compile", "Compiles a model to an image for a target");
  add_compile_options(*compile, *command);
  compile->add_option("-o,--output", command->output, "the image to write")->required();
  compile->footer("Example:\n  rune model compile net.tflite --target mps2-an386 -o net.rim");
  compile->callback([command, &exit_code] { exit_code = model_compile(*command); });
}

void add_run(CLI::App& parent, int& exit_code) {
  auto command = std::make_shared<RunCommand>();
  command->compile.target = "linux";
  CLI::App* run = parent.add_subcommand("run", "Runs a model on raw little-endian tensors");
  add_compile_options(*run, command->compile);
  run->get_option("MODEL")->description(".tflite file or model image");
  run->add_option("--input", command->inputs, "one file an input, k samples back to back")->required();
  run->add_option("--output", command->outputs, "one file an output, written with k samples");
  run->add_flag("--profile", command->profile, "cost of each operator, summed over the samples");
  run->add_option("--timeout", command->timeout_s, "seconds that an emulated board may take")
      ->capture_default_str();
  run->footer(
      "Example:\n  rune model run net.tflite --input x.raw --output y.raw --target mps2-an386 --json");
  run->callback([command, &exit_code] { exit_code = model_run(*command); });
}

}  // namespace

void add_model_command(CLI::App& rune, int& exit_code) {
  CLI::App* model = rune.add_subcommand("model", "Look at, compile and run models");
  model->require_subcommand(1);
  add_info(*model, "info", exit_code);
  add_compile(*model, exit_code);
  add_run(*model, exit_code);
  add_info(rune, "model-info", exit_code);
}

}  // namespace rune::cli
