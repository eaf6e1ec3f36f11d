/* One batch through a model: forward, backward, and the gradient of an output with respect to the
 * inputs. */
#include "nn/model/outputs.h"
#include "nn/model/workspace.h"

#include "base/clock.h"
#include "nn/families.h"

#include <string.h>

/* Scales values [sample, element] for the loss. */
static void scale_values(const ls_target_scaling *s, size_t n, size_t width, const ls_real *values,
                         ls_real *scaled) {
  if (!s->factor) memcpy(scaled, values, n * width * sizeof *scaled);
  for (size_t i = 0; i < n * width && s->factor; i++) {
    const size_t k = i % width;
    scaled[i] = (values[i] - s->mean[k] - s->remainder[k]) * s->factor[k];
  }
}

/* Values of targets that don't come from the dataset as such: the input, classes one-hot, scaled
 * values. */
void ls_model_set_targets(const ls_model *model, ls_workspace *w) {
  size_t n = w->batch.n;
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    size_t width = (size_t)ls_shape_size(&head->output);
    ls_real *values = w->heads[h].values;
    if (!values) continue;
    if (head->spec.target.input) {
      memcpy(values, w->batch.x, n * width * sizeof *values);
    } else if (head->spec.target.classes > 0 && width == 1) {
      for (size_t i = 0; i < n; i++) values[i] = (ls_real)w->heads[h].labels[i];
    } else if (head->spec.target.classes > 0) {
      memset(values, 0, n * width * sizeof *values);
      for (size_t i = 0; i < n; i++) values[i * width + (size_t)w->heads[h].labels[i]] = 1;
    }
    if (w->heads[h].scaled) {
      scale_values(&w->heads[h].scaling, n, width, values, w->heads[h].scaled);
    }
  }
}

/* The activation that layer i applies itself, because layer i + 1 is that and overwrites y. */
static const ls_choice *fused_activation(const ls_model *model, const ls_workspace *w, size_t i) {
  const ls_layer *next = &model->layers[i + 1];
  if (!model->layers[i].type->activates || i + 1 == model->layer_count || i + 1 == model->trunk) {
    return NULL;
  }
  bool behind = next->type == &ls_layer_activation && next->source == i;
  return behind && w->layers[i + 1].y == w->layers[i].y ? next->activation : NULL;
}

static void forward_layer(const ls_workspace *w, const ls_layer *layer, const ls_pass *pass) {
  const bool by_shard = layer->by_shard && pass->training && !layer->frozen;
  for (size_t shard = 0; by_shard && shard < pass->shards->count; shard++) {
    ls_pass part = workspace_shard_pass(w, layer, pass, shard, NULL);
    layer->type->forward(layer, &part);
  }
  if (!by_shard) layer->type->forward(layer, pass);
}

void ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                      bool training, uint64_t seed, uint32_t epoch) {
  workspace->seed = seed;
  workspace->epoch = epoch;
  ls_model_set_targets(model, workspace);
  ls_model_forward_from(model, workspace, weights, training, 0);
}

void ls_model_forward_from(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                           bool training, size_t first) {
  bool timed = workspace->times && training;
  workspace->whole.begin[1] = workspace->batch.n;
  workspace->shards = workspace->batch.shards ? workspace->batch.shards : &workspace->whole;
  for (size_t i = first; i < model->layer_count; i++) {
    ls_pass pass = workspace_pass(workspace, i, weights, training);
    double start = timed ? ls_clock_seconds() : 0;
    pass.activation = fused_activation(model, workspace, i);
    forward_layer(workspace, &model->layers[i], &pass);
    if (timed) workspace->times[i].forward += ls_clock_seconds() - start;
    if (pass.activation) i++;
  }
}

/* The state of a backward pass. */
typedef struct backward {
  ls_pass common;  /* fields that all layers share */
  size_t complete; /* the gradient is complete from this element on */
  bool in_order;   /* all layers behind the current ones are done */
} backward;

/* Calls the function that waits for gradients. The flat vector has the order of the layers. */
static void layer_done(const ls_model *model, const ls_workspace *w, backward *b, size_t i) {
  const ls_layer *layer = &model->layers[i];
  if (b->in_order && layer->param_count > 0) b->complete = layer->params[0].offset;
  if (w->ready) w->ready(w->ready_context, b->complete);
}

static bool needs_backward(const ls_layer *layer) {
  return layer->input_gradient || ls_layer_learns(layer);
}

/* Backward of a layer whose gradients are those of one shard: each shard by itself, on a stack of
 * gradients (nn/shards.h). */
static void backward_shards(const ls_workspace *w, const ls_layer *layer, const ls_pass *pass) {
  const ls_shards *s = pass->shards;
  const size_t first = layer->params[0].offset;
  const ls_param *last = &layer->params[layer->param_count - 1];
  const size_t count = last->offset + last->count - first;
  ls_real *top = pass->gradient;
  for (size_t shard = 0; shard < s->count; shard++) {
    ls_pass part = workspace_shard_pass(w, layer, pass, shard, top);
    layer->type->backward(layer, &part);
    top = ls_shards_push(s, shard, count, top + first) - first;
  }
}

static void backward_layer(const ls_workspace *w, const ls_layer *layer, const ls_pass *pass) {
  if (!ls_layer_learns(layer) || (layer->type->adds_shards && !layer->by_shard)) {
    layer->type->backward(layer, pass);
  } else {
    backward_shards(w, layer, pass);
  }
}

/* Goes back from layer end - 1, whose output's gradient is in gradients[0], to layer `first`, or as
 * far as backward is needed. Returns the memory with the gradient of the last input. */
static ls_real *backward_layers(const ls_model *model, ls_workspace *w, backward *b, size_t first,
                                size_t end) {
  const ls_pass *common = &b->common;
  ls_real *dy = w->gradients[0], *other = w->gradients[1];
  for (size_t i = end; i-- > first && needs_backward(&model->layers[i]);) {
    const ls_layer *layer = &model->layers[i];
    if (i > first && fused_activation(model, w, i - 1)) {
      layer_done(model, w, b, i);
      continue;
    }
    ls_pass pass = workspace_pass(w, i, common->weights, true);
    pass.activation = fused_activation(model, w, i);
    bool shared = layer->memory != LS_FRESH;
    pass.dy = dy;
    pass.dx = !layer->input_gradient ? NULL : shared ? dy : other;
    pass.gradient = common->gradient;
    pass.scale = common->scale;
    double start = w->times ? ls_clock_seconds() : 0;
    backward_layer(w, layer, &pass);
    if (w->times) w->times[i].backward += ls_clock_seconds() - start;
    layer_done(model, w, b, i);
    if (!shared && pass.dx) {
      other = dy;
      dy = pass.dx;
    }
  }
  return dy;
}

/* Adds a head's gradient of the trunk's output to that of the heads before it. */
static void add_trunk_gradient(const ls_model *model, ls_workspace *w, const ls_real *gradient,
                               bool first) {
  size_t count = w->batch.n * workspace_trunk_size(model);
  if (first) {
    memcpy(w->trunk_gradient, gradient, count * sizeof *gradient);
  } else {
    for (size_t i = 0; i < count; i++) w->trunk_gradient[i] += gradient[i];
  }
}

double ls_model_backward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                         ls_real scale, ls_real *gradient, double *sums) {
  ls_workspace *w = workspace;
  backward b = {.common = {.weights = weights, .gradient = gradient, .scale = scale},
                .complete = model->param_count};
  bool several = model->head_count > 1;
  bool trunk_learns = model->trunk > 0 && needs_backward(&model->layers[model->trunk - 1]);
  double loss = outputs_penalties(model, w, sums);
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    loss += outputs_head_loss(model, w, h, scale, w->gradients[0], sums);
    b.in_order = h + 1 == model->head_count;
    ls_real *dx = backward_layers(model, w, &b, head->first, head->end);
    if (several && trunk_learns) add_trunk_gradient(model, w, dx, h == 0);
    if (!several && dx != w->gradients[0]) { /* where the trunk begins */
      w->gradients[1] = w->gradients[0];
      w->gradients[0] = dx;
    }
  }
  if (several && trunk_learns) {
    memcpy(w->gradients[0], w->trunk_gradient,
           w->batch.n * workspace_trunk_size(model) * sizeof(ls_real));
  }
  backward_layers(model, w, &b, 0, model->trunk);
  return loss;
}

void ls_model_input_gradient(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                             size_t head, const uint32_t *units, ls_real *dx) {
  ls_workspace *w = workspace;
  const ls_head *h = &model->heads[head];
  size_t width = (size_t)ls_shape_size(&h->output), n = w->batch.n;
  ls_real *dy = w->gradients[0], *other = w->gradients[1];
  memset(dy, 0, n * width * sizeof *dy);
  for (size_t i = 0; i < n; i++) dy[i * width + units[i]] = 1;
  size_t i = (h->end > h->first ? h->end : model->trunk) - 1;
  for (; i != LS_MODEL_INPUT; i = model->layers[i].source) {
    if (model->layers[i].training_only) continue;
    ls_layer layer = model->layers[i];
    layer.frozen = true; /* no gradient of parameters, and running means are constants */
    ls_pass pass = workspace_pass(w, i, weights, false);
    bool shared = layer.memory != LS_FRESH;
    pass.dy = dy;
    /* The buffers are not made for gradients of the input. */
    pass.dx = shared ? dy : layer.source == LS_MODEL_INPUT ? dx : other;
    layer.type->backward(&layer, &pass);
    if (shared) continue;
    other = dy;
    dy = pass.dx;
  }
  if (dy != dx) memcpy(dx, dy, n * (size_t)ls_shape_size(&model->input) * sizeof *dx);
}
