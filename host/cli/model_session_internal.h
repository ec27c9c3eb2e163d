// The half of a session that runs on an emulated board.
#pragma once

#include "device/format/model_image.h"
#include "host/cli/model_session.h"

namespace rune::cli {

// `report` has everything that is known before the run, and room for the outputs.
Result<SessionReport, Diagnostic> run_on_board(const SessionRequest& request, const format::ModelImage& image,
                                               SessionReport report);

}  // namespace rune::cli
