/* Kernels for x86-64-v4: AVX-512. */
#if defined(__x86_64__)
#include "nn/products/kernel.h"
#include "nn/products/kernels.h"
#include "nn/products/shard_kernel.h"

static bool supported(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

const ls_kernels ls_kernels_x86_64_v4 = {"x86-64-v4", supported, multiply, multiply_shards,
                                         multiply_adds};
#endif
