/* Lists of kernels for tests of products. */
#ifndef LS_TESTS_KERNEL_LISTS_H
#define LS_TESTS_KERNEL_LISTS_H

#include "nn/products/kernels.h"

/* All but OpenBLAS's, whether or not this processor can run them. */
static const ls_kernels *const own_kernels[] = {
#if defined(__x86_64__)
    &ls_kernels_x86_64_v4,
#ifndef LS_DOUBLE
    &ls_kernels_x86_64_bf16,
#endif
#endif
#ifndef LS_DOUBLE
    &ls_kernels_bfloat16_of_build,
#endif
    &ls_kernels_of_build};

#endif
