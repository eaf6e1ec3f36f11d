/* Kernels for bfloat16 on processors without instructions for it: operands are rounded, and
 * multiplied in float. */
#ifndef LS_DOUBLE
#include "nn/convolution/winograd_maps.h"
#include "nn/products/bfloat16_kernel.h"
#include "nn/products/kernels.h"

static bool supported(void) {
  return ls_kernels_of_build.supported();
}

const ls_kernels ls_kernels_bfloat16_of_build = {
    .name = "bfloat16",
    .supported = supported,
    .multiply = multiply_bfloat16,
    .multiply_shards = multiply_shards_bfloat16,
    .multiply_adds = multiply_adds,
    .maps = &winograd_maps_of_build,
};
#endif
