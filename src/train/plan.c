/* Working out one trial. */
#include "lockstep/plan.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALIDATION_PIECE = 256 };

static int open_dataset(ls_plan *plan, const ls_job *job) {
  const ls_dataset_args *args = &plan->recipe.dataset;
  char *path = NULL;
  int status = LS_OK;
  if (args->file) {
    path = ls_copy_text(args->file);
    status = path ? LS_OK : LS_FAILED;
  } else {
    status = ls_dataset_path(&path, args->name);
  }
  if (status == LS_OK && access(path, R_OK) == 0) {
    status = ls_dataset_open(&plan->dataset, path);
  } else if (status == LS_OK && args->file) {
    status = ls_job_fail(job, "dataset", "file", "cannot open '%s': %s", path, strerror(errno));
  } else if (status == LS_OK) {
    status = ls_job_fail(job, "dataset", "name",
                         "no dataset '%s' (expected %s; make it with: lockstep data %s)",
                         args->name, path, args->name);
  }
  free(path);
  return status;
}

static int split_dataset(ls_plan *plan, const ls_job *job, size_t trial) {
  const ls_choice *chosen = &plan->recipe.dataset.validation;
  const ls_dataset *dataset = plan->dataset;
  bool by_folds = chosen->type == &ls_validation_folds;
  size_t folds = ls_job_folds(job);
  int status = LS_OK;
  if (by_folds && folds == 0) {
    return ls_job_fail(job, "sweep", "folds", "is missing, but dataset.validation is folds");
  }
  if (!by_folds && folds > 0) {
    return ls_job_fail(job, "sweep", "folds", "is not used (expected dataset.validation: folds)");
  }
  if (by_folds) {
    status = ls_split_fold(&plan->split, dataset, folds, ls_job_fold(job, trial),
                           (uint64_t)plan->recipe.train.seed);
  } else if (chosen->type == &ls_validation_fraction) {
    const ls_validation_fraction_args *args = chosen->args;
    status = ls_split_fraction(&plan->split, dataset, args->fraction);
  } else {
    status = ls_split_test(&plan->split, dataset);
  }
  if (status == LS_OK && (plan->split.train_count == 0 || plan->split.validation_count == 0)) {
    return ls_job_fail(job, "dataset", "validation",
                       "leaves %zu samples to train and %zu to validate of the %zu and %zu in %s",
                       plan->split.train_count, plan->split.validation_count,
                       dataset->count[LS_TRAIN], dataset->count[LS_TEST], dataset->path);
  }
  return status;
}

static void add_curve(ls_plan *plan, const char *prefix, const char *name, const char *description,
                      const char *units) {
  ls_curve *curve = &plan->curves[plan->curve_count++];
  snprintf(curve->name, sizeof curve->name, "%s%s", prefix, name);
  snprintf(curve->long_name, sizeof curve->long_name, "%s%s", *prefix ? "validation " : "",
           description);
  curve->units = units;
}

static int list_curves(ls_plan *plan) {
  const ls_choices *metrics = &plan->recipe.train.metrics;
  if (2 * (metrics->count + 1) + 2 > LS_MAX_CURVES) {
    return ls_fail(LS_INVALID, "%s: too many metrics", metrics->items[0].where);
  }
  plan->metric_count = 1 + metrics->count;
  for (int validation = 0; validation < 2; validation++) {
    const char *prefix = validation ? "val_" : "";
    add_curve(plan, prefix, "loss", "loss", "1");
    for (size_t i = 0; i < metrics->count; i++) {
      add_curve(plan, prefix, metrics->items[i].type->name, metrics->items[i].type->name, "1");
    }
  }
  add_curve(plan, "", "learning_rate", "learning rate at the beginning of the epoch", "1");
  add_curve(plan, "", "epoch_seconds", "duration of the epoch with its validation", "s");
  return LS_OK;
}

/* Whether more of a training or validation curve is better. */
static bool higher_is_better(const ls_plan *plan, size_t curve) {
  size_t metric = curve % plan->metric_count;
  if (metric == 0) return false;
  const ls_choice *chosen = &plan->recipe.train.metrics.items[metric - 1];
  return ((const ls_metric_type *)chosen->type)->higher_is_better;
}

static int choose_monitor(ls_plan *plan, const ls_job *job) {
  const ls_early_stopping_args *stopping = &plan->recipe.train.early_stopping;
  plan->headline = plan->metric_count + (plan->metric_count > 1 ? 1 : 0);
  plan->monitor = plan->headline;
  if (stopping->monitor) {
    size_t i = 0;
    while (i < 2 * plan->metric_count && strcmp(plan->curves[i].name, stopping->monitor) != 0) i++;
    if (i == 2 * plan->metric_count) {
      return ls_job_fail(job, "train", "early_stopping",
                         "monitor: unknown curve '%s' (expected one such as '%s')",
                         stopping->monitor, plan->curves[plan->headline].name);
    }
    plan->monitor = i;
  }
  plan->monitor_higher = higher_is_better(plan, plan->monitor);
  if (stopping->monitor && stopping->mode == LS_MONITOR_MIN) plan->monitor_higher = false;
  if (stopping->monitor && stopping->mode == LS_MONITOR_MAX) plan->monitor_higher = true;
  return LS_OK;
}

int ls_plan_create(ls_plan **out, const ls_job *job, size_t trial) {
  *out = NULL;
  ls_plan *plan = ls_new(1, sizeof *plan);
  if (!plan) return LS_FAILED;
  int status = ls_job_bind(job, trial, &plan->recipe);
  if (status == LS_OK) status = open_dataset(plan, job);
  if (status == LS_OK) status = split_dataset(plan, job, trial);
  if (status == LS_OK) {
    status = ls_model_create(&plan->model, &plan->recipe.model, &plan->recipe.train.loss,
                             &plan->dataset->shape, plan->dataset->classes);
  }
  if (status == LS_OK) status = list_curves(plan);
  if (status == LS_OK) status = choose_monitor(plan, job);
  if (status != LS_OK) {
    ls_plan_free(&plan);
    return status;
  }
  const ls_train_args *train = &plan->recipe.train;
  plan->seed = (uint64_t)train->seed + ls_job_replicate(job, trial);
  plan->epochs = (size_t)train->epochs;
  plan->batch = (size_t)train->batch_size;
  if (plan->batch > plan->split.train_count) plan->batch = plan->split.train_count;
  plan->steps = (plan->split.train_count + plan->batch - 1) / plan->batch;
  *out = plan;
  return LS_OK;
}

void ls_plan_free(ls_plan **plan) {
  ls_plan *p = *plan;
  if (!p) return;
  ls_model_free(&p->model);
  ls_split_free(&p->split);
  ls_dataset_free(&p->dataset);
  ls_component_clear(&ls_recipe_component, &p->recipe);
  free(p);
  *plan = NULL;
}

ls_layout ls_plan_train_layout(const ls_plan *plan, size_t shards, size_t ranks) {
  return (ls_layout){plan->split.train_count, plan->batch, shards, ranks};
}

ls_layout ls_plan_validation_layout(const ls_plan *plan, size_t ranks) {
  size_t n = plan->split.validation_count;
  return (ls_layout){n, n, (n + VALIDATION_PIECE - 1) / VALIDATION_PIECE, ranks};
}

size_t ls_plan_capacity(const ls_plan *plan, size_t shards) {
  ls_layout train = ls_plan_train_layout(plan, shards, 1);
  ls_layout validation = ls_plan_validation_layout(plan, 1);
  size_t a = ls_layout_largest_shard(&train), b = ls_layout_largest_shard(&validation);
  return a > b ? a : b;
}
