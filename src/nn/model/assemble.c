/* Assembling a model: the layers of a job become a list of layers, in which the activations and the
 * penalties on outputs that layers have as arguments are separate layers. */
#include "nn/model/assemble.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/families.h"

#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ls_layer_add_param(ls_layer *layer, const char *name, ls_shape shape, int64_t fan_in,
                       int64_t fan_out, const ls_choice *initializer,
                       const ls_choice *regularizer) {
  size_t count = 1;
  for (int i = 0; i < shape.rank; i++) {
    if (__builtin_mul_overflow(count, (size_t)shape.extent[i], &count) ||
        count > PTRDIFF_MAX / sizeof(ls_real)) {
      return ls_fail(LS_INVALID, "%s: its %s has more elements than memory can hold", layer->where,
                     name);
    }
  }
  ls_param *param = &layer->params[layer->param_count++];
  *param = (ls_param){.name = name,
                      .shape = shape,
                      .count = count,
                      .fan_in = fan_in,
                      .fan_out = fan_out,
                      .initializer = initializer};
  if (regularizer && regularizer->type) {
    const ls_regularizer_type *type = (const ls_regularizer_type *)regularizer->type;
    param->penalty = type->penalty(regularizer->args);
  }
  return LS_OK;
}

void ls_layer_make_state(ls_layer *layer, double momentum) {
  ls_param *param = &layer->params[layer->param_count - 1];
  param->state = true;
  param->momentum = momentum;
}

/* The layer's argument of that family, or NULL if it has none. */
static const ls_choice *choice_of(const ls_layer_type *type, const void *args, const char *name) {
  for (const ls_arg *arg = type->component.args; arg->name; arg++) {
    if (strcmp(arg->name, name) != 0) continue;
    return (const ls_choice *)((const char *)args + arg->offset);
  }
  return NULL;
}

const ls_layer *ls_model_layer(const ls_model *model, const char *name) {
  for (size_t i = 0; i < model->layer_count; i++) {
    if (strcmp(model->layers[i].name, name) == 0) return &model->layers[i];
  }
  return NULL;
}

/* ---- Names ---- */

/* A name of a layer. */
typedef struct known_name {
  const char *name; /* of the layer */
  size_t next;      /* number of the next layer that is named after this one: NAME_1, NAME_2, ... */
} known_name;

static int compare_names(const void *a, const void *b) {
  return strcmp(((const known_name *)a)->name, ((const known_name *)b)->name);
}

static known_name *find_name(const ls_model *model, const char *name) {
  const known_name wanted = {name, 0};
  known_name **found = tfind(&wanted, &model->names, compare_names);
  return found ? *found : NULL;
}

static int remember_name(ls_model *model, const char *name) {
  known_name *own = ls_new(1, sizeof *own);
  if (!own) return LS_FAILED;
  *own = (known_name){name, 1};
  if (tsearch(own, &model->names, compare_names)) return LS_OK;
  free(own);
  return ls_fail(LS_FAILED, "out of memory");
}

void assemble_remove_last(ls_model *model) {
  const ls_layer *last = &model->layers[--model->layer_count];
  known_name *own = find_name(model, last->name);
  tdelete(own, &model->names, compare_names);
  free(own);
  known_name *plain = find_name(model, last->type->component.name);
  if (plain) plain->next = 1;
}

void assemble_finish(ls_model *model) {
  tdestroy(model->names, free);
  model->names = NULL;
}

/* The name that the job gives, or one as Keras makes it: dense, dense_1, dense_2, ... */
static int name_layer(const ls_model *model, ls_layer *layer) {
  const ls_layer_args *args = layer->args;
  if (args && args->name) {
    bool dots = strcmp(args->name, ".") == 0 || strcmp(args->name, "..") == 0;
    if (!*args->name || dots || strchr(args->name, '/') || strlen(args->name) >= LS_MAX_NAME) {
      return ls_fail(LS_INVALID,
                     "%s: '%s' can't name a layer (expected 1 to %d characters, no /, not . or ..)",
                     layer->where, args->name, LS_MAX_NAME - 1);
    }
    if (find_name(model, args->name)) {
      return ls_fail(LS_INVALID, "%s: there is another layer named '%s'", layer->where, args->name);
    }
    snprintf(layer->name, sizeof layer->name, "%s", args->name);
    return LS_OK;
  }
  const char *kind = layer->type->component.name;
  known_name *plain = find_name(model, kind);
  snprintf(layer->name, sizeof layer->name, "%s", kind);
  while (plain && find_name(model, layer->name)) {
    snprintf(layer->name, sizeof layer->name, "%s_%zu", kind, plain->next++);
  }
  return LS_OK;
}

/* ---- Layers ---- */

static int build(ls_model *model, ls_layer *layer, ls_shape *shape) {
  layer->index = (uint32_t)model->layer_count;
  layer->input = *shape;
  layer->memory = layer->type->memory;
  layer->keeps_output = layer->type->keeps_output;
  layer->training_only = layer->type->training_only;
  int status = name_layer(model, layer);
  if (status == LS_OK) status = layer->type->build(layer);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < layer->param_count; i++) {
    ls_param *param = &layer->params[i];
    param->offset = model->param_count;
    if (layer->frozen) param->penalty = (ls_penalty){0}; /* as Keras */
    if (__builtin_add_overflow(model->param_count, param->count, &model->param_count)) {
      return ls_fail(LS_INVALID, "%s: the model has more parameters than memory can hold",
                     layer->where);
    }
    if (!layer->frozen && !param->state) model->trainable_count += param->count;
  }
  if (layer->cache_bytes % 64 != 0) layer->cache_bytes += 64 - layer->cache_bytes % 64;
  *shape = layer->output;
  model->flops += layer->flops;
  ls_layer *own = &model->layers[model->layer_count++];
  *own = *layer;
  return remember_name(model, own->name);
}

/* Appends a layer of the job, and the layers for its activation and its penalty on the output. */
static int append(ls_model *model, const ls_choice *chosen, ls_shape *shape) {
  const ls_layer_type *type = (const ls_layer_type *)chosen->type;
  const ls_choice *activation = choice_of(type, chosen->args, "activation");
  const ls_choice *activity = choice_of(type, chosen->args, "activity_regularizer");
  ls_layer layer = {.type = type, .args = chosen->args, .where = chosen->where};
  layer.frozen = !((const ls_layer_args *)chosen->args)->trainable &&
                 choice_of(type, chosen->args, "trainable") != NULL;
  int status = build(model, &layer, shape);
  if (status == LS_OK && activation && type != &ls_layer_activation &&
      activation->type != &ls_activation_linear.component) {
    ls_layer behind = {
        .type = &ls_layer_activation, .where = chosen->where, .activation = activation};
    status = build(model, &behind, shape);
  }
  if (status == LS_OK && activity && activity->type) {
    const ls_regularizer_type *regularizer = (const ls_regularizer_type *)activity->type;
    ls_layer behind = {.type = &ls_layer_activity_regularization,
                       .where = chosen->where,
                       .activity = regularizer->penalty(activity->args)};
    status = build(model, &behind, shape);
  }
  return status;
}

size_t assemble_count(const ls_choices *layers) {
  size_t count = 0;
  for (size_t i = 0; layers && i < layers->count; i++) {
    const ls_choices *within = ls_sequential_layers(&layers->items[i]);
    count += within ? assemble_count(within) : 3;
  }
  return count;
}

/* Appends flatten before a first layer that takes vectors, if the input is an image. */
static int flatten_first(ls_model *model, const ls_choice *chosen, ls_shape *shape) {
  const ls_layer_type *type = (const ls_layer_type *)chosen->type;
  if (model->layer_count > 0 || !type->takes_vectors || shape->rank == 1) return LS_OK;
  ls_layer flatten = {.type = &ls_layer_flatten, .where = chosen->where};
  return build(model, &flatten, shape);
}

int assemble(ls_model *model, const ls_choices *layers, ls_shape *shape) {
  int status = LS_OK;
  for (size_t i = 0; layers && i < layers->count && status == LS_OK; i++) {
    const ls_choice *chosen = &layers->items[i];
    const ls_choices *within = ls_sequential_layers(chosen);
    if (within) {
      status = assemble(model, within, shape);
    } else {
      status = flatten_first(model, chosen, shape);
      if (status == LS_OK) status = append(model, chosen, shape);
    }
  }
  return status;
}
