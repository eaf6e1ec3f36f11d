/* The matrix products of a model's training pass, for `lockstep bench`. Local. */
#ifndef LS_NN_MODEL_PRODUCTS_H
#define LS_NN_MODEL_PRODUCTS_H

#include "nn/model/model.h"
#include "nn/product.h"

/* Lists the products that forward and backward compute for `samples` samples, in the order of their
 * first computation. LS_FAILED without memory. */
int ls_model_products(ls_products *list, const ls_model *model, size_t samples);

/* Lists the products that the layers are by definition (ls_layer.product), however they are
 * computed: a convolution as products of its patches with its kernel, a few samples in each.
 * LS_FAILED without memory. */
int ls_model_plain_products(ls_products *list, const ls_model *model, size_t samples);

/* The floating-point operations of these, a multiply-add as two, for exactly `samples` samples. */
double ls_model_plain_operations(const ls_model *model, size_t samples);

#endif
