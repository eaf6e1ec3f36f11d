/* Opening a trained model: one rank reads the file for all. */
#include "study/model/trained.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "base/text.h"
#include "data/fit.h"
#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"
#include "study/model/same_data.h"
#include "trial/learnt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The job, with the overrides of the options ---- */

enum { MOST_SETS = LS_MAX_HEADS };

typedef struct sets {
  const char *items[MOST_SETS];
  size_t count;
  ls_memory memory; /* of the items */
} sets;

/* The file of a dataset given by name or path, to be freed. */
static int find_dataset(char **path, const char *dataset) {
  if (!ls_dataset_is_path(dataset)) return ls_dataset_path(path, dataset);
  return (*path = ls_copy_text(dataset)) ? LS_OK : LS_FAILED;
}

/* Adds a metric as in a job; its arguments are numbers. */
static void add_metric(ls_text *text, const ls_choice *metric) {
  ls_text_add(text, "{%s: {", metric->type->name);
  for (const ls_arg *arg = metric->type->args; arg->name; arg++) {
    const char *at = (const char *)metric->args + arg->offset;
    if (arg->kind == LS_ARG_INTEGER) {
      ls_text_add(text, "%s: %" PRId64 ",", arg->name, *(const int64_t *)at);
    } else {
      ls_text_add(text, "%s: %.17g,", arg->name, *(const double *)at);
    }
  }
  ls_text_add(text, "}},");
}

static bool has_metric(const ls_choices *metrics, const char *name, size_t length) {
  for (size_t i = 0; i < metrics->count; i++) {
    const char *own = metrics->items[i].type->name;
    if (strlen(own) == length && memcmp(own, name, length) == 0) return true;
  }
  return false;
}

/* The metrics of each head, and those of `names` that are not among them. */
static int set_metrics(sets *s, const ls_model *model, const char *names) {
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_choices *own = ls_head_metrics(&model->heads[h]);
    const char *head = model->heads[h].spec.name;
    ls_text text = {0};
    ls_text_add(&text, "%s%s.metrics=[", head ? "heads." : "train", head ? head : "");
    for (size_t i = 0; i < own->count; i++) add_metric(&text, &own->items[i]);
    for (const char *at = names; *at;) {
      size_t length = strcspn(at, ",");
      if (!has_metric(own, at, length)) ls_text_add(&text, "%.*s,", (int)length, at);
      at += length + (at[length] == ',');
    }
    ls_text_add(&text, "]");
    const char *set = ls_memory_keep(&s->memory, ls_text_take(&text));
    if (set) s->items[s->count++] = set;
  }
  return ls_memory_status(&s->memory);
}

/* Reads the job with the overrides and plans the trial again, on the file `dataset` unless it is
 * NULL. */
static int plan_with(ls_trained *t, const char *text, const char *dataset, const sets *s) {
  ls_plan_free(&t->plan);
  ls_job_free(&t->job);
  int status = ls_job_read(&t->job, t->path, text, s->items, s->count, &ls_recipe_component);
  if (status == LS_OK && t->trial >= ls_job_trials(t->job)) {
    status = ls_fail(LS_INVALID, "%s: its job has no trial %zu", t->path, t->trial + 1);
  }
  if (status != LS_OK) return status;
  return dataset ? ls_plan_create_on(&t->plan, t->job, t->trial, dataset)
                 : ls_plan_create(&t->plan, t->job, t->trial);
}

/* Returns the status. In a message about an override, names the option that it was made for. */
static int name_option(int status, const sets *s) {
  for (size_t i = 0; status != LS_OK && i < s->count; i++) {
    const char *message = ls_error_message();
    size_t length = strlen(s->items[i]);
    if (strncmp(message, "--set ", 6) != 0) break;
    if (strncmp(message + 6, s->items[i], length) != 0) continue;
    return ls_fail(status, "--metrics%s", message + 6 + length);
  }
  return status;
}

/* Local, and the same on all ranks. Sets `own` to the plan with the job's own dataset, where that
 * is another one and the transforms have to be fitted on it, for the file does not have what they
 * have learnt. */
static int make_plans(ls_trained *t, ls_plan **own, const char *text,
                      const ls_trained_options *options) {
  sets s = {0};
  char *dataset = NULL;
  int status = options->dataset ? find_dataset(&dataset, options->dataset) : LS_OK;
  if (status == LS_OK) status = plan_with(t, text, dataset, &s);
  if (status == LS_OK && options->metrics) {
    status = set_metrics(&s, t->plan->model, options->metrics);
    if (status == LS_OK) status = plan_with(t, text, dataset, &s);
  }
  status = name_option(status, &s);
  ls_memory_free(&s.memory);
  free(dataset);
  if (status == LS_OK && options->dataset && t->plan->recipe.dataset.transform.count > 0 &&
      !t->has_learnt) {
    status = ls_plan_create(own, t->job, t->trial);
  }
  return status;
}

/* ---- The file ---- */

static void format_shape(char out[96], const ls_shape *shape) {
  size_t at = 0;
  for (int i = 0; i < shape->rank; i++) {
    at += (size_t)snprintf(out + at, 96 - at, "%s%" PRId64, i ? ", " : "[", shape->extent[i]);
  }
  snprintf(out + at, 96 - at, "]");
}

/* Whether the shapes are the same. Model files of earlier versions may lack the dimension of the
 * only channel. */
static bool same_but_for_channel(const ls_shape *model, const ls_shape *input) {
  bool lacks = model->rank == 2 && input->rank == 3 && input->extent[2] == 1;
  return (lacks || model->rank == input->rank) &&
         memcmp(model->extent, input->extent, (size_t)model->rank * sizeof *model->extent) == 0;
}

static int check_input(const ls_trained *t) {
  ls_shape shape;
  bool raw;
  int status = ls_model_file_input(t->path, &shape, &raw);
  if (status != LS_OK) return status;
  const ls_shape *input = raw ? &t->plan->dataset->shape : &t->plan->input;
  if (same_but_for_channel(&shape, input)) return LS_OK;
  char wanted[96], found[96];
  format_shape(wanted, &shape);
  format_shape(found, input);
  return ls_fail(LS_INVALID, "%s: takes inputs %s, but those of %s are %s", t->path, wanted,
                 t->plan->dataset->path, found);
}

/* Collective: copies to all ranks what rank 0 has read, unless one of them has failed. */
static int share(const ls_group *world, int status, void *data, size_t bytes) {
  status = ls_group_agree(world, status);
  return status == LS_OK ? ls_group_broadcast(world, data, bytes, 0) : status;
}

static int read_weights(ls_trained *t, const ls_group *world) {
  const ls_model *model = t->plan->model;
  t->weights = ls_new(model->param_count, sizeof *t->weights);
  int status = t->weights ? LS_OK : LS_FAILED;
  if (status == LS_OK && world->rank == 0) status = check_input(t);
  if (status == LS_OK && world->rank == 0) status = ls_model_file_read(t->path, model, t->weights);
  return share(world, status, t->weights, model->param_count * sizeof *t->weights);
}

/* Collective: text and trial of the job that the file holds; whether it also has what the
 * transforms have learnt. */
static int read_job(ls_trained *t, char **text, const ls_group *world) {
  int status = world->rank == 0 ? ls_model_file_job(t->path, text, &t->trial) : LS_OK;
  if (status == LS_OK && world->rank == 0) {
    status = ls_model_file_has_learnt(&t->has_learnt, t->path);
  }
  status = share(world, status, &t->trial, sizeof t->trial);
  if (status == LS_OK) status = ls_group_broadcast(world, &t->has_learnt, sizeof t->has_learnt, 0);
  return status == LS_OK ? ls_group_broadcast_text(world, text) : status;
}

/* Collective: what the file records of its own dataset. */
static int read_digests(ls_trained *t, const ls_group *world) {
  int status = world->rank == 0 ? ls_model_file_digests(&t->digests, t->path) : LS_OK;
  status = ls_group_agree(world, status);
  return status == LS_OK ? ls_digests_broadcast(&t->digests, world) : status;
}

static bool learns(const ls_transforms *chain) {
  for (size_t i = 0; i < chain->count; i++) {
    if (chain->items[i].type->learn) return true;
  }
  return false;
}

/* Collective: makes the transforms ready: with what the file has, or by fitting them as before
 * training. */
static int prepare_transforms(ls_trained *t, const ls_plan *own, const ls_group *world) {
  const size_t learn_from = t->has_learnt ? SIZE_MAX : own->split.train_count;
  int status = ls_transforms_create(&t->transforms, &t->plan->recipe.dataset.transform,
                                    &own->dataset->shape, learn_from);
  status = ls_group_agree(world, status);
  if (status != LS_OK || !learns(t->transforms)) return status;
  if (t->has_learnt) return ls_learnt_restore(t->transforms, &t->has_learnt, t->path, world);
  if (world->rank == 0) {
    ls_print(stderr,
             "lockstep: %s: an earlier version wrote it, without what its transforms have learnt: "
             "they learn it again from the training samples of %s\n",
             t->path, own->dataset->path);
  }
  ls_peers peers = ls_group_peers(world, false);
  ls_pool *pool = NULL;
  status = ls_pool_load(&pool, own->dataset, LS_TRAIN, &peers);
  if (status == LS_OK) {
    status = ls_transforms_fit(t->transforms, pool, own->split.train, own->split.train_count);
  }
  ls_pool_free(&pool);
  return status;
}

/* Collective: 0.5 of files of earlier versions. */
static int read_thresholds(ls_trained *t, const ls_group *world) {
  ls_memory memory = {0};
  ls_data_description data;
  bool found = false;
  const size_t heads = t->plan->model->head_count;
  int status =
      world->rank == 0 ? ls_model_file_description(&memory, &data, &found, t->path, heads) : LS_OK;
  for (size_t h = 0; h < heads; h++) {
    const bool has = status == LS_OK && found && data.outputs[h].threshold_count == 1;
    t->thresholds[h] = has ? data.outputs[h].thresholds[0] : 0.5;
  }
  ls_memory_free(&memory);
  return share(world, status, t->thresholds, sizeof t->thresholds);
}

/* Collective: the scaling of targets, which every file has whose job scales them. */
static int restore_targets(ls_trained *t, const ls_group *world) {
  const ls_plan *plan = t->plan;
  int status = target_scaling_create(&t->targets, &plan->recipe, plan->model, SIZE_MAX);
  status = ls_group_agree(world, status);
  return status == LS_OK ? target_scaling_restore(&t->targets, t->path, world) : status;
}

/* Prints a note if the job's dataset is not where the job was run. */
static int note_misplaced_file(const ls_trained *t) {
  const char *file = NULL;
  int status = ls_plan_misplaced_file(&file, t->plan);
  if (file && file == t->plan->recipe.dataset.file) {
    ls_print(stderr, "lockstep: %s: '%s' is not in %s: the one in the working directory is used\n",
             t->path, file, t->plan->recipe.folder);
  }
  return status;
}

static int name_model(ls_trained *t) {
  char trial[256];
  ls_text name = {0};
  ls_job_trial_name(t->job, t->trial, trial, sizeof trial);
  ls_text_add(&name, "%s%s%s", t->plan->recipe.name, *trial ? " " : "", trial);
  t->name = ls_text_take(&name);
  return t->name ? LS_OK : LS_FAILED;
}

int ls_trained_open(ls_trained **out, const char *path, const ls_trained_options *options,
                    const ls_group *world) {
  *out = NULL;
  char *text = NULL;
  ls_plan *own = NULL;
  ls_trained *t = ls_new(1, sizeof *t);
  if (t) t->path = ls_copy_text(path);
  int status = ls_group_agree(world, t && t->path ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = read_job(t, &text, world);
  if (status == LS_OK) {
    status = make_plans(t, &own, text, options);
    if (status == LS_OK) status = name_model(t);
    if (status == LS_OK && world->rank == 0) {
      status = options->dataset ? same_data(t) : note_misplaced_file(t);
    }
    status = ls_group_agree(world, status);
  }
  if (status == LS_OK) status = read_weights(t, world);
  if (status == LS_OK && !options->dataset) status = read_digests(t, world);
  if (status == LS_OK) status = prepare_transforms(t, own ? own : t->plan, world);
  if (status == LS_OK) status = restore_targets(t, world);
  if (status == LS_OK) status = read_thresholds(t, world);
  free(text);
  ls_plan_free(&own);
  if (status != LS_OK) ls_trained_free(&t);
  *out = t;
  return status;
}

void ls_trained_free(ls_trained **trained) {
  ls_trained *t = *trained;
  if (!t) return;
  ls_transforms_free(&t->transforms);
  target_scaling_destroy(&t->targets);
  ls_digests_free(&t->digests);
  ls_plan_free(&t->plan);
  ls_job_free(&t->job);
  free(t->weights);
  free(t->name);
  free(t->path);
  free(t);
  *trained = NULL;
}

int ls_trained_workspace(ls_workspace **out, const ls_trained *trained, size_t capacity) {
  int status = ls_workspace_create_separate(out, trained->plan->model, capacity);
  if (status == LS_OK) target_scaling_apply(&trained->targets, *out);
  return status;
}

int ls_trained_open_all(ls_trained ***list, size_t count, const char *const *paths,
                        const ls_trained_options *options, const ls_group *world) {
  *list = ls_new(count, sizeof **list);
  int status = ls_group_agree(world, *list ? LS_OK : LS_FAILED);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = ls_trained_open(&(*list)[i], paths[i], options, world);
  }
  return status;
}

void ls_trained_free_all(ls_trained ***list, size_t count) {
  for (size_t i = 0; *list && i < count; i++) ls_trained_free(&(*list)[i]);
  free(*list);
  *list = NULL;
}
