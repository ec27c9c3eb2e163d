// Where the conformance data is, for tests that use it when it is there.
//
//   const auto data = rune::test_data("models/tflm/hello_world_int8.tflite");
//   if (!data) GTEST_SKIP() << rune::kNoTestData;
//
// The folder is RUNE_TEST_DATA, else ../shared/data beside the checkout.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace rune {

inline constexpr const char* kNoTestData = "no test data here: set RUNE_TEST_DATA to its folder";

#ifndef RUNE_SOURCE_DIR
#define RUNE_SOURCE_DIR "."
#endif

inline std::optional<std::filesystem::path> test_data(const std::string& relative) {
  const char* named = std::getenv("RUNE_TEST_DATA");
  const std::filesystem::path folder = named != nullptr
                                           ? std::filesystem::path(named)
                                           : std::filesystem::path(RUNE_SOURCE_DIR) / "../shared/data";
  const std::filesystem::path file = folder / relative;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  return file;
}

}  // namespace rune
