/* Splits that keep groups together, with scikit-learn's choices. Sums over classes and folds are
 * added in the order of NumPy, so that the same fold is the best. */
#include "base/memory.h"
#include "data/groups.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Splits by the marks of groups: those marked validate. */
static int divide_groups(ls_split *split, const ls_samples *train, const ls_groups *groups,
                         const bool *validates) {
  bool *marks = ls_new(train->count, sizeof *marks);
  if (!marks) return LS_FAILED;
  for (size_t i = 0; i < train->count; i++) marks[i] = !validates[groups->of[i]];
  int status = ls_split_divide(split, train->numbers, train->count, marks);
  free(marks);
  return status;
}

/* ---- Folds ----------------------------------------------------------------------------------- */

/* A group, and what it is sorted by. */
typedef struct ranked {
  double key;
  size_t group;
} ranked;

static int compare(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->key != y->key) return x->key > y->key ? -1 : 1;
  return x->group < y->group ? -1 : 1;
}

/* Of groups of the same size the one with the largest value is first. */
static void sort_by_size(const ls_groups *groups, ranked *order) {
  const size_t n = groups->count;
  for (size_t i = 0; i < n; i++) order[i] = (ranked){(double)groups->sizes[n - 1 - i], i};
  qsort(order, n, sizeof *order, compare);
  for (size_t i = 0; i < n; i++) order[i].group = n - 1 - order[i].group;
}

/* Sets fold_of [group]. */
static int assign_by_size(const ls_groups *groups, size_t folds, size_t *fold_of) {
  ranked *order = ls_new(groups->count, sizeof *order);
  size_t *samples = ls_new(folds, sizeof *samples);
  int status = order && samples ? LS_OK : LS_FAILED;
  if (status == LS_OK) sort_by_size(groups, order);
  for (size_t i = 0; status == LS_OK && i < groups->count; i++) {
    size_t lightest = 0;
    for (size_t f = 1; f < folds; f++) {
      if (samples[f] < samples[lightest]) lightest = f;
    }
    samples[lightest] += groups->sizes[order[i].group];
    fold_of[order[i].group] = lightest;
  }
  free(order);
  free(samples);
  return status;
}

/* ---- Stratified folds ------------------------------------------------------------------------ */

/* Numbers of samples. Classes are those that occur. */
typedef struct tally {
  size_t classes, folds;
  double *of_groups; /* [group, class] */
  double *of_folds;  /* [fold, class] */
  double *all;       /* [class] */
} tally;

static void tally_free(tally *t) {
  free(t->of_groups);
  free(t->of_folds);
  free(t->all);
}

/* Counts the samples of each group and class. */
static int tally_create(tally *t, const ls_samples *train, const ls_groups *groups, size_t folds,
                        const ls_strata *strata) {
  size_t *number = ls_new(strata->classes, sizeof *number); /* of a class that occurs, from 1 */
  *t = (tally){.folds = folds};
  if (!number) return LS_FAILED;
  for (size_t i = 0; i < train->count; i++) number[strata->labels[train->numbers[i]]] = 1;
  for (size_t c = 0; c < strata->classes; c++) {
    if (number[c] > 0) number[c] = ++t->classes;
  }
  t->of_groups = ls_new(groups->count * t->classes, sizeof *t->of_groups);
  t->of_folds = ls_new(folds * t->classes, sizeof *t->of_folds);
  t->all = ls_new(t->classes, sizeof *t->all);
  int status = t->of_groups && t->of_folds && t->all ? LS_OK : LS_FAILED;
  for (size_t i = 0; status == LS_OK && i < train->count; i++) {
    const size_t c = number[strata->labels[train->numbers[i]]] - 1;
    t->of_groups[groups->of[i] * t->classes + c]++;
    t->all[c]++;
  }
  free(number);
  return status;
}

/* The variance of a group's numbers of samples of the classes, times their number squared: exact.
 */
static double spread(const double *counts, size_t classes) {
  double sum = 0, squares = 0;
  for (size_t c = 0; c < classes; c++) {
    sum += counts[c];
    squares += counts[c] * counts[c];
  }
  return (double)classes * squares - sum * sum;
}

/* The standard deviation over folds of the fraction of a class that each has, if the group with
 * `counts` goes to fold `chosen`. */
static double deviation(const tally *t, size_t class, size_t chosen, const double *counts) {
  double mean = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t f = 0; f < t->folds; f++) {
      const double added = f == chosen ? counts[class] : 0;
      const double part = (t->of_folds[f * t->classes + class] + added) / t->all[class];
      if (pass == 0) mean += part;
      if (pass == 1) squares += (part - mean) * (part - mean);
    }
    if (pass == 0) mean /= (double)t->folds;
  }
  return sqrt(squares / (double)t->folds);
}

/* As numpy.isclose. */
static bool is_close(double a, double b) {
  return isfinite(b) && fabs(a - b) <= 1e-8 + 1e-5 * fabs(b);
}

static size_t best_fold(const tally *t, const double *counts) {
  double least = INFINITY, fewest = INFINITY;
  size_t best = 0;
  for (size_t f = 0; f < t->folds; f++) {
    double sum = 0, samples = 0;
    for (size_t c = 0; c < t->classes; c++) {
      sum += deviation(t, c, f, counts);
      samples += t->of_folds[f * t->classes + c];
    }
    const double mean = sum / (double)t->classes;
    if (!(mean < least || (is_close(mean, least) && samples < fewest))) continue;
    least = mean;
    fewest = samples;
    best = f;
  }
  return best;
}

/* Sets fold_of [group]; groups with the most uneven classes first. */
static int assign_by_class(const ls_samples *train, const ls_groups *groups, size_t folds,
                           const ls_strata *strata, size_t *fold_of) {
  tally t;
  ranked *order = ls_new(groups->count, sizeof *order);
  int status = tally_create(&t, train, groups, folds, strata);
  if (!order) status = LS_FAILED;
  for (size_t i = 0; status == LS_OK && i < groups->count; i++) {
    order[i] = (ranked){spread(t.of_groups + i * t.classes, t.classes), i};
  }
  if (status == LS_OK) qsort(order, groups->count, sizeof *order, compare);
  for (size_t i = 0; status == LS_OK && i < groups->count; i++) {
    const double *counts = t.of_groups + order[i].group * t.classes;
    const size_t fold = best_fold(&t, counts);
    for (size_t c = 0; c < t.classes; c++) t.of_folds[fold * t.classes + c] += counts[c];
    fold_of[order[i].group] = fold;
  }
  free(order);
  tally_free(&t);
  return status;
}

/* ---- Interface ------------------------------------------------------------------------------- */

int ls_split_group_fold(ls_split *split, const ls_samples *train, const ls_groups *groups,
                        size_t folds, size_t fold, const ls_strata *strata) {
  size_t *fold_of = ls_new(groups->count, sizeof *fold_of);
  bool *validates = ls_new(groups->count, sizeof *validates);
  int status = fold_of && validates ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    status = strata ? assign_by_class(train, groups, folds, strata, fold_of)
                    : assign_by_size(groups, folds, fold_of);
  }
  for (size_t g = 0; status == LS_OK && g < groups->count; g++) validates[g] = fold_of[g] == fold;
  if (status == LS_OK) status = divide_groups(split, train, groups, validates);
  free(fold_of);
  free(validates);
  return status;
}

int ls_split_group_fraction(ls_split *split, const ls_samples *train, const ls_groups *groups,
                            double fraction, uint64_t seed) {
  const size_t count = (size_t)ceil(fraction * (double)groups->count);
  uint32_t *order = ls_new(groups->count, sizeof *order);
  bool *validates = ls_new(groups->count, sizeof *validates);
  int status = order && validates ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    ls_random_permutation((ls_stream){seed, LS_RANDOM_SPLIT, 0, 2, 0}, groups->count, order);
    for (size_t i = 0; i < count; i++) validates[order[i]] = true;
    status = divide_groups(split, train, groups, validates);
  }
  free(order);
  free(validates);
  return status;
}
