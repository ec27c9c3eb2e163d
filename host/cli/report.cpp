#include "host/cli/report.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

namespace rune::cli {
namespace {

spdlog::level::level_enum level_of(const Diagnostic& one) {
  return one.severity == Severity::kError ? spdlog::level::err : spdlog::level::warn;
}

}  // namespace

void set_speech(const Speech& speech) {
  const auto mode = speech.colour == Colour::kAlways  ? spdlog::color_mode::always
                    : speech.colour == Colour::kNever ? spdlog::color_mode::never
                                                      : spdlog::color_mode::automatic;
  auto logger =
      std::make_shared<spdlog::logger>("rune", std::make_shared<spdlog::sinks::stderr_color_sink_st>(mode));
  logger->set_pattern("%^%v%$");
  logger->set_level(speech.verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void warn(const Diagnostics& findings) {
  for (const Diagnostic& one : findings) spdlog::log(level_of(one), "{}", one.text());
}

int fail(const Diagnostics& findings, bool json) {
  warn(findings);
  if (json) print_json({{"errors", findings.json()}});
  return 1;
}

void print_json(const nlohmann::json& object) {
  print_text(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void print_text(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace rune::cli
