/* Choosing subsets, and splitting them into training and validation samples. */
#include "data/split.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <stdlib.h>
#include <string.h>

/* `layer` of the random streams. */
enum { SPLIT_STREAM = 0, SUBSET_STREAM = 1 };

/* ---- Choosing -------------------------------------------------------------------------------- */

/* The position of the first sample of each class in the samples sorted by class:
 * starts[classes + 1]. To be freed. */
static size_t *class_starts(const uint32_t *order, size_t n, const ls_strata *strata) {
  size_t *starts = ls_new(strata->classes + 1, sizeof *starts);
  for (size_t i = 0; starts && i < n; i++) starts[strata->labels[order[i]] + 1]++;
  for (size_t c = 0; starts && c < strata->classes; c++) starts[c + 1] += starts[c];
  return starts;
}

/* Marks `count` of the n samples of `order`: the first ones, or with strata the first of each
 * class. The number for a class is the difference of the cumulative proportions, rounded down,
 * behind it and before it: so it is within one of its proportion, and the numbers add up. */
static int mark_first(const uint32_t *order, size_t n, size_t count, const ls_strata *strata,
                      bool *marks) {
  if (!strata) {
    for (size_t i = 0; i < count; i++) marks[i] = true;
    return LS_OK;
  }
  size_t *starts = class_starts(order, n, strata);
  size_t *left = ls_new(strata->classes, sizeof *left);
  if (starts && left) {
    for (size_t c = 0; c < strata->classes && n > 0; c++) {
      left[c] = count * starts[c + 1] / n - count * starts[c] / n;
    }
    for (size_t i = 0; i < n; i++) {
      size_t *own = &left[strata->labels[order[i]]];
      marks[i] = *own > 0;
      *own -= marks[i];
    }
  }
  int status = starts && left ? LS_OK : LS_FAILED;
  free(starts);
  free(left);
  return status;
}

/* Marks the samples that the fold validates. */
static int mark_fold(const uint32_t *order, size_t n, size_t folds, size_t fold,
                     const ls_strata *strata, bool *marks) {
  if (!strata) {
    size_t end = ls_partition_begin(n, folds, fold + 1);
    for (size_t i = ls_partition_begin(n, folds, fold); i < end; i++) marks[i] = true;
    return LS_OK;
  }
  size_t *next = class_starts(order, n, strata);
  if (!next) return LS_FAILED;
  for (size_t i = 0; i < n; i++) marks[i] = next[strata->labels[order[i]]]++ % folds == fold;
  free(next);
  return LS_OK;
}

int ls_samples_choose(ls_samples *samples, size_t n, size_t count, const ls_strata *strata,
                      const uint64_t *seed) {
  *samples = (ls_samples){ls_new(count, sizeof *samples->numbers), count};
  uint32_t *order = ls_new(n, sizeof *order);
  bool *marks = ls_new(n, sizeof *marks), *chosen = ls_new(n, sizeof *chosen);
  int status = samples->numbers && order && marks && chosen ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    if (seed) {
      ls_random_permutation((ls_stream){*seed, LS_RANDOM_SPLIT, 0, SUBSET_STREAM, 0}, n, order);
    }
    status = mark_first(order, n, count, strata, marks);
  }
  for (size_t i = 0; status == LS_OK && i < n; i++) chosen[order[i]] = marks[i];
  for (size_t i = 0, at = 0; status == LS_OK && i < n; i++) {
    if (chosen[i]) samples->numbers[at++] = (uint32_t)i;
  }
  free(order);
  free(marks);
  free(chosen);
  if (status != LS_OK) ls_samples_free(samples);
  return status;
}

void ls_samples_free(ls_samples *samples) {
  free(samples->numbers);
  *samples = (ls_samples){0};
}

/* ---- Splitting ------------------------------------------------------------------------------- */

static int allocate(ls_split *split, size_t train, size_t validation, ls_part part) {
  *split = (ls_split){ls_new(train, sizeof *split->train), train,
                      ls_new(validation, sizeof *split->validation), validation, part};
  if (split->train && split->validation) return LS_OK;
  ls_split_free(split);
  return LS_FAILED;
}

int ls_split_test(ls_split *split, const ls_samples *train, const ls_samples *test) {
  int status = allocate(split, train->count, test->count, LS_TEST);
  if (status != LS_OK) return status;
  memcpy(split->train, train->numbers, train->count * sizeof *split->train);
  memcpy(split->validation, test->numbers, test->count * sizeof *split->validation);
  return LS_OK;
}

/* A copy of the samples, shuffled unless the seed is NULL. To be freed. */
static uint32_t *copy_order(const ls_samples *samples, const uint64_t *seed) {
  uint32_t *order = ls_new(samples->count, sizeof *order);
  if (!order) return NULL;
  if (!seed) return memcpy(order, samples->numbers, samples->count * sizeof *order);
  ls_stream stream = {*seed, LS_RANDOM_SPLIT, 0, SPLIT_STREAM, 0};
  ls_random_permutation(stream, samples->count, order);
  for (size_t i = 0; i < samples->count; i++) order[i] = samples->numbers[order[i]];
  return order;
}

int ls_split_divide(ls_split *split, const uint32_t *order, size_t n, const bool *marks) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) kept += marks[i];
  int status = allocate(split, kept, n - kept, LS_TRAIN);
  for (size_t i = 0, train = 0, validation = 0; status == LS_OK && i < n; i++) {
    if (marks[i]) split->train[train++] = order[i];
    if (!marks[i]) split->validation[validation++] = order[i];
  }
  return status;
}

int ls_split_fraction(ls_split *split, const ls_samples *train, double fraction,
                      const ls_strata *strata, const uint64_t *seed) {
  size_t n = train->count, kept = (size_t)((double)n * (1 - fraction));
  uint32_t *order = copy_order(train, seed);
  bool *marks = ls_new(n, sizeof *marks);
  int status = order && marks ? mark_first(order, n, kept, strata, marks) : LS_FAILED;
  if (status == LS_OK) status = ls_split_divide(split, order, n, marks);
  free(order);
  free(marks);
  return status;
}

int ls_split_fold(ls_split *split, const ls_samples *train, size_t folds, size_t fold,
                  const ls_strata *strata, uint64_t seed) {
  size_t n = train->count;
  uint32_t *order = copy_order(train, &seed);
  bool *marks = ls_new(n, sizeof *marks);
  int status = order && marks ? mark_fold(order, n, folds, fold, strata, marks) : LS_FAILED;
  for (size_t i = 0; status == LS_OK && i < n; i++) marks[i] = !marks[i];
  if (status == LS_OK) status = ls_split_divide(split, order, n, marks);
  free(order);
  free(marks);
  return status;
}

static int compare_numbers(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

void ls_sort_samples(uint32_t *numbers, size_t count) {
  qsort(numbers, count, sizeof *numbers, compare_numbers);
}

void ls_split_free(ls_split *split) {
  free(split->train);
  free(split->validation);
  free(split->test);
  *split = (ls_split){0};
}
