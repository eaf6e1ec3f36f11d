/* Models from fragments of job files: layers and loss without the rest of a job. */
#ifndef TEST_FRAGMENT_H
#define TEST_FRAGMENT_H

#include "job/job.h"
#include "nn/model/model.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct fragment {
  ls_choices model;
  ls_choice loss;
} fragment;

static const ls_arg fragment_args[] = {
    {"model", LS_ARG_CHOICES, offsetof(fragment, model), NULL, "layers", .family = &ls_layers},
    {"loss", LS_ARG_CHOICE, offsetof(fragment, loss), "categorical_crossentropy", "loss",
     .family = &ls_losses},
    {NULL},
};
static const ls_component fragment_component = {"fragment", "a model", sizeof(fragment),
                                                fragment_args};

/* The one head of a fragment; its target is a class label. */
static inline ls_head_spec fragment_head(const fragment *values, int64_t classes) {
  return (ls_head_spec){.loss = values->loss,
                        .weight = 1,
                        .target = {"y", false, classes, 1},
                        .where = values->model.items[values->model.count - 1].where};
}

/* A model with a workspace for `capacity` samples, weights and their gradient. */
typedef struct subject {
  fragment values;
  ls_model *model;
  ls_workspace *workspace;
  ls_real *weights, *gradient;
} subject;

/* `text` is YAML: "model: [...]" and perhaps "loss: ...". */
static inline subject make_subject(const char *text, ls_shape input, int64_t classes,
                                   size_t capacity) {
  subject s = {0};
  ls_job *job = NULL;
  int status = ls_job_read(&job, "fragment", text, NULL, 0, &fragment_component);
  if (status == LS_OK) status = ls_job_bind(job, 0, &s.values);
  if (status == LS_OK) {
    ls_head_spec head = fragment_head(&s.values, classes);
    status = ls_model_create(&s.model, &s.values.model, &head, 1, &input);
  }
  if (status == LS_OK) status = ls_workspace_create(&s.workspace, s.model, capacity, 1);
  if (status != LS_OK) fail_msg("%s\nof %s", ls_error_message(), text);
  s.weights = new_array(s.model->param_count, sizeof(ls_real));
  s.gradient = new_array(s.model->param_count, sizeof(ls_real));
  ls_model_initialize(s.model, 1, s.weights);
  ls_job_free(&job);
  return s;
}

static inline void free_subject(subject *s) {
  ls_workspace_free(&s->workspace);
  ls_model_free(&s->model);
  ls_component_clear(&fragment_component, &s->values);
  free(s->weights);
  free(s->gradient);
}

/* Fixed numbers between -1 and 1, none of them near 0. */
static inline ls_real some_number(size_t i) {
  double wave = sin(12.9898 * (double)(i + 1));
  return (ls_real)(wave < 0 ? wave - 0.01 : wave + 0.01);
}

/* Fills a batch of n samples: inputs, labels below `classes`, sample numbers that are not
 * consecutive. */
static inline void fill_batch(subject *s, size_t n, int64_t classes) {
  ls_batch *batch = ls_workspace_batch(s->workspace);
  size_t size = (size_t)ls_shape_size(&s->model->input);
  batch->n = n;
  for (size_t i = 0; i < n * size; i++) batch->x[i] = some_number(i);
  for (size_t i = 0; i < n; i++) {
    batch->labels[0][i] = (int32_t)((int64_t)(3 * i + 1) % classes);
    batch->ids[i] = (uint32_t)(100 - 7 * i);
  }
}

/* The subject's batch through its model; the outputs of its first head. */
static inline ls_outputs run_forward(subject *s, bool training, uint64_t seed, uint32_t epoch) {
  ls_model_forward(s->model, s->workspace, s->weights, training, seed, epoch);
  return ls_model_outputs(s->model, s->workspace, 0);
}

static inline double run_loss(subject *s) {
  double sums[LS_MAX_MEASURES] = {0};
  return ls_model_loss(s->model, s->workspace, sums);
}

static inline double run_backward(subject *s, double scale) {
  double sums[LS_MAX_MEASURES] = {0};
  return ls_model_backward(s->model, s->workspace, s->weights, (ls_real)scale, s->gradient, sums);
}

#endif
