/* Groups of samples, such as those of one person, which a split keeps together. Local. */
#ifndef LS_DATA_GROUPS_H
#define LS_DATA_GROUPS_H

#include "data/split.h"

/* The groups of some samples of a part. Owned. */
typedef struct ls_groups {
  uint32_t *of;  /* [sample of the list]: the number of its group, in ascending order of values */
  size_t *sizes; /* [count]: samples */
  size_t count;
} ls_groups;

/* Reads the values [sample] that tell groups of training samples apart: the member `name` of
 * /train, or /train/group where its attribute `column` is `name`. LS_INVALID if the dataset has no
 * such member, or it is not an integer for each sample. */
int ls_dataset_groups(const ls_dataset *dataset, const char *name, int64_t *values);

/* Numbers the groups that the samples have, by the values of all samples of their part. */
int ls_groups_create(ls_groups *groups, const ls_samples *samples, const int64_t *values);
void ls_groups_destroy(ls_groups *groups);

/* Partitions groups into folds, at least one for each; fold number `fold` validates. The groups go
 * to the fold with the fewest samples, the largest first, as in scikit-learn's GroupKFold; with
 * strata to the one where the classes then are distributed most evenly over folds, as in its
 * StratifiedGroupKFold. */
int ls_split_group_fold(ls_split *split, const ls_samples *train, const ls_groups *groups,
                        size_t folds, size_t fold, const ls_strata *strata);

/* A random fraction of the groups validates, rounded up, as in scikit-learn's GroupShuffleSplit. */
int ls_split_group_fraction(ls_split *split, const ls_samples *train, const ls_groups *groups,
                            double fraction, uint64_t seed);

#endif
