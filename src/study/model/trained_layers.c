/* Layers of a trained model by name, and their outputs. */
#include "study/model/trained_layers.h"

#include "base/text.h"
#include "lockstep/error.h"
#include "nn/families.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the layer is a stage of the layer before it. */
static bool is_stage(const ls_layer *layer) {
  return !layer->args &&
         (layer->type == &ls_layer_activation || layer->type == &ls_layer_activity_regularization);
}

/* The name of an activation that a head's loss fuses, where it is a layer of the job. */
static bool fused_name(const ls_model *model, const ls_head *head, char out[LS_MAX_NAME]) {
  const ls_layer_args *args = head->fused_args;
  if (!args) return false;
  snprintf(out, LS_MAX_NAME, "%s", args->name ? args->name : "activation");
  for (size_t k = 1; !args->name && ls_model_layer(model, out); k++) {
    snprintf(out, LS_MAX_NAME, "activation_%zu", k);
  }
  return true;
}

static int no_layer(const ls_trained *t, const char *name) {
  const ls_model *model = t->plan->model;
  const char **names = ls_new(model->layer_count, sizeof *names);
  if (!names) return LS_FAILED;
  ls_text all = {0};
  size_t count = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    if (is_stage(&model->layers[i])) continue;
    ls_text_add(&all, "%s%s", count > 0 ? ", " : "", model->layers[i].name);
    names[count++] = model->layers[i].name;
  }
  const char *nearest = ls_nearest_name(name, names, count);
  int status = nearest ? ls_fail(LS_INVALID, "%s: has no layer '%s' (did you mean '%s'?)", t->path,
                                 name, nearest)
                       : ls_fail(LS_INVALID, "%s: has no layer '%s' (expected one of %s)", t->path,
                                 name, all.data ? all.data : "none");
  ls_text_free(&all);
  free(names);
  return status;
}

int ls_trained_layer(const ls_trained *trained, const char *name, size_t *layer) {
  const ls_model *model = trained->plan->model;
  for (size_t h = 0; h < model->head_count; h++) {
    char own[LS_MAX_NAME];
    *layer = model->layer_count + h;
    if (fused_name(model, &model->heads[h], own) && strcmp(own, name) == 0) return LS_OK;
  }
  const ls_layer *found = ls_model_layer(model, name);
  if (!found) return no_layer(trained, name);
  size_t i = (size_t)(found - model->layers);
  while (i + 1 < model->layer_count && is_stage(&model->layers[i + 1])) i++;
  *layer = i;
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    if (head->fused && !head->fused_args && head->end == i + 1) *layer = model->layer_count + h;
  }
  return LS_OK;
}

ls_shape ls_trained_shape(const ls_trained *trained, size_t layer) {
  const ls_model *model = trained->plan->model;
  return layer < model->layer_count ? model->layers[layer].output
                                    : model->heads[layer - model->layer_count].output;
}

const ls_real *ls_trained_output(const ls_trained *trained, ls_workspace *workspace, size_t layer) {
  const ls_model *model = trained->plan->model;
  return layer < model->layer_count
             ? ls_workspace_output(workspace, layer)
             : ls_model_activated(model, workspace, layer - model->layer_count).y;
}

void ls_trained_decode(const ls_trained *trained, ls_workspace *workspace, size_t layer, size_t n,
                       const ls_real *codes) {
  const ls_model *model = trained->plan->model;
  assert(layer < model->layer_count);
  ls_batch *batch = ls_workspace_batch(workspace);
  ls_shape shape = ls_trained_shape(trained, layer);
  batch->n = n;
  memset(batch->ids, 0, n * sizeof *batch->ids);
  memcpy(ls_workspace_output(workspace, layer), codes,
         n * (size_t)ls_shape_size(&shape) * sizeof *codes);
  ls_model_forward_from(model, workspace, trained->weights, false, layer + 1);
}
