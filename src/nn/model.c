/* The structure of a model: building its layers, initial weights, penalties. Batches run in
 * workspace.c. */
#include "lockstep/model.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
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
  *param = (ls_param){name, shape, 0, count, fan_in, fan_out, initializer, {0}};
  if (regularizer && regularizer->type) {
    const ls_regularizer_type *type = (const ls_regularizer_type *)regularizer->type;
    param->penalty = type->penalty(regularizer->args);
  }
  return LS_OK;
}

/* The layer's `activation` argument, or NULL if it has none or names linear. */
static const ls_choice *activation_of(const ls_layer_type *type, const void *args) {
  for (const ls_arg *arg = type->component.args; arg->name; arg++) {
    if (arg->family != &ls_activations) continue;
    const ls_choice *chosen = (const ls_choice *)((const char *)args + arg->offset);
    return chosen->type == &ls_activation_linear.component ? NULL : chosen;
  }
  return NULL;
}

/* A name as Keras gives it: dense, dense_1, dense_2, ... */
static void name_layer(ls_model *model, ls_layer *layer) {
  const char *kind = layer->type->component.name;
  size_t before = 0;
  for (ls_layer *other = model->layers; other < layer; other++)
    before += other->type == layer->type;
  if (before == 0) {
    snprintf(layer->name, sizeof layer->name, "%s", kind);
  } else {
    snprintf(layer->name, sizeof layer->name, "%s_%zu", kind, before);
  }
}

/* Appends one layer behind the last. */
static int append(ls_model *model, const ls_layer_type *type, const void *args, const char *where) {
  ls_layer *layer = &model->layers[model->layer_count];
  *layer = (ls_layer){.type = type,
                      .args = args,
                      .where = where,
                      .index = (uint32_t)model->layer_count,
                      .input = model->output};
  name_layer(model, layer);
  int status = type->build(layer);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < layer->param_count; i++) {
    layer->params[i].offset = model->param_count;
    if (__builtin_add_overflow(model->param_count, layer->params[i].count, &model->param_count)) {
      return ls_fail(LS_INVALID, "%s: the model has more parameters than memory can hold", where);
    }
  }
  if (layer->cache_bytes % 64 != 0) layer->cache_bytes += 64 - layer->cache_bytes % 64;
  model->output = layer->output;
  model->flops += layer->flops;
  model->layer_count++;
  return LS_OK;
}

/* Appends what a job calls a layer: the layer proper, and its activation as a layer of its own
 * (whose arguments are one ls_choice, the very one that stands in the arguments of the first). */
static int append_with_activation(ls_model *model, const ls_choice *chosen) {
  const ls_layer_type *type = (const ls_layer_type *)chosen->type;
  int status = LS_OK;
  if (type != &ls_layer_activation) status = append(model, type, chosen->args, chosen->where);
  const ls_choice *activation = activation_of(type, chosen->args);
  if (status == LS_OK && activation) {
    status = append(model, &ls_layer_activation, activation, chosen->where);
  }
  return status;
}

/* Leaves the last activation to the loss, where the loss is computed together with it. */
static void fuse_loss(ls_model *model) {
  ls_layer *last = &model->layers[model->layer_count - 1];
  if (last->type != &ls_layer_activation || !model->loss->fuses) return;
  const ls_choice *activation = last->args;
  if (activation->type != &model->loss->fuses->component) return;
  model->fused = true;
  model->layer_count--;
}

static int build(ls_model *model, const ls_choices *layers, int64_t classes) {
  int status = LS_OK;
  const ls_layer_type *first = (const ls_layer_type *)layers->items[0].type;
  if (first->takes_vectors && model->input.rank > 1) {
    status = append(model, &ls_layer_flatten, NULL, layers->items[0].where);
  }
  for (size_t i = 0; i < layers->count && status == LS_OK; i++) {
    status = append_with_activation(model, &layers->items[i]);
  }
  if (status != LS_OK) return status;
  const char *where = layers->items[layers->count - 1].where;
  if (model->param_count == 0) {
    return ls_fail(LS_INVALID,
                   "%s: the model has nothing to train (expected a layer with parameters)", where);
  }
  if (model->output.rank != 1) {
    return ls_fail(LS_INVALID,
                   "%s: the model's output has %d dimensions (expected a vector, "
                   "one element per class)",
                   where, model->output.rank);
  }
  if (model->output.extent[0] < classes) {
    return ls_fail(LS_INVALID, "%s: has %" PRId64 " outputs, but the data has %" PRId64 " classes",
                   where, model->output.extent[0], classes);
  }
  if (model->layer_count > 0) fuse_loss(model);
  return LS_OK;
}

int ls_model_create(ls_model **out, const ls_choices *layers, const ls_choice *loss,
                    const ls_shape *input, int64_t classes) {
  *out = NULL;
  ls_model *model = ls_new(1, sizeof *model);
  if (!model) return LS_FAILED;
  model->input = model->output = *input;
  model->loss = (const ls_loss_type *)loss->type;
  model->loss_args = loss->args;
  model->layers = ls_new(2 * layers->count + 1, sizeof *model->layers);
  int status = model->layers ? build(model, layers, classes) : LS_FAILED;
  if (status != LS_OK) {
    ls_model_free(&model);
    return status;
  }
  *out = model;
  return LS_OK;
}

void ls_model_free(ls_model **model) {
  if (!*model) return;
  free((*model)->layers);
  free(*model);
  *model = NULL;
}

void ls_model_initialize(const ls_model *model, uint64_t seed, ls_real *weights) {
  uint32_t index = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count; k++, index++) {
      const ls_param *param = &layer->params[k];
      const ls_initializer_type *type = (const ls_initializer_type *)param->initializer->type;
      ls_init init = {seed, index, param->fan_in, param->fan_out};
      type->fill(param->initializer->args, &init, param->count, weights + param->offset);
    }
  }
}

/* Sums over at most CHUNK weights, in lanes that a vector unit adds side by side, of w^2 or |w|. */
enum { CHUNK = 1024, LANES = 32 };

static double chunk_sum(size_t count, const ls_real *w, bool squares) {
  ls_real lanes[LANES] = {0};
  size_t whole = count - count % LANES;
  if (squares) {
    for (size_t i = 0; i < whole; i += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += w[i + lane] * w[i + lane];
    }
  } else {
    for (size_t i = 0; i < whole; i += LANES) {
      for (size_t lane = 0; lane < LANES; lane++) {
        lanes[lane] += w[i + lane] < 0 ? -w[i + lane] : w[i + lane];
      }
    }
  }
  double total = 0;
  for (size_t lane = 0; lane < LANES; lane++) total += (double)lanes[lane];
  for (size_t i = whole; i < count; i++) {
    double value = (double)w[i];
    total += squares ? value * value : fabs(value);
  }
  return total;
}

double ls_penalty_sum(ls_penalty penalty, size_t count, const ls_real *weights) {
  double total = 0;
  for (size_t at = 0; at < count; at += CHUNK) {
    size_t n = count - at < CHUNK ? count - at : CHUNK;
    if (penalty.l1 != 0) total += penalty.l1 * chunk_sum(n, weights + at, false);
    if (penalty.l2 != 0) total += penalty.l2 * chunk_sum(n, weights + at, true);
  }
  return total;
}

double ls_model_penalty(const ls_model *model, const ls_real *weights) {
  double total = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    for (size_t k = 0; k < model->layers[i].param_count; k++) {
      const ls_param *param = &model->layers[i].params[k];
      if (param->penalty.l1 == 0 && param->penalty.l2 == 0) continue;
      total += ls_penalty_sum(param->penalty, param->count, weights + param->offset);
    }
  }
  return total;
}
