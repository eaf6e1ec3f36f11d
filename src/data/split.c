/* Which samples train and which validate. */
#include "lockstep/split.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/parts.h"
#include "lockstep/random.h"

#include <stdlib.h>

static int allocate(ls_split *split, size_t train, size_t validation, ls_part part) {
  *split = (ls_split){ls_new(train, sizeof *split->train), train,
                      ls_new(validation, sizeof *split->validation), validation, part};
  if (split->train && split->validation) return LS_OK;
  ls_split_free(split);
  return LS_FAILED;
}

static void count_up(uint32_t *numbers, size_t count, size_t first) {
  for (size_t i = 0; i < count; i++) numbers[i] = (uint32_t)(first + i);
}

int ls_split_test(ls_split *split, const ls_dataset *dataset) {
  int status = allocate(split, dataset->count[LS_TRAIN], dataset->count[LS_TEST], LS_TEST);
  if (status != LS_OK) return status;
  count_up(split->train, split->train_count, 0);
  count_up(split->validation, split->validation_count, 0);
  return LS_OK;
}

int ls_split_fraction(ls_split *split, const ls_dataset *dataset, double fraction) {
  size_t n = dataset->count[LS_TRAIN], kept = (size_t)((double)n * (1 - fraction));
  int status = allocate(split, kept, n - kept, LS_TRAIN);
  if (status != LS_OK) return status;
  count_up(split->train, kept, 0);
  count_up(split->validation, n - kept, kept);
  return LS_OK;
}

int ls_split_fold(ls_split *split, const ls_dataset *dataset, size_t folds, size_t fold,
                  uint64_t seed) {
  size_t n = dataset->count[LS_TRAIN];
  size_t first = ls_part_begin(n, folds, fold), end = ls_part_begin(n, folds, fold + 1);
  uint32_t *order = ls_new(n, sizeof *order);
  int status = order ? allocate(split, n - (end - first), end - first, LS_TRAIN) : LS_FAILED;
  if (status == LS_OK) {
    ls_random_permutation((ls_stream){seed, LS_RANDOM_SPLIT, 0, 0, 0}, n, order);
    size_t train = 0, validation = 0;
    for (size_t i = 0; i < n; i++) {
      bool held_out = i >= first && i < end;
      if (held_out) split->validation[validation++] = order[i];
      if (!held_out) split->train[train++] = order[i];
    }
  }
  free(order);
  return status;
}

void ls_split_free(ls_split *split) {
  free(split->train);
  free(split->validation);
  free(split->test);
  *split = (ls_split){0};
}
