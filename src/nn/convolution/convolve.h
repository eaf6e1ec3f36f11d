/* Convolution of images by the method that suits its shapes: Winograd's if it applies
 * (winograd.h), else products with the matrix of patches (patches.h). Arguments and results are
 * described in convolution.h. All functions are local. */
#ifndef LS_NN_CONVOLUTION_CONVOLVE_H
#define LS_NN_CONVOLUTION_CONVOLVE_H

#include "nn/convolution/convolution.h"

/* Reals of working memory. */
size_t convolve_scratch(const convolution *c);

/* Reads kernel, bias and x; sets y. */
void convolve_forward(const convolution *c, const convolution_pass *pass);

/* Reads dy, kernel for dx, x for d_kernel; sets those of dx, d_kernel and d_bias that are not NULL,
 * the latter two for each sum over shards that remains. */
void convolve_backward(const convolution *c, const convolution_pass *pass);

/* Lists the products that compute the results `wanted` for n samples, see convolution_method. */
void convolve_products(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                       ls_products *list);

#endif
