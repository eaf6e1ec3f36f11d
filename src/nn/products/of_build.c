/* Kernels for the instruction set that the whole program is built for. */
#include "nn/convolution/indexed_kernel.h"
#include "nn/convolution/winograd_map_kernel.h"
#include "nn/products/kernel.h"
#include "nn/products/kernels.h"
#include "nn/products/shard_kernel.h"

static bool supported(void) {
#if defined(__AVX512F__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
#elif defined(__AVX2__) && defined(__FMA__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

const winograd_maps winograd_maps_of_build = WINOGRAD_MAPS;

const ls_kernels ls_kernels_of_build = {
    .name = LS_VECTOR_NAME,
    .supported = supported,
    .multiply = multiply,
    .multiply_shards = multiply_shards,
    .multiply_indexed = multiply_indexed,
    .multiply_adds = multiply_adds,
    .maps = &winograd_maps_of_build,
};
