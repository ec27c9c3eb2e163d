// average_pool_2d_s8: mean of the cells inside the window, ties away from zero. Block: pool_2d_params.h.
#include "device/kernels/fixed_point.h"
#include "device/kernels/pool_2d_params.h"
#include "device/kernels/reference/pool_2d.h"
#include "device/kernels/reference/reference.h"

namespace rune::kernels {
namespace {

struct Average {
  using Element = int8_t;
  using Params = Pool2dS8Params;
  static constexpr ElementType kElement = ElementType::kI8;
  // A window has at most 2^16 * 2^16 cells in name, but cells inside the input number less than 2^31 / 128
  // by the check below.
  static constexpr uint32_t kMaxCells = 1U << 24;
  static Status check(const Params& params) {
    return check_range(params.activation_min, params.activation_max);
  }

  int32_t sum = 0;
  void add(int8_t value) { sum += value; }
  int8_t result(int32_t cells, const Params& params) const {
    const int32_t mean = sum > 0 ? (sum + cells / 2) / cells : (sum - cells / 2) / cells;
    return static_cast<int8_t>(clamp(mean, params.activation_min, params.activation_max));
  }
};

}  // namespace

const Kernel kAveragePool2dS8 = {"average_pool_2d_s8", verify_pool_2d<Average>, run_pool_2d<Average>, true,
                                 window_input_rows};

}  // namespace rune::kernels
