/* Splits: the samples that train, validate and test. Local, pure: the same on every rank. */
#ifndef LS_DATA_SPLIT_H
#define LS_DATA_SPLIT_H

#include "data/dataset.h"

/* Numbers of samples in a part of the dataset. Owned. */
typedef struct ls_samples {
  uint32_t *numbers;
  size_t count;
} ls_samples;

/* The classes of a part's samples, for stratified sampling, which keeps the proportions of the
 * classes. Borrowed; functions take NULL for sampling that isn't stratified. */
typedef struct ls_strata {
  const int32_t *labels; /* of all samples of the part */
  size_t classes;
} ls_strata;

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

/* Chooses `count` of `n` samples, in ascending order: the first ones, or with a seed (NULL: none)
 * random ones. With strata the number of each class is within one of its proportion. */
int ls_samples_choose(ls_samples *samples, size_t n, size_t count, const ls_strata *strata,
                      const uint64_t *seed);
void ls_samples_free(ls_samples *samples);

/* Trains with all of `train`, validates with all of `test`. */
int ls_split_test(ls_split *split, const ls_samples *train, const ls_samples *test);

/* Of n samples the first n (1 - fraction), rounded down, train and the others validate, as in
 * Keras's validation_split. With a seed (NULL: none) they are shuffled before; with strata the
 * number of each class is within one of its proportion. */
int ls_split_fraction(ls_split *split, const ls_samples *train, double fraction,
                      const ls_strata *strata, const uint64_t *seed);

/* Partitions the samples, shuffled by `seed`, into `folds` folds of equal size; fold number `fold`
 * validates, the others train. With strata the numbers of samples of a class differ by at most one
 * between folds: sorted by class, samples are assigned to the folds cyclically, as in
 * scikit-learn's StratifiedKFold. */
int ls_split_fold(ls_split *split, const ls_samples *train, size_t folds, size_t fold,
                  const ls_strata *strata, uint64_t seed);

/* Sorts sample numbers in ascending order. */
void ls_sort_samples(uint32_t *numbers, size_t count);

/* Splits n training samples by marks: those marked train, the others validate. */
int ls_split_divide(ls_split *split, const uint32_t *order, size_t n, const bool *marks);

void ls_split_free(ls_split *split);

#endif
