/* Layers that the ranks of a node divide by units, and not by samples.
 *
 * A dense layer whose kernel is large and whose minibatch is small takes as long as its weights and
 * gradients take to be read and written. Divided by samples, each rank reads and writes all of
 * them. Divided by units, each of P ranks computes 1 / P of the outputs, of the inputs' gradient
 * and of the kernel's gradient, for the samples of all: it reads and writes 1 / P, and nothing is
 * left to add. Every element is computed in the same order as on one rank, so that the bits are the
 * same (nn/products/kernels.h, nn/shards.h).
 *
 * Inputs, outputs and their gradients are exchanged through memory that the ranks share. The layers
 * before and after have this rank's samples only. A part is what one rank computes. */
#ifndef LS_NN_DIVISION_H
#define LS_NN_DIVISION_H

#include "base/block_cyclic.h"
#include "nn/model/model.h"
#include "nn/products/kernels.h"
#include "nn/shards.h"

typedef struct ls_division ls_division;

typedef struct ls_divided_layer {
  const ls_division *division;
  ls_real *inputs; /* [sample, in], shared; NULL: the layer is not divided */
  ls_rows rows;    /* of the kernel, whose gradient this part computes */
} ls_divided_layer;

struct ls_division {
  size_t parts, part;
  ls_block_cyclic owned;       /* the elements of the flat vector whose gradients this part needs */
  void (*wait)(void *context); /* for all parts; collective over them */
  void *context;
  ls_shards shards;         /* of all parts, in the current batch */
  size_t own_shard;         /* this part's first, counted from the first of all parts */
  ls_divided_layer *layers; /* [layer_count] */
  size_t layer_count;
  ls_real *outputs;   /* [sample, unit], shared: outputs or gradients of inputs */
  ls_real *gradients; /* [sample, unit], shared: gradients of outputs */
};

/* Whether a layer is divided into `parts`, in minibatches of `samples` samples and `shards` shards
 * of all parts together. Local, as are the others unless stated. */
bool ls_division_pays(const ls_model *model, const ls_layer *layer, size_t samples, size_t shards,
                      size_t parts);

/* Returns the bytes of shared memory for all parts together; 0: no layer is divided. */
size_t ls_division_bytes(const ls_model *model, size_t samples, size_t shards, size_t parts);

/* Makes this part's division, in `memory` of ls_division_bytes bytes, which is the same for all
 * parts. The caller has set parts, part, owned, wait, context and own_shard, and created the
 * shards, and sets shards.begin for each batch. ls_division_destroy in any case. LS_FAILED without
 * memory. */
int ls_division_create(ls_division *division, const ls_model *model, size_t samples, size_t shards,
                       void *memory);
void ls_division_destroy(ls_division *division);

/* Within forward of a divided layer (ls_pass.divided) that computes the product y = x kernel for
 * pass->n samples: sets y. Collective over the parts. */
void ls_divided_forward(const ls_pass *pass, ls_product p, const ls_real *kernel);

/* Within backward of that layer: sets the rows of d_kernel that contain elements of this part, each
 * to the sums over shards of all parts that remain, and dx unless it is NULL. Collective over the
 * parts. */
void ls_divided_backward(const ls_pass *pass, ls_product p, const ls_real *kernel,
                         ls_real *d_kernel);

#endif
