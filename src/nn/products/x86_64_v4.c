/* Kernels for x86-64-v4: AVX-512. */
#if defined(__x86_64__)
#include "base/isa.h"
#include "nn/convolution/indexed_kernel.h"
#include "nn/convolution/winograd_map_kernel.h"
#include "nn/products/kernel.h"
#include "nn/products/kernels.h"
#include "nn/products/shard_kernel.h"

static const winograd_maps maps = WINOGRAD_MAPS;

const ls_kernels ls_kernels_x86_64_v4 = {
    .name = "x86-64-v4",
    .supported = ls_isa_has_v4,
    .multiply = multiply,
    .multiply_shards = multiply_shards,
    .multiply_indexed = multiply_indexed,
    .multiply_adds = multiply_adds,
    .maps = &maps,
};
#endif
