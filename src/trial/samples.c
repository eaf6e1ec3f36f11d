/* Splitting a trial's dataset: subsets first, then folds, a fraction, groups or the test part. */
#include "trial/samples.h"

#include "base/memory.h"
#include "data/groups.h"
#include "data/records.h"
#include "data/shuffle.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the groups, without an argument: as in scikit-learn. */
static const double DEFAULT_FRACTION = 0.2;

/* The inputs of a split and its intermediate results. */
typedef struct choosing {
  const ls_dataset *dataset;
  const ls_recipe *recipe;
  const ls_job *job;
  size_t target;                     /* the first target with classes; target_count if none has */
  ls_strata strata[LS_PART_COUNT];   /* labels of that target, once they are read */
  ls_samples samples[LS_PART_COUNT]; /* the subset */
} choosing;

static void clear(choosing *c) {
  for (int part = 0; part < LS_PART_COUNT; part++) {
    free((void *)c->strata[part].labels);
    ls_samples_free(&c->samples[part]);
  }
}

/* Reads the labels of a part, once. */
static int read_strata(choosing *c, ls_part part, const char *key) {
  const ls_dataset *dataset = c->dataset;
  if (c->strata[part].labels) return LS_OK;
  if (c->target == dataset->target_count) {
    return ls_job_fail(c->job, "dataset", key, "stratified needs class labels, but %s has values",
                       dataset->path);
  }
  int32_t *labels = ls_new(dataset->count[part], sizeof *labels);
  c->strata[part] = (ls_strata){labels, (size_t)dataset->targets[c->target].classes};
  return labels ? ls_dataset_labels(dataset, part, c->target, labels) : LS_FAILED;
}

/* The number of the part's samples to take: `wanted` is a number, a fraction, or NaN or 0 for all.
 */
static int count_wanted(const choosing *c, ls_part part, double wanted, size_t *count) {
  const ls_dataset *dataset = c->dataset;
  size_t n = dataset->count[part];
  *count = n;
  if (!(wanted > 0)) return LS_OK;
  *count = (size_t)(wanted < 1 ? rint(wanted * (double)n) : wanted);
  if (*count >= 1 && *count <= n) return LS_OK;
  return ls_job_fail(c->job, "dataset", "subset",
                     "%s: %g is %zu samples (expected 1 to %zu, the samples in %s)",
                     part == LS_TRAIN ? "train" : "test", wanted, *count, n, dataset->path);
}

static int choose_subset(choosing *c, ls_part part) {
  const ls_subset_args *subset = &c->recipe->dataset.subset;
  double wanted = part == LS_TRAIN ? subset->train : subset->test;
  uint64_t seed = subset->seed >= 0 ? (uint64_t)subset->seed : 0;
  size_t n = c->dataset->count[part], count;
  int status = count_wanted(c, part, wanted, &count);
  bool stratified = subset->stratified && count < n;
  if (status == LS_OK && stratified) status = read_strata(c, part, "subset");
  if (status != LS_OK) return status;
  return ls_samples_choose(&c->samples[part], n, count, stratified ? &c->strata[part] : NULL,
                           subset->seed >= 0 && count < n ? &seed : NULL);
}

static int split_fold(choosing *c, size_t trial, ls_split *result) {
  bool stratified = c->target < c->dataset->target_count;
  int status = stratified ? read_strata(c, LS_TRAIN, "validation") : LS_OK;
  if (status != LS_OK) return status;
  return ls_split_fold(result, &c->samples[LS_TRAIN], ls_job_folds(c->job),
                       ls_job_fold(c->job, trial), stratified ? &c->strata[LS_TRAIN] : NULL,
                       (uint64_t)c->recipe->train.seed);
}

static int split_fraction(choosing *c, const ls_validation_fraction_args *args, ls_split *result) {
  uint64_t seed = (uint64_t)c->recipe->train.seed;
  int status = args->stratified ? read_strata(c, LS_TRAIN, "validation") : LS_OK;
  if (status != LS_OK) return status;
  return ls_split_fraction(result, &c->samples[LS_TRAIN], args->fraction,
                           args->stratified ? &c->strata[LS_TRAIN] : NULL,
                           args->shuffle ? &seed : NULL);
}

/* Checks that the arguments go with what the sweep has. */
static int check_groups(const choosing *c, const ls_validation_group_args *args,
                        const ls_groups *groups) {
  const size_t folds = ls_job_folds(c->job);
  const char *wrong = NULL;
  if (folds > 0 && !isnan(args->fraction)) wrong = "fraction is not used with sweep.folds";
  if (folds == 0 && args->stratified) wrong = "stratified needs sweep.folds";
  if (wrong) return ls_job_fail(c->job, "dataset", "validation", "%s", wrong);
  const size_t least = folds > 2 ? folds : 2;
  if (groups->count >= least) return LS_OK;
  return ls_job_fail(c->job, "dataset", "validation",
                     "the samples have %zu group%s (expected at least %zu)", groups->count,
                     groups->count == 1 ? "" : "s", least);
}

static int split_groups(choosing *c, const ls_validation_group_args *args, size_t trial,
                        const ls_groups *groups, ls_split *result) {
  const ls_samples *train = &c->samples[LS_TRAIN];
  const size_t folds = ls_job_folds(c->job);
  int status = args->stratified ? read_strata(c, LS_TRAIN, "validation") : LS_OK;
  if (status != LS_OK) return status;
  if (folds == 0) {
    return ls_split_group_fraction(result, train, groups,
                                   isnan(args->fraction) ? DEFAULT_FRACTION : args->fraction,
                                   (uint64_t)c->recipe->train.seed);
  }
  return ls_split_group_fold(result, train, groups, folds, ls_job_fold(c->job, trial),
                             args->stratified ? &c->strata[LS_TRAIN] : NULL);
}

static int split_by_group(choosing *c, const ls_validation_group_args *args, size_t trial,
                          ls_split *result) {
  ls_groups groups = {0};
  int64_t *values = ls_new(c->dataset->count[LS_TRAIN], sizeof *values);
  int status = values ? ls_dataset_groups(c->dataset, args->group, values) : LS_FAILED;
  if (status == LS_OK) status = ls_groups_create(&groups, &c->samples[LS_TRAIN], values);
  if (status == LS_OK) status = check_groups(c, args, &groups);
  if (status == LS_OK) status = split_groups(c, args, trial, &groups, result);
  ls_groups_destroy(&groups);
  free(values);
  return status;
}

static int split(choosing *c, size_t trial, ls_split *result) {
  const ls_choice *chosen = &c->recipe->dataset.validation;
  if (chosen->type == &ls_validation_folds) return split_fold(c, trial, result);
  if (chosen->type == &ls_validation_fraction) return split_fraction(c, chosen->args, result);
  if (chosen->type == &ls_validation_group) return split_by_group(c, chosen->args, trial, result);
  return ls_split_test(result, &c->samples[LS_TRAIN], &c->samples[LS_TEST]);
}

/* The final weights are measured on the test samples where validation is on others. */
static void take_tests(choosing *c, ls_split *result) {
  if (result->validation_part == LS_TEST || c->samples[LS_TEST].count == 0) return;
  result->test = c->samples[LS_TEST].numbers;
  result->test_count = c->samples[LS_TEST].count;
  c->samples[LS_TEST] = (ls_samples){0};
}

/* `sweep.folds` and `dataset.validation: folds` come together or not at all; groups take either. */
static int check_folds(const ls_recipe *recipe, const ls_job *job) {
  bool by_folds = recipe->dataset.validation.type == &ls_validation_folds;
  if (by_folds && ls_job_folds(job) == 0) {
    return ls_job_fail(job, "sweep", "folds", "is missing, but dataset.validation is folds");
  }
  bool by_group = recipe->dataset.validation.type == &ls_validation_group;
  if (!by_folds && !by_group && ls_job_folds(job) > 0) {
    return ls_job_fail(job, "sweep", "folds",
                       "is not used (expected dataset.validation: folds or group)");
  }
  return LS_OK;
}

static size_t first_with_classes(const ls_dataset *dataset) {
  size_t target = 0;
  while (target < dataset->target_count && dataset->targets[target].classes == 0) target++;
  return target;
}

bool samples_shuffle_blocks(const ls_recipe *recipe, const ls_split *split) {
  return ls_shuffle_has_blocks(split->train_count, (size_t)recipe->dataset.shuffle_buffer_size);
}

int samples_split(ls_split *result, const ls_dataset *dataset, const ls_recipe *recipe,
                  const ls_job *job, size_t trial) {
  choosing c = {
      .dataset = dataset, .recipe = recipe, .job = job, .target = first_with_classes(dataset)};
  int status = check_folds(recipe, job);
  if (status == LS_OK) status = choose_subset(&c, LS_TRAIN);
  if (status == LS_OK) status = choose_subset(&c, LS_TEST);
  if (status == LS_OK) status = split(&c, trial, result);
  if (status == LS_OK && (result->train_count == 0 || result->validation_count == 0)) {
    status =
        ls_job_fail(job, "dataset", "validation",
                    "leaves %zu training and %zu validation samples (expected at least 1 of each, "
                    "of the %zu and %zu in %s)",
                    result->train_count, result->validation_count, c.samples[LS_TRAIN].count,
                    c.samples[LS_TEST].count, dataset->path);
  }
  if (status == LS_OK) take_tests(&c, result);
  if (status == LS_OK && samples_shuffle_blocks(recipe, result)) {
    ls_sort_samples(result->train, result->train_count);
  }
  clear(&c);
  return status;
}

static bool same_real(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

static bool same_groups(const ls_validation_group_args *x, const ls_validation_group_args *y) {
  return strcmp(x->group, y->group) == 0 && same_real(x->fraction, y->fraction) &&
         x->stratified == y->stratified;
}

bool samples_same(const ls_job *job, const ls_recipe *recipe, size_t trial, const ls_recipe *other,
                  size_t other_trial) {
  const ls_subset_args *a = &recipe->dataset.subset, *b = &other->dataset.subset;
  const ls_choice *validation = &recipe->dataset.validation;
  bool same = same_real(a->train, b->train) && same_real(a->test, b->test) &&
              a->stratified == b->stratified && same_real(a->seed, b->seed) &&
              validation->type == other->dataset.validation.type &&
              recipe->dataset.shuffle_buffer_size == other->dataset.shuffle_buffer_size;
  bool seeded = validation->type == &ls_validation_folds;
  if (same && validation->type == &ls_validation_fraction) {
    const ls_validation_fraction_args *x = validation->args, *y = other->dataset.validation.args;
    same = x->fraction == y->fraction && x->shuffle == y->shuffle && x->stratified == y->stratified;
    seeded = x->shuffle;
  }
  if (same && validation->type == &ls_validation_group) {
    same = same_groups(validation->args, other->dataset.validation.args);
    seeded = ls_job_folds(job) == 0;
  }
  return same && (!seeded || recipe->train.seed == other->train.seed) &&
         ls_job_fold(job, trial) == ls_job_fold(job, other_trial);
}
