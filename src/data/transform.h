/* Transforms: what is done to every input between the dataset and the model, the same for samples
 * that train, validate and test.
 *
 * A transform type is a component (its name and arguments) plus functions: `build` works out
 * shapes; the others learn values from the training samples and apply them. What is learnt comes
 * from sums over samples, in one or two passes; sums are kept apart by shard and added in the order
 * of shards, so that they don't depend on the number of ranks. To add one: write
 * src/data/transforms/NAME.c that defines `const ls_transform_type ls_transform_NAME`, and add
 * NAME to LS_TRANSFORMS below. */
#ifndef LS_DATA_TRANSFORM_H
#define LS_DATA_TRANSFORM_H

#include "lockstep/component.h"
#include "lockstep/types.h"

enum { LS_MAX_PASSES = 2, LS_MAX_TRANSFORMS = 8 };

typedef struct ls_transform_type ls_transform_type;

typedef struct ls_transform {
  const ls_transform_type *type;
  const void *args;
  const char *where; /* in the job, for messages */
  ls_shape input, output;
  size_t samples;                   /* that it learns from */
  size_t sum_counts[LS_MAX_PASSES]; /* of each pass; 0: there is no such pass */
  size_t value_count;
  ls_real *values; /* learnt; filled by `learn`, the same bits on all ranks */
  size_t order_count;
  uint32_t *order; /* filled by `prepare`, from the arguments alone */
} ls_transform;

struct ls_transform_type {
  ls_component component;
  /* From input and args: output and the counts. LS_INVALID with t->where. */
  int (*build)(ls_transform *t);
  /* Fills `order`. NULL: there is none. */
  void (*prepare)(ls_transform *t);
  /* Adds what the pass needs of n inputs x [sample, element] to sums; `scratch` is memory for as
   * many numbers as x has. NULL, like `learn`, where nothing is learnt. */
  void (*accumulate)(const ls_transform *t, size_t pass, size_t n, const ls_real *x,
                     double *scratch, double *sums);
  /* Sets values from the sums of a pass over all samples, which it may overwrite. On one rank. */
  int (*learn)(ls_transform *t, size_t pass, double *sums);
  /* y [sample, element of output] of n inputs x, which it may overwrite. */
  void (*apply)(const ls_transform *t, size_t n, ls_real *x, ls_real *y);
};

/* ---- A chain of them ---------------------------------------------------------------------------
 */

/* The transforms of one trial. Until it is fitted, inputs go through those before the first that
 * has not learnt yet. */
typedef struct ls_transforms {
  ls_transform items[LS_MAX_TRANSFORMS];
  size_t count;
  size_t ready; /* the first ones, that can be applied */
  ls_shape input;
} ls_transforms;

/* Builds the chain that a job lists (borrowed), for inputs of that shape and so many training
 * samples. LS_INVALID with the place in the job. Local. */
int ls_transforms_create(ls_transforms **out, const ls_choices *choices, const ls_shape *input,
                         size_t samples);
void ls_transforms_free(ls_transforms **transforms);

/* What comes out of the chain / out of as much of it as is ready. */
const ls_shape *ls_transforms_output(const ls_transforms *transforms);
const ls_shape *ls_transforms_reached(const ls_transforms *transforms);

/* Elements of the largest input or output in it. */
size_t ls_transforms_largest(const ls_transforms *transforms);

/* The result for n inputs in x [sample, element]: in x or in `other`, which both are memory for n
 * of the largest. Local. */
ls_real *ls_transforms_apply(const ls_transforms *transforms, size_t n, ls_real *x, ls_real *other);

/* ---- The list: one line each -------------------------------------------------------------------
 */

#define LS_TRANSFORMS(X)                                                                           \
  X(pixel_permutation)                                                                             \
  X(pca)                                                                                           \
  X(standardization)

#define LS_DECLARE_TRANSFORM(name) extern const ls_transform_type ls_transform_##name;
LS_TRANSFORMS(LS_DECLARE_TRANSFORM)

extern const ls_family ls_transform_family;

#endif
