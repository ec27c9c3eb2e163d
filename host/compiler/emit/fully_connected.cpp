// Packs fully_connected_*: see device/kernels/fully_connected_params.h.
#include "device/kernels/fully_connected_params.h"
#include "host/compiler/emit/packer_internal.h"

namespace rune::compiler::emit {

Packed pack_fully_connected(const Source& source) {
  const Shape& shape = source.input(1).shape;
  const uint32_t units = shape.dims[0];
  const uint32_t depth = shape.dims[1];
  if (uint64_t{units} * depth >= uint64_t{1} << 28)
    return source.refuse("too many weights", "a smaller layer");
  const kernels::FullyConnectedLayout layout =
      !source.is_float()   ? kernels::fully_connected_s8_layout(units, depth)
      : source.is_hybrid() ? kernels::fully_connected_f32_s8_layout(units, depth)
                           : kernels::fully_connected_f32_layout(units, depth);
  Block block(layout.bytes);
  if (source.is_float()) {
    block.put(0, kernels::FullyConnectedF32Params{float_stage(source), units, depth});
    block.put_all(layout.channels, float_bias(source, units));
    if (source.is_hybrid()) block.put_all(layout.scales, weight_scales(source, units));
  } else {
    block.put(0, kernels::FullyConnectedS8Params{output_stage(source), units, depth, 0});
    block.put_all(layout.channels, channel_scales(source, units));
  }
  block.put_all(layout.weights, source.input(1).data);
  LoweredNode lowered = source.lowered(typed_name(source), 1);
  lowered.params = block.take();
  return lowered;
}

}  // namespace rune::compiler::emit
