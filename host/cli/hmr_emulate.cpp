// hmr emulate: a device on this machine, in the foreground
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/cli/hmr_internal.h"
#include "host/hammer/emulated_device.h"
#include "host/hammer/sensor_files.h"

namespace rune::cli {
namespace {

struct EmulateOptions {
  std::string board;
  std::string name;
  std::string flash;
  std::string firmware;
  hammer::SensorSources sensors;
};

// Readable when the user or another program asks us to end.
Result<hammer::Descriptor, Diagnostic> end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, each);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return Diagnostic{.what = "cannot wait for signals"};
  hammer::Descriptor descriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!descriptor.open()) return Diagnostic{.what = "cannot wait for signals"};
  return descriptor;
}

// A folder for what only this run needs; gone at its end.
class WorkFolder {
 public:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_, error_);
  }
  ~WorkFolder() { std::filesystem::remove_all(path_, error_); }
  const std::string& path() const { return path_; }

 private:
  std::error_code error_;
  std::string path_;
};

int emulate(const Hmr& hmr, const EmulateOptions& options) {
  const auto folder = hammer::state_folder();
  if (!folder.ok()) return fail(folder.error());
  const std::string id = options.name.empty() ? hammer::random_id() : options.name;
  // Signals before anything that would have to be cleaned up.
  const auto stop = end_signals();
  if (!stop.ok()) return fail(stop.error());
  const WorkFolder work(folder.value() + fmt::format("/{}.work", ::getpid()));
  auto arguments = hammer::prepare_sensor_files(options.sensors, work.path());
  if (!arguments.ok()) return fail(arguments.error());
  auto device = hammer::EmulatedDevice::start({
      .board = options.board,
      .id = id,
      .flash =
          options.flash.empty() ? work.path() + "/flash" : std::filesystem::absolute(options.flash).string(),
      .image = options.firmware,
      .arguments = arguments.value(),
  });
  if (!device.ok()) return fail(device.error());
  const nlohmann::json described = device.value().description();
  if (hmr.json) {
    fmt::print("{}\n", described.dump());
  } else {
    fmt::print("Device {} ({}) on {}; Ctrl-C ends it\n", id, options.board,
               described["serial"].get<std::string>());
  }
  std::fflush(stdout);
  const auto end = device.value().run(stop.value().get());
  return end.ok() ? 0 : fail(end.error());
}

}  // namespace

void add_emulate(CLI::App& app, Hmr& hmr) {
  CLI::App* command = app.add_subcommand("emulate", "run an emulated device until it is told to end");
  auto options = std::make_shared<EmulateOptions>();
  command->add_option("BOARD", options->board, "mps2-an386, lm3s6965evb or linux")->required();
  command->add_option("--name", options->name, "its id for -t; a random one otherwise");
  command->add_option("--sound", options->sensors.sounds, "what the microphone hears, file after file");
  command->add_option("--accelerometer", options->sensors.motion, "CSV of x,y,z");
  command->add_option("--image", options->sensors.image, "what the camera sees");
  command
      ->add_option("--image-size", options->sensors.image_size, "as WIDTHxHEIGHT, with x1 after it for grey")
      ->capture_default_str();
  command->add_option("--raw", options->sensors.raw, "bytes of the raw sensor");
  command->add_option("--seed", options->sensors.seed, "of the random numbers");
  command->add_option("--flash", options->flash,
                      "file that keeps the device's flash; otherwise gone at the end");
  command->add_option("--firmware", options->firmware, "another image than the build's");
  add_json_option(*command, hmr);
  command->footer(
      "Example:\n  hmr emulate mps2-an386 --name desk --sound seven.wav\n"
      "The first line of output names the device and its serial line. SIGTERM or Ctrl-C ends it.");
  command->callback([&hmr, options] { hmr.chosen = [&hmr, options] { return emulate(hmr, *options); }; });
}

}  // namespace rune::cli
