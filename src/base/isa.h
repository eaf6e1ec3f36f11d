/* What the processor can do beyond the instruction set that the program is built for. Local. */
#ifndef LS_BASE_ISA_H
#define LS_BASE_ISA_H

#include <stdbool.h>

/* Whether it has x86-64-v4: AVX-512. */
static inline bool ls_isa_has_v4(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

#endif
