/* A transform: a function that every input passes through between the dataset and the model, the
 * same for samples that train, validate and test.
 *
 * A transform type is a component (its name and arguments) plus functions: `build` computes shapes;
 * the others learn values from the training samples and apply them. Values are learnt from sums
 * over samples, in one or two passes; each shard has its own sums, which are combined in the order
 * of shards, so that they don't depend on the number of ranks. To add one: write
 * src/data/transforms/NAME.c that defines `const ls_transform_type ls_transform_NAME`, and add
 * NAME to LS_TRANSFORMS in data/transforms.h. */
#ifndef LS_DATA_TRANSFORM_H
#define LS_DATA_TRANSFORM_H

#include "base/preprocessing.h"
#include "lockstep/component.h"
#include "lockstep/types.h"

enum { LS_MAX_PASSES = 2 };

typedef struct ls_transform_type ls_transform_type;

typedef struct ls_transform {
  const ls_transform_type *type;
  const void *args;
  const char *where; /* in the job, for messages */
  ls_shape input, output;
  size_t samples;                   /* the number of samples that it learns from */
  size_t sum_counts[LS_MAX_PASSES]; /* of each pass; 0: there is no such pass */
  size_t value_count;
  ls_real *values; /* learnt; filled by `learn`, the same bits on all ranks */
  size_t order_count;
  uint32_t *order; /* filled by `prepare`, from the arguments alone */
} ls_transform;

struct ls_transform_type {
  ls_component component;
  bool uses_blas; /* the bits of its output depend on the BLAS library and its kernels */
  /* From input and args: output and the counts. LS_INVALID with t->where. */
  int (*build)(ls_transform *t);
  /* Fills `order`. NULL: there is none. */
  void (*prepare)(ls_transform *t);
  /* Adds n inputs x [sample, element] to the sums of a pass; `scratch` has as many elements as x.
   * NULL, like `learn`, where nothing is learnt. */
  void (*accumulate)(const ls_transform *t, size_t pass, size_t n, const ls_real *x,
                     double *scratch, double *sums);
  /* Adds the sums of the next shard to those before. NULL: element by element. */
  void (*combine)(const ls_transform *t, size_t pass, const double *shard, double *sums);
  /* Sets values from the sums of a pass over all samples, which it may overwrite. Called on rank 0
   * only. */
  int (*learn)(ls_transform *t, size_t pass, double *sums);
  /* Describes what `apply` computes: sets the kind and its arrays; the shapes are set. */
  void (*describe)(const ls_transform *t, ls_input_map *map);
  /* Computes y [sample, element of output] from n inputs x, which it may overwrite. */
  void (*apply)(const ls_transform *t, size_t n, ls_real *x, ls_real *y);
};

#endif
