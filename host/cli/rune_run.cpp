// `rune run`: a rune on this machine, its serial lines on standard output.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "device/saga/saga.h"
#include "host/cli/loaded_rune.h"
#include "host/cli/report.h"
#include "host/cli/rune_commands.h"
#include "host/support/files.h"
#include "ports/linux/session.h"

namespace rune::cli {
namespace {

using nlohmann::json;

struct RunOptions {
  std::string file;
  std::vector<std::string> capabilities;
  uint64_t calls = 1;
  std::string tensors;
  std::string engine = "interpreter";
  bool reference = false;
  bool stats = false;
  bool json = false;
};

// The original's options: one for each kind of source.
void add_source_options(CLI::App& command, RunOptions& options) {
  const std::pair<const char*, const char*> kinds[] = {{"--sound", "sound"},
                                                       {"--image,--img", "image"},
                                                       {"--accelerometer,--accel", "accelerometer"},
                                                       {"--raw", "raw"},
                                                       {"--random,--rand", "random"}};
  for (const auto& [flags, kind] : kinds) {
    command
        .add_option_function<std::string>(
            flags,
            [&options, name = std::string(kind)](const std::string& value) {
              options.capabilities.push_back(name + ":" + value);
            },
            fmt::format("the same as --capability {}:VALUE", kind))
        ->type_name("VALUE")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->trigger_on_parse();
  }
}

// The original's form of the output `tensor`: u32 size of the shape's text, the text, the elements.
void append_tensors(std::span<const hal::OutputTensor> tensors, std::string& out) {
  for (const hal::OutputTensor& tensor : tensors) {
    std::string shape = fmt::format("{}[", element_name(tensor.type.element));
    for (uint32_t i = 0; i < tensor.type.shape.rank; ++i) {
      shape += fmt::format("{}{}", i > 0 ? ", " : "", tensor.type.shape.dims[i]);
    }
    shape += "]";
    uint8_t size[4];
    store_le32(size, static_cast<uint32_t>(shape.size()));
    out += as_text(size);
    out += shape;
    out += as_text(tensor.data);
  }
}

json timing_json(const saga::Timing& timing) {
  return {{"count", timing.count}, {"total_us", timing.total_us}, {"longest_us", timing.longest_us}};
}

json stages_json(const os::RunicOs& device) {
  json object = json::object();
  for (size_t i = 0; i < saga::kStages; ++i) {
    const auto stage = static_cast<saga::Stage>(i);
    object[saga::stage_name(stage)] = timing_json(device.saga().timing(stage));
  }
  return object;
}

void print_stats(const os::RunicOs& device) {
  for (size_t i = 0; i < saga::kStages; ++i) {
    const auto stage = static_cast<saga::Stage>(i);
    const saga::Timing& timing = device.saga().timing(stage);
    if (timing.count == 0) continue;
    fmt::print(stderr, "{:<10} {:>8} times, {:>10.1f} us on average, {:>8} us at most\n",
               saga::stage_name(stage), timing.count, static_cast<double>(timing.total_us) / timing.count,
               timing.longest_us);
  }
}

ports::SessionOptions session_options(const RunOptions& options, json& results, std::string& tensors) {
  ports::SessionOptions session;
  session.capabilities = options.capabilities;
  session.reference_kernels = options.reference;
  session.on_line = [&options, &results](std::string_view line) {
    if (options.json) {
      results.push_back(json::parse(line, nullptr, false));
    } else {
      print_text(std::string(line) + "\n");
    }
  };
  session.on_tensors = [&tensors](std::span<const hal::OutputTensor> written) {
    append_tensors(written, tensors);
  };
  return session;
}

int run(const RunOptions& options) {
  const auto rune = load_rune(options.file);
  if (!rune.ok()) return fail(rune.error(), options.json);
  json results = json::array();
  std::string tensors;
  auto session =
      ports::Session::open(options.file, rune.value().bytes, session_options(options, results, tensors));
  if (!session.ok()) return fail(session.error(), options.json);
  uint64_t calls = 0;
  for (; options.calls == 0 || calls < options.calls; ++calls) {
    const auto called = session.value()->call();
    if (!called.ok()) return fail(called.error(), options.json);
    if (!called.value()) break;
  }
  if (calls == 0) {
    return fail(Diagnostic{.where = {.file = options.file},
                           .what = "a source ended before the first result",
                           .hint = "a longer recording"},
                options.json);
  }
  if (!options.tensors.empty()) {
    const auto written = write_text_file(options.tensors, tensors);
    if (!written.ok()) return fail(written.error(), options.json);
  }
  const os::RunicOs& device = session.value()->device();
  if (options.json) {
    print_json({{"calls", calls},
                {"results", results},
                {"stages", stages_json(device)},
                {"memory_bytes", device.process().manifest().memory_bytes}});
  }
  if (options.stats) print_stats(device);
  return 0;
}

}  // namespace

void add_run_command(CLI::App& rune, int& exit_code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const command = rune.add_subcommand("run", "Runs a rune on this machine");
  command->add_option("FILE", options->file, "the rune")->required();
  command
      ->add_option("-c,--capability", options->capabilities,
                   "a source: sound:F.wav, sound:mic, accelerometer:F.csv, image:F.png, raw:F or "
                   "random:SEED; may be repeated")
      ->type_name("KIND:VALUE")
      ->allow_extra_args(false);
  add_source_options(*command, *options);
  command->add_option("-n,--calls,-r,--repeats", options->calls, "inferences to make; 0: until a source ends")
      ->capture_default_str();
  command->add_option("--tensors", options->tensors, "file for what goes to the output tensor");
  command->add_option("--engine", options->engine, "the WebAssembly engine")
      ->check(CLI::IsMember({"interpreter"}))
      ->capture_default_str();
  command->add_flag("--reference", options->reference, "with the reference kernels");
  command->add_flag("--stats", options->stats, "times of the stages, on standard error");
  command->add_flag("--json", options->json, "one JSON object at the end instead of lines");
  command->footer("Example:\n  rune run digits.rune --capability sound:seven.wav -n 0");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rune::cli
