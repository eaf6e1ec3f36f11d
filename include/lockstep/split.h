/* Which samples train and which validate. Local, pure: the same on every rank. */
#ifndef LOCKSTEP_SPLIT_H
#define LOCKSTEP_SPLIT_H

#include "lockstep/dataset.h"

/* Sample numbers in the parts of a dataset. Owned. */
typedef struct ls_split {
  uint32_t *train; /* [train_count], in LS_TRAIN */
  size_t train_count;
  uint32_t *validation; /* [validation_count], in validation_part */
  size_t validation_count;
  ls_part validation_part;
  uint32_t *test; /* [test_count], in LS_TEST: none where the validation is there */
  size_t test_count;
} ls_split;

/* All training samples train, all test samples validate. */
int ls_split_test(ls_split *split, const ls_dataset *dataset);

/* Of n training samples the first n (1 - fraction), rounded down, train and the others validate, as
 * Keras's validation_split. */
int ls_split_fraction(ls_split *split, const ls_dataset *dataset, double fraction);

/* The training samples, shuffled by `seed`, are cut into `folds` equal parts; number `fold`
 * validates, the others train. */
int ls_split_fold(ls_split *split, const ls_dataset *dataset, size_t folds, size_t fold,
                  uint64_t seed);

void ls_split_free(ls_split *split);

#endif
