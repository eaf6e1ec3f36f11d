/* Kernels for bfloat16 by the instructions of x86-64 for it: AVX512-BF16. */
#if defined(__x86_64__) && !defined(LS_DOUBLE)
#include "base/isa.h"
#include "nn/convolution/winograd_map_kernel.h"
#include "nn/products/bfloat16_kernel.h"
#include "nn/products/kernels.h"

static bool supported(void) {
  return ls_isa_has_v4() && __builtin_cpu_supports("avx512bf16");
}

static const winograd_maps maps = WINOGRAD_MAPS;

const ls_kernels ls_kernels_x86_64_bf16 = {
    .name = "bfloat16 (AVX512-BF16)",
    .supported = supported,
    .multiply = multiply_bfloat16,
    .multiply_shards = multiply_shards_bfloat16,
    .multiply_adds = multiply_adds,
    .maps = &maps,
};
#endif
