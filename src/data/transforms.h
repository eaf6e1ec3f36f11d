/* The chain of transforms of one trial, and the list of all transform types. Local. */
#ifndef LS_DATA_TRANSFORMS_H
#define LS_DATA_TRANSFORMS_H

#include "data/transform.h"

enum { LS_MAX_TRANSFORMS = 8 };

/* Until the chain is fitted, only the transforms before the first unfitted one are applied. */
typedef struct ls_transforms {
  ls_transform items[LS_MAX_TRANSFORMS];
  size_t count;
  size_t ready; /* the number of transforms that can be applied */
  ls_shape input;
} ls_transforms;

/* Builds the chain of a job's list (borrowed), for inputs of the given shape and `samples` training
 * samples. LS_INVALID with the place in the job. */
int ls_transforms_create(ls_transforms **out, const ls_choices *choices, const ls_shape *input,
                         size_t samples);
void ls_transforms_free(ls_transforms **transforms);

/* Declares that the values of all transforms are set, as by fitting. */
void ls_transforms_set_ready(ls_transforms *transforms);

/* The shape of the output of the whole chain. */
const ls_shape *ls_transforms_output(const ls_transforms *transforms);

/* The shape of the output of the transforms that can be applied. */
const ls_shape *ls_transforms_reached(const ls_transforms *transforms);

/* Elements of the largest input or output in the chain. */
size_t ls_transforms_largest(const ls_transforms *transforms);

/* Applies the chain to n inputs in x [sample, element]. Returns where the result is: x or `other`,
 * each of which has memory for n of the largest. */
ls_real *ls_transforms_apply(const ls_transforms *transforms, size_t n, ls_real *x, ls_real *other);

/* ---- All types: one line each ---------------------------------------------------------------- */

#define LS_TRANSFORMS(X)                                                                           \
  X(pixel_permutation)                                                                             \
  X(pca)                                                                                           \
  X(standardization)                                                                               \
  X(min_max_scaling)

#define LS_DECLARE_TRANSFORM(name) extern const ls_transform_type ls_transform_##name;
LS_TRANSFORMS(LS_DECLARE_TRANSFORM)

extern const ls_family ls_transform_family;

/* Those that targets can go through: each is an affine map of every element, with an inverse. */
extern const ls_family ls_target_scalings;

#endif
