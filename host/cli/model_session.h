// One model image run over samples: in this process, or on an emulated board.
//
// Samples of a tensor stand back to back in its file; all of them run in one instance, so that state carries
// over. On a board the runner image build/devices/model_runner-<board>.elf (ports/common/model_runner.cpp)
// reads image and samples by semihosting and counts instructions exactly.
#pragma once

#include <string>
#include <vector>

#include "host/support/files.h"

namespace rune::cli {

struct SampleFile {
  std::string path;  // for messages
  ByteVector bytes;
};

struct SessionRequest {
  std::string name;  // of the model, for messages
  ByteVector image;
  std::string target;                   // "linux", "portable" or a board
  std::vector<SampleFile> inputs = {};  // one for each input, k samples each
  bool profile = false;
  double timeout_s = 600;
};

struct OperatorCost {
  std::string kernel;
  uint64_t instructions = 0;  // on a board
  double seconds = 0;         // in this process
};

struct SessionReport {
  bool on_board = false;
  size_t samples = 0;
  std::vector<uint64_t> instructions;  // of each sample, on a board
  uint64_t startup_instructions = 0;
  uint32_t arena_bytes = 0;
  uint32_t image_bytes = 0;
  double seconds = 0;                   // wall time of the samples; on a board, of the emulator
  std::vector<OperatorCost> operators;  // with profile, summed over the samples
  std::vector<ByteVector> outputs;      // k samples each
};

Result<SessionReport, Diagnostic> run_session(const SessionRequest& request);

}  // namespace rune::cli
