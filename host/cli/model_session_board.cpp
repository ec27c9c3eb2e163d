// Sessions on an emulated board: files for the runner image, its report parsed.
//
// The emulator takes exactly 2^shift ns of board time for an instruction, so ticks of the board's clock give
// instructions; the shift is chosen so that a tick is shorter than an instruction.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "host/cli/model_session_internal.h"
#include "host/hammer/emulator.h"

namespace rune::cli {
namespace {

// 128 ns an instruction: longer than a tick of either board (40 and 80 ns).
constexpr int kIcountShift = 7;
constexpr double kInstructionNs = 1 << kIcountShift;

// A folder of its own, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rune-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  std::string file(const char* name) const { return path_ + "/" + name; }
  bool exists() const { return !path_.empty(); }

 private:
  std::string path_;
};

// Between one file a tensor and one file a run: sample by sample, tensor after tensor.
ByteVector interleave(const std::vector<SampleFile>& files, size_t samples) {
  ByteVector out;
  for (size_t sample = 0; sample < samples; ++sample) {
    for (const SampleFile& file : files) {
      const size_t size = file.bytes.size() / samples;
      out.insert(out.end(), file.bytes.begin() + static_cast<ptrdiff_t>(sample * size),
                 file.bytes.begin() + static_cast<ptrdiff_t>((sample + 1) * size));
    }
  }
  return out;
}

bool split(const ByteVector& from, size_t samples, std::vector<ByteVector>& outputs) {
  size_t at = 0;
  for (size_t sample = 0; sample < samples; ++sample) {
    for (ByteVector& output : outputs) {
      const size_t size = output.size() / samples;
      if (at + size > from.size()) return false;
      std::copy_n(from.begin() + static_cast<ptrdiff_t>(at), size,
                  output.begin() + static_cast<ptrdiff_t>(sample * size));
      at += size;
    }
  }
  return at == from.size();
}

// Lines "word number..." of the runner: hz, startup, sample, operator.
bool parse_report(const std::string& text, SessionReport& report) {
  std::istringstream lines(text);
  std::string word;
  double ticks_per_second = 0;
  auto instructions = [&](uint64_t ticks) {
    return static_cast<uint64_t>(
        std::llround(static_cast<double>(ticks) * 1e9 / ticks_per_second / kInstructionNs));
  };
  while (lines >> word) {
    uint64_t number = 0, ticks = 0;
    if (word == "hz" && lines >> number) {
      ticks_per_second = static_cast<double>(number);
    } else if (word == "startup" && lines >> ticks) {
      report.startup_instructions = instructions(ticks);
    } else if (word == "sample" && lines >> ticks) {
      report.instructions.push_back(instructions(ticks));
    } else if (word == "operator" && lines >> number >> ticks && number < report.operators.size()) {
      report.operators[number].instructions = instructions(ticks);
    } else {
      return false;
    }
  }
  return report.instructions.size() == report.samples;
}

}  // namespace

Result<SessionReport, Diagnostic> run_on_board(const SessionRequest& request, const format::ModelImage&,
                                               SessionReport report) {
  Result<hammer::Board, Diagnostic> board = hammer::find_board(request.target);
  if (!board.ok()) return board.error();
  const TemporaryFolder folder;
  if (!folder.exists()) return Diagnostic{.what = "no temporary folder", .hint = "setting TMPDIR"};
  hammer::ImageLaunch launch{.board = request.target,
                             .image = hammer::board_image(request.target, "model_runner"),
                             .arguments = {{"input", folder.file("input")},
                                           {"output", folder.file("output")},
                                           {"samples", fmt::format("{}", report.samples)}},
                             .icount_shift = kIcountShift};
  if (request.profile) launch.arguments.push_back({"profile", "1"});
  if (board.value().flash_bytes == 0) {
    launch.arguments.push_back({"image", folder.file("image")});
  } else if (request.image.size() <= board.value().flash_bytes) {  // in flash, where a device would have it
    launch.files.push_back({folder.file("image"), board.value().flash_address});
    launch.arguments.push_back({"address", fmt::format("{}", board.value().flash_address)});
    launch.arguments.push_back({"bytes", fmt::format("{}", request.image.size())});
  } else {
    return Diagnostic{.where = {.file = request.name},
                      .what = fmt::format("the image does not fit in the flash of {}", request.target),
                      .limit = board.value().flash_bytes,
                      .actual = static_cast<int64_t>(request.image.size()),
                      .unit = "bytes",
                      .hint = "a smaller model or mps2-an386"};
  }
  for (const auto& [name, bytes] :
       {std::pair{"image", request.image}, std::pair{"input", interleave(request.inputs, report.samples)}}) {
    Result<void, Diagnostic> written = write_file(folder.file(name), bytes);
    if (!written.ok()) return written.error();
  }
  Result<hammer::ImageRun, Diagnostic> run = hammer::run_image(launch, request.timeout_s);
  if (!run.ok()) return run.error();
  if (run.value().exit_code != 0) {
    const std::string& said = run.value().output.empty() ? run.value().errors : run.value().output;
    return Diagnostic{.where = {.file = request.name, .node = request.target},
                      .what = fmt::format("the board gave up: {}", said.substr(0, said.find('\n'))),
                      .hint = "another target or a smaller model"};
  }
  Result<ByteVector, Diagnostic> output = read_file(folder.file("output"));
  if (!output.ok()) return output.error();
  if (!parse_report(run.value().output, report) || !split(output.value(), report.samples, report.outputs)) {
    return Diagnostic{.where = {.file = request.name, .node = request.target},
                      .what = "the board's report is incomplete",
                      .hint = "make build"};
  }
  report.on_board = true;
  report.seconds = run.value().seconds;
  return report;
}

}  // namespace rune::cli
