/* Predicting with a model file: its job, without the dataset, gives the model; the file its
 * weights. */
#include "lockstep/predictor.h"

#include "base/memory.h"
#include "data/dataset.h"
#include "data/records.h"
#include "data/transforms.h"
#include "job/job.h"
#include "nn/compute.h"
#include "nn/model/model.h"
#include "store/checkpoint/model_file.h"
#include "trial/plan.h"
#include "trial/target_scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 }; /* samples that go through the model together */

struct ls_predictor {
  char *path;
  ls_recipe recipe;
  ls_transforms *transforms;
  target_scaling targets;
  ls_model *model;
  ls_workspace *workspace; /* for CHUNK samples, with all outputs */
  ls_real *weights;        /* the flat vector */
  ls_memory memory;        /* of this: */
  ls_data_description data;
};

/* ---- Opening --------------------------------------------------------------------------------- */

/* The values of the trial that left the file. */
static int read_recipe(ls_predictor *p) {
  char *text = NULL;
  size_t trial = 0;
  ls_job *job = NULL;
  int status = ls_model_file_job(p->path, &text, &trial);
  if (status == LS_OK) status = ls_job_read(&job, p->path, text, NULL, 0, &ls_recipe_component);
  if (status == LS_OK && trial >= ls_job_trials(job)) {
    status = ls_fail(LS_INVALID, "%s: its job has no trial %zu", p->path, trial + 1);
  }
  if (status == LS_OK) status = ls_job_bind(job, trial, &p->recipe);
  ls_job_free(&job);
  free(text);
  return status;
}

/* Gives a transform what it has learnt. */
static int restore_learnt(ls_predictor *p, size_t index, bool has_learnt) {
  ls_transform *t = &p->transforms->items[index];
  const char *name = t->type->component.name;
  if (!t->type->learn) return LS_OK;
  if (!has_learnt) {
    return ls_fail(LS_INVALID,
                   "%s: an earlier version wrote it, without what its transform '%s' has learnt",
                   p->path, name);
  }
  return ls_model_file_learnt(p->path, index, name, t->value_count, t->values);
}

/* Refuses transforms that change the shape of inputs, which files of earlier versions lack. */
static int check_shapes(const ls_predictor *p, const ls_choices *transforms) {
  for (size_t i = 0; i < transforms->count; i++) {
    if (transforms->items[i].type != &ls_transform_pca.component) continue;
    return ls_fail(LS_INVALID,
                   "%s: an earlier version wrote it, without the shape of the inputs that its "
                   "transform 'pca' takes",
                   p->path);
  }
  return LS_OK;
}

/* Builds the chain of transforms, for inputs of the shape that the file has. Nothing is learnt:
 * there is no limit to the samples for that. */
static int create_transforms(ls_predictor *p) {
  ls_shape input;
  bool raw = false;
  const ls_choices *transforms = &p->recipe.dataset.transform;
  bool has_learnt = false;
  int status = ls_model_file_input(p->path, &input, &raw);
  if (status == LS_OK && !raw) status = check_shapes(p, transforms);
  if (status == LS_OK) status = ls_model_file_has_learnt(&has_learnt, p->path);
  if (status == LS_OK) status = ls_transforms_create(&p->transforms, transforms, &input, SIZE_MAX);
  for (size_t i = 0; i < transforms->count && status == LS_OK; i++) {
    status = restore_learnt(p, i, has_learnt);
  }
  if (status == LS_OK) ls_transforms_set_ready(p->transforms);
  return status;
}

/* Builds the model. Its outputs are compared with nothing, which a target of one class stands for:
 * every output has that many. */
static int create_model(ls_predictor *p) {
  ls_head_spec heads[LS_MAX_HEADS + 1];
  const size_t count = ls_plan_head_specs(heads, &p->recipe);
  for (size_t i = 0; i < count && i < LS_MAX_HEADS; i++) {
    heads[i].target = (ls_target){.name = "", .classes = 1, .width = 1};
  }
  int status = ls_model_create(&p->model, &p->recipe.model, heads, count,
                               ls_transforms_output(p->transforms));
  return status == LS_OK ? ls_workspace_create_separate(&p->workspace, p->model, CHUNK) : status;
}

/* Outputs are in the units of the data from now on. */
static int read_targets(ls_predictor *p) {
  int status = target_scaling_create(&p->targets, &p->recipe, p->model, SIZE_MAX);
  if (status == LS_OK) status = target_scaling_read(&p->targets, p->path);
  if (status == LS_OK) target_scaling_apply(&p->targets, p->workspace);
  return status;
}

static int read_weights(ls_predictor *p) {
  p->weights = ls_new(p->model->param_count, sizeof *p->weights);
  return p->weights ? ls_model_file_read(p->path, p->model, p->weights) : LS_FAILED;
}

static int check_classes(const ls_predictor *p) {
  for (size_t k = 0; p->data.outputs && k < p->model->head_count; k++) {
    const size_t classes = p->data.outputs[k].classes;
    const size_t width = (size_t)ls_shape_size(&p->model->heads[k].output);
    if (classes == 0 || classes == width || (classes == 2 && width == 1)) continue;
    return ls_fail(LS_INVALID, "%s: records %zu classes for an output of %zu elements", p->path,
                   classes, width);
  }
  return LS_OK;
}

/* Without outputs if an earlier version wrote the file. */
static int read_description(ls_predictor *p) {
  bool found = false;
  int status =
      ls_model_file_description(&p->memory, &p->data, &found, p->path, p->model->head_count);
  if (!found) p->data.scale = 1;
  return status == LS_OK ? check_classes(p) : status;
}

int ls_predictor_open(ls_predictor **out, const char *path) {
  *out = NULL;
  ls_predictor *p = ls_new(1, sizeof *p);
  if (!p) return LS_FAILED;
  p->path = ls_copy_text(path);
  int status = p->path ? read_recipe(p) : LS_FAILED;
  if (status == LS_OK) status = create_transforms(p);
  if (status == LS_OK) status = create_model(p);
  if (status == LS_OK) status = read_targets(p);
  if (status == LS_OK) status = read_weights(p);
  if (status == LS_OK) status = read_description(p);
  if (status != LS_OK) ls_predictor_close(&p);
  *out = p;
  return status;
}

void ls_predictor_close(ls_predictor **predictor) {
  ls_predictor *p = *predictor;
  if (!p) return;
  ls_workspace_free(&p->workspace);
  ls_model_free(&p->model);
  ls_transforms_free(&p->transforms);
  target_scaling_destroy(&p->targets);
  ls_component_clear(&ls_recipe_component, &p->recipe);
  ls_memory_free(&p->memory);
  free(p->weights);
  free(p->path);
  free(p);
  *predictor = NULL;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

ls_shape ls_predictor_input(const ls_predictor *predictor) {
  return predictor->transforms->input;
}

size_t ls_predictor_output_count(const ls_predictor *predictor) {
  return predictor->model->head_count;
}

const char *ls_predictor_output_name(const ls_predictor *predictor, size_t output) {
  const char *name = predictor->model->heads[output].spec.name;
  return name ? name : "";
}

ls_shape ls_predictor_output(const ls_predictor *predictor, size_t output) {
  return predictor->model->heads[output].output;
}

/* ---- Training data --------------------------------------------------------------------------- */

int ls_predictor_is_described(const ls_predictor *p) {
  return p->data.outputs != NULL;
}

size_t ls_predictor_class_count(const ls_predictor *p, size_t output) {
  return p->data.outputs ? p->data.outputs[output].classes : 0;
}

double ls_predictor_threshold(const ls_predictor *p, size_t output) {
  const ls_output_description *o = p->data.outputs ? &p->data.outputs[output] : NULL;
  return o && o->classes > 0 && o->threshold_count > 0 ? o->thresholds[0] : 0.5;
}

double ls_predictor_label_threshold(const ls_predictor *p, size_t output, size_t element) {
  const ls_output_description *o = p->data.outputs ? &p->data.outputs[output] : NULL;
  return o && o->classes == 0 && element < o->threshold_count ? o->thresholds[element] : NAN;
}

const char *ls_predictor_class_name(const ls_predictor *p, size_t output, size_t number) {
  const ls_output_description *o = p->data.outputs ? &p->data.outputs[output] : NULL;
  return o && o->classes > 0 && number < o->name_count ? o->names[number] : NULL;
}

const char *ls_predictor_value_name(const ls_predictor *p, size_t output, size_t element) {
  const ls_output_description *o = p->data.outputs ? &p->data.outputs[output] : NULL;
  return o && o->classes == 0 && element < o->name_count ? o->names[element] : NULL;
}

double ls_predictor_scale(const ls_predictor *p) {
  return p->data.scale;
}

const char *ls_predictor_encoding(const ls_predictor *p) {
  return p->data.encoding;
}

/* ---- Running --------------------------------------------------------------------------------- */

static size_t input_size(const ls_predictor *p) {
  return (size_t)ls_shape_size(&p->transforms->input);
}

/* Runs samples first .. first + n - 1, at most CHUNK, through the model. Each half of `scratch` has
 * room for as many, before or after any transform. */
static void run_chunk(ls_predictor *p, size_t first, size_t n, const ls_real *x, ls_real *scratch,
                      ls_real *const *y) {
  ls_batch *batch = ls_workspace_batch(p->workspace);
  ls_real *other = scratch + CHUNK * ls_transforms_largest(p->transforms);
  const size_t size = (size_t)ls_shape_size(&p->model->input);
  batch->n = n;
  for (size_t i = 0; i < n; i++) batch->ids[i] = (uint32_t)(first + i);
  memcpy(scratch, x + first * input_size(p), n * input_size(p) * sizeof *x);
  const ls_real *transformed = ls_transforms_apply(p->transforms, n, scratch, other);
  memcpy(batch->x, transformed, n * size * sizeof *x);
  ls_model_forward(p->model, p->workspace, p->weights, false, 0, 0);
  for (size_t k = 0; k < p->model->head_count; k++) {
    if (!y[k]) continue;
    const ls_outputs outputs = ls_model_activated(p->model, p->workspace, k);
    memcpy(y[k] + first * outputs.width, outputs.y, n * outputs.width * sizeof *outputs.y);
  }
}

int ls_predictor_run(ls_predictor *predictor, size_t n, const ls_real *x, ls_real *const *y) {
  ls_real *scratch =
      ls_new(2 * CHUNK * ls_transforms_largest(predictor->transforms), sizeof *scratch);
  int status = scratch ? ls_compute_start() : LS_FAILED;
  for (size_t first = 0; status == LS_OK && first < n; first += CHUNK) {
    run_chunk(predictor, first, n - first < CHUNK ? n - first : CHUNK, x, scratch, y);
  }
  free(scratch);
  return status;
}

/* ---- Datasets -------------------------------------------------------------------------------- */

static int check_input(const ls_predictor *p, const ls_dataset *dataset) {
  const size_t size = (size_t)ls_shape_size(&dataset->shape);
  if (size == input_size(p)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: has inputs of %zu values (expected %zu, as %s takes)",
                 dataset->path, size, input_size(p), p->path);
}

static int read_inputs(const ls_dataset *dataset, ls_part part, size_t first, size_t n,
                       ls_real *x) {
  const size_t size = (size_t)ls_shape_size(&dataset->shape);
  unsigned char *records = ls_new(n, dataset->record_bytes);
  int status = records ? ls_dataset_read(dataset, part, first, n, records) : LS_FAILED;
  for (size_t i = 0; i < n && status == LS_OK; i++) {
    ls_dataset_decode(dataset, records + i * dataset->record_bytes, x + i * size);
  }
  free(records);
  return status;
}

int ls_predictor_read(const ls_predictor *predictor, const char *path, size_t first, size_t n,
                      ls_real *x, size_t *read) {
  *read = 0;
  ls_dataset *dataset = NULL;
  int status = ls_dataset_open(&dataset, path);
  if (status == LS_OK) status = check_input(predictor, dataset);
  if (status == LS_OK) {
    const ls_part part = dataset->count[LS_TEST] > 0 ? LS_TEST : LS_TRAIN;
    const size_t left = dataset->count[part] > first ? dataset->count[part] - first : 0;
    if (n > left) n = left;
    if (n > 0) status = read_inputs(dataset, part, first, n, x);
    if (status == LS_OK) *read = n;
  }
  ls_dataset_free(&dataset);
  return status;
}
