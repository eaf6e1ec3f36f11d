/* The samples that an analysis works on. */
#include "study/model/samples.h"

#include "base/memory.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "trial/digests.h"

#include <stdlib.h>
#include <string.h>

const char *const ls_split_names[] = {"train", "validation", "test"};
enum { SPLIT_NAMES = sizeof ls_split_names / sizeof *ls_split_names };

int ls_split_name_read(ls_split_name *out, const char *option, const char *text) {
  for (int i = 0; i < SPLIT_NAMES; i++) {
    if (strcmp(text, ls_split_names[i]) != 0) continue;
    *out = (ls_split_name)i;
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: '%s' (expected train, validation or test)", option, text);
}

/* Checks that the part of the model's dataset is as in training. `present` has its digests, once
 * they are needed. */
static int check_unchanged(const ls_trained *t, ls_part part, ls_digests *present) {
  char *differences = NULL;
  int status = LS_OK;
  if (t->digests.count == 0) return LS_OK;
  if (present->count == 0) status = ls_digests_add_part(present, t->plan, part);
  if (status == LS_OK) status = ls_digests_differences(&differences, &t->digests, present);
  if (status == LS_OK && differences) {
    status = ls_fail(LS_INVALID,
                     "%s: the data have changed since it was trained: %s (to use them all the "
                     "same, name them with --dataset)",
                     t->path, differences);
  }
  free(differences);
  return status;
}

static int find_samples(ls_samples *samples, ls_part *part, const ls_trained *trained,
                        ls_split_name which) {
  const ls_split *split = &trained->plan->split;
  const uint32_t *numbers = split->train;
  *samples = (ls_samples){.count = split->train_count};
  *part = LS_TRAIN;
  bool on_test = split->validation_part == LS_TEST;
  if (which == LS_SPLIT_VALIDATION || (which == LS_SPLIT_TEST && on_test)) {
    numbers = split->validation;
    samples->count = split->validation_count;
    *part = split->validation_part;
  } else if (which == LS_SPLIT_TEST) {
    numbers = split->test;
    samples->count = split->test_count;
    *part = LS_TEST;
  }
  if (samples->count == 0) {
    const bool has_train = split->train_count > 0;
    return ls_fail(LS_INVALID, "%s: there are no %s samples in %s (expected --split %s)",
                   trained->path, ls_split_names[which], trained->plan->dataset->path,
                   has_train ? "train" : "test");
  }
  samples->numbers = ls_new(samples->count, sizeof *samples->numbers);
  if (!samples->numbers) return LS_FAILED;
  memcpy(samples->numbers, numbers, samples->count * sizeof *numbers);
  ls_sort_samples(samples->numbers, samples->count);
  return LS_OK;
}

int ls_trained_samples(ls_samples *samples, ls_part *part, const ls_trained *trained,
                       ls_split_name which) {
  ls_digests present = {0};
  int status = find_samples(samples, part, trained, which);
  if (status == LS_OK) status = check_unchanged(trained, *part, &present);
  ls_digests_free(&present);
  return status;
}

int ls_trained_common_samples(ls_samples *samples, ls_part *part, ls_trained *const *models,
                              size_t count, ls_split_name which) {
  const char *dataset = models[0]->plan->dataset->path;
  int status = find_samples(samples, part, models[0], which);
  for (size_t i = 1; i < count && status == LS_OK; i++) {
    ls_samples other = {0};
    ls_part other_part = LS_TRAIN;
    status = find_samples(&other, &other_part, models[i], which);
    bool same = status == LS_OK && other_part == *part && other.count == samples->count &&
                strcmp(models[i]->plan->dataset->path, dataset) == 0 &&
                memcmp(other.numbers, samples->numbers, other.count * sizeof(uint32_t)) == 0;
    if (status == LS_OK && !same) {
      status = ls_fail(LS_INVALID,
                       "%s: has other %s samples than %s (expected models with the same samples)",
                       models[i]->path, ls_split_names[which], models[0]->path);
    }
    ls_samples_free(&other);
  }
  ls_digests present = {0};
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = check_unchanged(models[i], *part, &present);
  }
  ls_digests_free(&present);
  return status;
}

int ls_trained_find_samples(ls_part *part, const ls_trained *trained, ls_split_name which,
                            const char *verb, size_t count, const uint32_t *numbers) {
  const ls_dataset *dataset = trained->plan->dataset;
  ls_samples samples;
  int status = ls_trained_samples(&samples, part, trained, which);
  if (status != LS_OK) return status;
  ls_samples_free(&samples);
  for (size_t i = 0; i < count; i++) {
    if (numbers[i] < dataset->count[*part]) continue;
    return ls_fail(LS_INVALID, "%s: there is no sample %u in %s (expected 0 to %zu)", verb,
                   numbers[i], dataset->path, dataset->count[*part] - 1);
  }
  return LS_OK;
}

int ls_samples_read(ls_real *inputs, const ls_dataset *dataset, ls_part part, size_t count,
                    const uint32_t *numbers) {
  enum { MOST = 256 };
  size_t size = (size_t)ls_shape_size(&dataset->shape);
  unsigned char *records = ls_new(MOST, dataset->record_bytes);
  int status = records ? LS_OK : LS_FAILED;
  for (size_t i = 0, n = 1; i < count && status == LS_OK; i += n, n = 1) {
    while (n < MOST && i + n < count && numbers[i + n] == numbers[i] + n) n++;
    status = ls_dataset_read(dataset, part, numbers[i], n, records);
    for (size_t k = 0; k < n && status == LS_OK; k++) {
      ls_dataset_decode(dataset, records + k * dataset->record_bytes, inputs + (i + k) * size);
    }
  }
  free(records);
  return status;
}

int ls_samples_labels(int32_t *labels, const ls_dataset *dataset, ls_part part, size_t target,
                      const ls_samples *samples) {
  int32_t *all = ls_new(dataset->count[part], sizeof *all);
  int status = all ? ls_dataset_labels(dataset, part, target, all) : LS_FAILED;
  for (size_t i = 0; i < samples->count && status == LS_OK; i++) {
    labels[i] = all[samples->numbers[i]];
  }
  free(all);
  return status;
}
