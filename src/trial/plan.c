/* Creating a plan: the values are bound, the dataset opened, the model assembled. */
#include "trial/plan.h"

#include "base/memory.h"
#include "base/paths.h"
#include "lockstep/error.h"
#include "nn/products/kernels.h"
#include "store/checkpoint/model_file.h"
#include "trial/curves.h"
#include "trial/sample_weights.h"
#include "trial/samples.h"
#include "trial/thresholds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int ls_plan_dataset_path(char **out, const ls_recipe *recipe) {
  const ls_dataset_args *args = &recipe->dataset;
  if (!args->file) return ls_dataset_path(out, args->name);
  return ls_find_file(out, NULL, recipe->folder, args->file);
}

const char *ls_plan_dataset_name(const ls_plan *plan) {
  const ls_dataset_args *args = &plan->recipe.dataset;
  return args->file ? args->file : args->name;
}

static int open_dataset(ls_plan *plan, const ls_job *job) {
  const ls_dataset_args *args = &plan->recipe.dataset;
  char *path = NULL;
  int status = ls_plan_dataset_path(&path, &plan->recipe);
  if (status == LS_OK && access(path, R_OK) == 0) {
    status = ls_dataset_open_as(&plan->dataset, path, args->allow_external);
  } else if (status == LS_OK && args->file) {
    int error = errno;
    char places[256] = "";
    if (error == ENOENT) ls_looked_in(places, plan->recipe.folder, path);
    status = ls_job_fail(job, "dataset", "file", "cannot open '%s': %s%s", path, strerror(error),
                         places);
  } else if (status == LS_OK) {
    status = ls_job_fail(job, "dataset", "name", "no dataset '%s' (expected %s)", args->name, path);
  }
  free(path);
  return status;
}

/* The shape of the model's input: the output of the transforms. */
static int find_input(ls_plan *plan) {
  const size_t learn_from = plan->evaluates_only ? SIZE_MAX : plan->split.train_count;
  int status = ls_transforms_create(&plan->transforms, &plan->recipe.dataset.transform,
                                    &plan->dataset->shape, learn_from);
  if (status == LS_OK) plan->input = *ls_transforms_output(plan->transforms);
  return status;
}

/* ---- Heads and their targets ----------------------------------------------------------------- */

/* Finds the target that a head names: NULL stands for the dataset's only one. */
static int find_target(ls_plan *plan, size_t head, const char *name, const char *where) {
  const ls_dataset *dataset = plan->dataset;
  ls_target *target = &plan->heads[head].target;
  if (name && strcmp(name, "input") == 0) {
    *target = (ls_target){"input", true, 0, (size_t)ls_shape_size(&plan->input)};
    return LS_OK;
  }
  for (size_t i = 0; i < dataset->target_count; i++) {
    const ls_dataset_target *t = &dataset->targets[i];
    if (name ? strcmp(t->name, name) != 0 : dataset->target_count > 1) continue;
    *target = (ls_target){*t->name ? t->name : "y", false, t->classes, t->width};
    plan->head_target[head] = i;
    return LS_OK;
  }
  if (!name) {
    return ls_fail(LS_INVALID, "%s: lacks 'target': %s has several (expected '%s', ...)", where,
                   dataset->path, dataset->targets[0].name);
  }
  return ls_fail(LS_INVALID, "%s: %s has no target '%s' (expected %s%s%s or input)", where,
                 dataset->path, name, *dataset->targets[0].name ? "'" : "none",
                 dataset->targets[0].name, *dataset->targets[0].name ? "', ..." : "");
}

/* A head without a name or layers of its own, whose loss has weight 1. */
static ls_head_spec spec_of(const ls_recipe *recipe, size_t head, const char *where) {
  const ls_objective_args *objective = ls_recipe_objective(recipe, head);
  return (ls_head_spec){.loss = objective->loss,
                        .weight = 1,
                        .scales = objective->target_scaling.type != NULL,
                        .metrics = objective->metrics,
                        .where = where};
}

size_t ls_plan_head_specs(ls_head_spec specs[LS_MAX_HEADS + 1], const ls_recipe *recipe) {
  const ls_sections *heads = &recipe->heads;
  if (heads->count == 0) {
    specs[0] = spec_of(recipe, 0, recipe->model.items[recipe->model.count - 1].where);
    return 1;
  }
  for (size_t i = 0; i < heads->count && i <= LS_MAX_HEADS; i++) {
    const ls_section *section = &heads->items[i];
    const ls_head_args *args = section->values;
    specs[i] = spec_of(recipe, i, section->where);
    specs[i].name = section->name;
    specs[i].layers = &args->layers;
    specs[i].weight = args->loss_weight;
  }
  return heads->count;
}

/* Checks that a head scales its target only where that is values of the dataset. */
static int check_scaling(const ls_plan *plan, size_t head) {
  const ls_head_spec *spec = &plan->heads[head];
  if (!spec->scales || (spec->target.classes == 0 && !spec->target.input)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: target_scaling needs a target of values, but %s %s", spec->where,
                 spec->target.name, spec->target.input ? "is the input" : "has class labels");
}

/* Finds the targets of `count` heads: those that they name, or those of their own names. */
static int find_targets(ls_plan *plan, size_t count) {
  int status = LS_OK;
  for (size_t i = 0; i < count && i < LS_MAX_HEADS && status == LS_OK; i++) {
    const char *name = ls_recipe_objective(&plan->recipe, i)->target;
    if (!name && plan->dataset->target_count > 1) name = plan->heads[i].name;
    status = find_target(plan, i, name, plan->heads[i].where);
    if (status == LS_OK) status = check_scaling(plan, i);
  }
  return status;
}

static bool same_text(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Takes the dataset of another plan, and its split, where they are those of this plan. */
static void borrow_samples(ls_plan *plan, const ls_job *job, const ls_plan *other) {
  const ls_dataset_args *own = &plan->recipe.dataset;
  if (!same_text(own->name, other->recipe.dataset.name) ||
      !same_text(own->file, other->recipe.dataset.file)) {
    return;
  }
  plan->borrows_dataset = true;
  plan->dataset = other->dataset;
  if (!samples_same(job, &plan->recipe, plan->trial, &other->recipe, other->trial)) return;
  plan->lender = other;
  plan->split = other->split;
}

/* Opens the dataset and splits it, or borrows either. */
static int get_samples(ls_plan *plan, const ls_job *job, const ls_plan *const *others,
                       size_t count) {
  for (size_t i = 0; i < count && !plan->lender; i++) borrow_samples(plan, job, others[i]);
  int status = plan->borrows_dataset ? LS_OK : open_dataset(plan, job);
  if (status != LS_OK || plan->lender) return status;
  return samples_split(&plan->split, plan->dataset, &plan->recipe, job, plan->trial);
}

/* Opens a file in the place of the job's dataset, and takes all its samples. */
static int get_other_samples(ls_plan *plan, const char *dataset) {
  ls_samples parts[LS_PART_COUNT] = {{0}};
  int status = ls_dataset_open(&plan->dataset, dataset);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    const size_t count = plan->dataset->count[part];
    status = ls_samples_choose(&parts[part], count, count, NULL, NULL);
  }
  if (status == LS_OK) status = ls_split_test(&plan->split, &parts[LS_TRAIN], &parts[LS_TEST]);
  for (int part = 0; part < LS_PART_COUNT; part++) ls_samples_free(&parts[part]);
  return status;
}

static int is_misplaced(bool *misplaced, const ls_recipe *recipe, const char *file) {
  char *path = NULL;
  int status = ls_find_file(&path, misplaced, recipe->folder, file);
  free(path);
  return status;
}

int ls_plan_misplaced_file(const char **out, const ls_plan *plan) {
  const ls_recipe *recipe = &plan->recipe;
  bool misplaced = false;
  *out = recipe->dataset.file;
  int status = *out ? is_misplaced(&misplaced, recipe, *out) : LS_OK;
  for (size_t i = 0; i < plan->model->layer_count && status == LS_OK && !misplaced; i++) {
    *out = ls_model_file_of(&plan->model->layers[i]);
    if (*out) status = is_misplaced(&misplaced, recipe, *out);
  }
  if (!misplaced) *out = NULL;
  return status;
}

/* A function of the batch alone, so that a job has one result on any number of ranks: the largest
 * power of two that leaves 16 samples to a shard, up to 64 shards; batches below 64 have shards of
 * 8 samples, up to 4. Measured: the gradient of 784 x 512 weights for 128 samples takes 1.05 times
 * as long with 8 shards as with one. */
static size_t default_shards(size_t batch) {
  size_t shards = 1;
  while (shards < 64 && batch / (2 * shards) >= (shards < 4 ? 8 : 16)) shards *= 2;
  return shards;
}

static int choose_kernels(ls_plan *plan, const ls_job *job) {
  const ls_train_args *train = &plan->recipe.train;
  const bool rounds = train->precision == LS_PRECISION_BFLOAT16;
  if (rounds && train->products == LS_PRODUCTS_OPENBLAS) {
    return ls_job_fail(job, "train", "precision",
                       "bfloat16 is not available with 'products: openblas'");
  }
  if (rounds && !ls_kernels_bfloat16()) {
    return ls_job_fail(
        job, "train", "precision",
        "bfloat16 is not available in this build, which computes in double precision");
  }
  if (train->products == LS_PRODUCTS_OPENBLAS) plan->model->kernels = &ls_kernels_openblas;
  if (rounds) plan->model->kernels = ls_kernels_bfloat16();
  return LS_OK;
}

/* `dataset` is that of ls_plan_create_on, or NULL; `others` are those of ls_plan_create_beside. */
static int create(ls_plan **out, const ls_job *job, size_t trial, const char *dataset,
                  const ls_plan *const *others, size_t count) {
  *out = NULL;
  ls_plan *plan = ls_new(1, sizeof *plan);
  if (!plan) return LS_FAILED;
  plan->trial = trial;
  plan->evaluates_only = dataset != NULL;
  int status = ls_job_bind(job, trial, &plan->recipe);
  if (status == LS_OK) {
    status = dataset ? get_other_samples(plan, dataset) : get_samples(plan, job, others, count);
  }
  if (status == LS_OK) status = find_input(plan);
  const size_t heads = status == LS_OK ? ls_plan_head_specs(plan->heads, &plan->recipe) : 0;
  if (status == LS_OK) status = find_targets(plan, heads);
  if (status == LS_OK) status = sample_weights_find(plan);
  if (status == LS_OK) {
    status = ls_model_create(&plan->model, &plan->recipe.model, plan->heads, heads, &plan->input);
  }
  if (status == LS_OK) status = thresholds_check(plan);
  if (status == LS_OK) status = choose_kernels(plan, job);
  if (status == LS_OK) status = curves_plan(plan, job);
  if (status != LS_OK) {
    ls_plan_free(&plan);
    return status;
  }
  const ls_train_args *train = &plan->recipe.train;
  plan->seed = (uint64_t)train->seed + ls_job_replicate(job, trial);
  plan->epochs = (size_t)train->epochs;
  plan->batch = (size_t)train->batch_size;
  if (plan->batch > plan->split.train_count && !plan->evaluates_only) {
    plan->batch = plan->split.train_count;
  }
  plan->shards = train->shards > 0 ? (size_t)train->shards : default_shards(plan->batch);
  plan->steps = (plan->split.train_count + plan->batch - 1) / plan->batch;
  *out = plan;
  return LS_OK;
}

int ls_plan_create(ls_plan **out, const ls_job *job, size_t trial) {
  return create(out, job, trial, NULL, NULL, 0);
}

int ls_plan_create_beside(ls_plan **out, const ls_job *job, size_t trial,
                          const ls_plan *const *others, size_t count) {
  return create(out, job, trial, NULL, others, count);
}

int ls_plan_create_on(ls_plan **out, const ls_job *job, size_t trial, const char *dataset) {
  return create(out, job, trial, dataset, NULL, 0);
}

void ls_plan_free(ls_plan **plan) {
  ls_plan *p = *plan;
  if (!p) return;
  ls_model_free(&p->model);
  for (size_t i = 0; i < LS_MAX_HEADS; i++) free(p->class_weights[i]);
  ls_transforms_free(&p->transforms);
  if (!p->lender) ls_split_free(&p->split);
  if (!p->borrows_dataset) ls_dataset_free(&p->dataset);
  ls_component_clear(&ls_recipe_component, &p->recipe);
  free(p);
  *plan = NULL;
}

bool ls_plan_uses(const ls_plan *plan, ls_part part) {
  return part == LS_TRAIN || plan->split.validation_part == LS_TEST || plan->split.test_count > 0;
}

bool ls_plan_shuffles_blocks(const ls_plan *plan) {
  return samples_shuffle_blocks(&plan->recipe, &plan->split);
}

bool ls_plan_uses_blas(const ls_plan *plan) {
  bool uses = plan->recipe.train.products == LS_PRODUCTS_OPENBLAS;
  for (size_t i = 0; i < plan->transforms->count && !uses; i++) {
    uses = plan->transforms->items[i].type->uses_blas;
  }
  return uses;
}
