/* The transformation of kernels by Winograd's method (winograd.h): a kernel [height, width, in,
 * filter] becomes WINOGRAD_PLANES matrices [in, filter]. All functions are local. */
#ifndef LS_NN_CONVOLUTION_WINOGRAD_KERNEL_H
#define LS_NN_CONVOLUTION_WINOGRAD_KERNEL_H

#include "nn/convolution/convolution.h"
#include "nn/convolution/winograd_maps.h"

enum { WINOGRAD_PLANES = WINOGRAD_POINTS * WINOGRAD_POINTS };

/* planes[plane, in, filter] from the kernel. */
void winograd_map_kernel(const convolution *c, const ls_real *kernel, ls_real *planes);

/* The transpose: the gradient of the kernel from that of the planes. */
void winograd_map_kernel_transposed(const convolution *c, const ls_real *planes, ls_real *kernel);

/* Transposes each of the kernel's in x filters matrices. */
void winograd_transpose_kernel(const convolution *c, const ls_real *kernel, ls_real *transposed);

#endif
