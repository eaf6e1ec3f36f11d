/* The chain of transforms of one trial, and the list of all transform types. Local. */
#ifndef LS_DATA_TRANSFORMS_H
#define LS_DATA_TRANSFORMS_H

#include "data/transform.h"

enum { LS_MAX_TRANSFORMS = 8 };

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
