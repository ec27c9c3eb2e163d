// max_pool_2d_s8: largest cell inside the window. Block: device/kernels/pool_2d_params.h.
#include "device/kernels/fixed_point.h"
#include "device/kernels/pool_2d_params.h"
#include "device/kernels/reference/pool_2d.h"
#include "device/kernels/reference/reference.h"

namespace rune::kernels {
namespace {

struct Largest {
  using Element = int8_t;
  using Params = Pool2dS8Params;
  static constexpr ElementType kElement = ElementType::kI8;
  static constexpr uint32_t kMaxCells = UINT32_MAX;
  static Status check(const Params& params) {
    return check_range(params.activation_min, params.activation_max);
  }

  int32_t largest = -128;
  void add(int8_t value) { largest = value > largest ? value : largest; }
  int8_t result(int32_t, const Params& params) const {
    return static_cast<int8_t>(clamp(largest, params.activation_min, params.activation_max));
  }
};

}  // namespace

const Kernel kMaxPool2dS8 = {"max_pool_2d_s8", verify_pool_2d<Largest>, run_pool_2d<Largest>, true,
                             window_input_rows};

}  // namespace rune::kernels
