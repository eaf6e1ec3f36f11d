/* Fitting transforms: learning their values from the training samples. */
#ifndef LS_DATA_FIT_H
#define LS_DATA_FIT_H

#include "data/pool.h"
#include "data/transforms.h"

/* Collective: each transform learns from the training samples `order` [count] of the pool, as many
 * as the chain was created for. The learnt values are the same bits for any number of ranks. */
int ls_transforms_fit(ls_transforms *transforms, ls_pool *pool, const uint32_t *order,
                      size_t count);

/* The same for a chain of one transform that values of the dataset's target number `target` go
 * through, each sample's as one vector. */
int ls_transforms_fit_target(ls_transforms *transforms, ls_pool *pool, const uint32_t *order,
                             size_t count, size_t target);

/* Bytes of memory that fitting takes per rank, the mean over ranks, as an estimate for `check`.
 * Local. */
double ls_transforms_fit_bytes(const ls_transforms *transforms, size_t ranks);

#endif
