// average_pool_2d_f32 and max_pool_2d_f32. Block: device/kernels/pool_2d_params.h.
#include "device/kernels/float_math.h"
#include "device/kernels/pool_2d_params.h"
#include "device/kernels/reference/pool_2d.h"
#include "device/kernels/reference/reference.h"

namespace rune::kernels {
namespace {

struct FloatPool {
  using Element = float;
  using Params = Pool2dF32Params;
  static constexpr ElementType kElement = ElementType::kF32;
  static constexpr uint32_t kMaxCells = 1U << 24;
  static Status check(const Params&) { return Status::kOk; }
};

struct Average : FloatPool {
  float sum = 0;
  void add(float value) { sum += value; }
  float result(int32_t cells, const Params& params) const {
    return clamp_f32(sum / static_cast<float>(cells), params.range.activation_min,
                     params.range.activation_max);
  }
};

struct Largest : FloatPool {
  float largest = -3.40282347e+38F;
  void add(float value) { largest = value > largest ? value : largest; }
  float result(int32_t, const Params& params) const {
    return clamp_f32(largest, params.range.activation_min, params.range.activation_max);
  }
};

}  // namespace

const Kernel kAveragePool2dF32 = {"average_pool_2d_f32", verify_pool_2d<Average>, run_pool_2d<Average>, true,
                                  window_input_rows};
const Kernel kMaxPool2dF32 = {"max_pool_2d_f32", verify_pool_2d<Largest>, run_pool_2d<Largest>, true,
                              window_input_rows};

}  // namespace rune::kernels
