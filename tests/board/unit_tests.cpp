// The unit tests of the device's layers, run on the board that they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/common/board.h"
#include "ports/common/semihosting.h"

int main() {
  rune::ports::board::start();
  static char text[512];
  const rune::semihosting::CommandLine arguments(text);
  static char filter[256];
  testing::InitGoogleMock();
  if (arguments.value("filter", filter) != nullptr) testing::GTEST_FLAG(filter) = filter;
  return RUN_ALL_TESTS();
}
