/* One batch on its way through a model: its memory, forward and backward. What is measured of the
 * outputs is in outputs.c. */
#include "nn/model/workspace.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/blas.h"

#include <stdlib.h>
#include <string.h>

/* ---- Memory ------------------------------------------------------------------------------------
 */

/* The layer before layer i; SIZE_MAX if that is the input. */
static size_t layer_before(const ls_model *model, size_t i) {
  for (size_t h = 0; h < model->head_count; h++) {
    if (i == model->heads[h].first && i < model->heads[h].end) return model->trunk - 1;
  }
  return i - 1;
}

/* Whether layer i writes over its input: it may, and nobody needs that input afterwards. Views of a
 * kept output are kept themselves. The batch's own memory may be overwritten by a chain. */
static bool in_place(const ls_model *model, size_t i, bool kept) {
  ls_layer_memory memory = model->layers[i].memory;
  return memory == LS_VIEW || (memory == LS_OVERWRITE && !kept);
}

/* Calls `visit` for each layer in order, saying whether it shares its input's memory. In a whole
 * workspace only views do. */
static void lay_out(const ls_model *model, bool whole,
                    void (*visit)(void *context, size_t i, bool shared), void *context) {
  bool kept = whole;
  for (size_t i = 0; i < model->layer_count; i++) {
    bool branch = i >= model->trunk && layer_before(model, i) == model->trunk - 1;
    if (branch && model->head_count > 1) kept = true; /* every head starts from the same output */
    bool shared = in_place(model, i, kept);
    visit(context, i, shared);
    kept = whole || (shared && kept) || model->layers[i].keeps_output;
  }
}

static size_t largest_output(const ls_model *model) {
  int64_t largest = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    int64_t size = ls_shape_size(&model->layers[i].output);
    if (size > largest) largest = size;
    size = ls_shape_size(&model->layers[i].input);
    if (i > 0 && size > largest) largest = size;
  }
  return (size_t)largest;
}

static size_t trunk_size(const ls_model *model) {
  const ls_shape *shape =
      model->trunk > 0 ? &model->layers[model->trunk - 1].output : &model->input;
  return model->head_count > 1 ? (size_t)ls_shape_size(shape) : 0;
}

static size_t scratch_bytes(const ls_model *model) {
  size_t most = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    if (model->layers[i].scratch_bytes > most) most = model->layers[i].scratch_bytes;
  }
  return most;
}

/* Whether a head needs memory for labels, for values, for its outputs behind the activation that
 * its loss has fused. */
typedef struct head_needs {
  bool labels, values, activated;
} head_needs;

static head_needs needs_of(const ls_head *head, bool whole) {
  const ls_choices *metrics = ls_head_metrics(head);
  head_needs needs = {.labels = head->spec.target.classes > 0,
                      .values = head->values || head->spec.target.classes == 0,
                      .activated = head->fused && whole};
  for (size_t i = 0; i < metrics->count; i++) {
    const ls_metric_type *type = (const ls_metric_type *)metrics->items[i].type;
    needs.activated |= head->fused && !type->takes_logits;
  }
  return needs;
}

typedef struct sizing {
  const ls_model *model;
  size_t bytes;
} sizing;

static void add_bytes(void *context, size_t i, bool shared) {
  sizing *sum = context;
  const ls_layer *layer = &sum->model->layers[i];
  if (!shared) sum->bytes += (size_t)ls_shape_size(&layer->output) * sizeof(ls_real);
  sum->bytes += layer->cache_bytes;
}

size_t ls_workspace_bytes(const ls_model *model, size_t capacity) {
  size_t reals = (size_t)ls_shape_size(&model->input) + 2 * largest_output(model);
  size_t fixed = scratch_bytes(model);
  sizing sum = {model, sizeof(uint32_t)};
  lay_out(model, false, add_bytes, &sum);
  for (size_t i = 0; i < model->layer_count; i++) fixed += model->layers[i].batch_bytes;
  for (size_t h = 0; h < model->head_count; h++) {
    head_needs needs = needs_of(&model->heads[h], false);
    size_t width = (size_t)ls_shape_size(&model->heads[h].output);
    if (needs.labels) sum.bytes += sizeof(int32_t);
    reals += width * ((size_t)needs.values + (size_t)needs.activated);
  }
  return capacity * (sum.bytes + (reals + trunk_size(model)) * sizeof(ls_real)) + fixed;
}

/* Memory that the workspace owns: `count` items of `size` bytes. */
static void *take(ls_workspace *w, size_t count, size_t size) {
  if (w->failed || count == 0 || size == 0) return NULL;
  void *memory = ls_new(count, size);
  if (!memory) {
    w->failed = true;
    return NULL;
  }
  w->owned[w->owned_count++] = memory;
  return memory;
}

typedef struct allocation {
  const ls_model *model;
  ls_workspace *workspace;
  size_t capacity;
} allocation;

static void allocate_layer(void *context, size_t i, bool shared) {
  allocation *a = context;
  ls_workspace *w = a->workspace;
  const ls_layer *layer = &a->model->layers[i];
  stage *own = &w->stages[i];
  size_t before = layer_before(a->model, i);
  own->x = before == SIZE_MAX ? w->batch.x : w->stages[before].y;
  own->y = own->x;
  if (!shared)
    own->y = take(w, a->capacity, (size_t)ls_shape_size(&layer->output) * sizeof(ls_real));
  own->cache = take(w, a->capacity, layer->cache_bytes);
  own->batch_cache = take(w, 1, layer->batch_bytes);
}

static void allocate_head(ls_workspace *w, const ls_model *model, size_t h, size_t capacity) {
  const ls_head *head = &model->heads[h];
  head_needs needs = needs_of(head, w->whole);
  size_t width = (size_t)ls_shape_size(&head->output);
  size_t last = head->end > head->first ? head->end : model->trunk;
  ends *own = &w->ends[h];
  own->y = last > 0 ? w->stages[last - 1].y : w->batch.x;
  if (needs.labels) own->labels = take(w, capacity, sizeof(int32_t));
  if (needs.values) own->values = take(w, capacity, width * sizeof(ls_real));
  if (needs.activated) own->activated = take(w, capacity, width * sizeof(ls_real));
  if (head->spec.target.input) return;
  if (needs.labels) w->batch.labels[h] = own->labels;
  if (!needs.labels) w->batch.values[h] = own->values;
}

static void allocate(ls_workspace *w, const ls_model *model, size_t capacity) {
  w->batch.x = take(w, capacity, (size_t)ls_shape_size(&model->input) * sizeof(ls_real));
  w->batch.ids = take(w, capacity, sizeof *w->batch.ids);
  for (int k = 0; k < 2; k++) {
    w->gradients[k] = take(w, capacity, largest_output(model) * sizeof(ls_real));
  }
  w->trunk_gradient = take(w, capacity, trunk_size(model) * sizeof(ls_real));
  w->scratch = take(w, 1, scratch_bytes(model));
  allocation a = {model, w, capacity};
  lay_out(model, w->whole, allocate_layer, &a);
  for (size_t h = 0; h < model->head_count; h++) allocate_head(w, model, h, capacity);
}

static int create(ls_workspace **out, const ls_model *model, size_t capacity, bool whole) {
  *out = NULL;
  ls_workspace *w = ls_new(1, sizeof *w);
  if (!w) return LS_FAILED;
  w->whole = whole;
  w->stages = ls_new(model->layer_count + 1, sizeof *w->stages);
  w->owned = ls_new(3 * model->layer_count + 3 * model->head_count + 8, sizeof *w->owned);
  w->failed = !w->stages || !w->owned;
  if (!w->failed) allocate(w, model, capacity > 0 ? capacity : 1);
  if (w->failed) {
    ls_workspace_free(&w);
    return LS_FAILED;
  }
  *out = w;
  return LS_OK;
}

int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity) {
  return create(out, model, capacity, false);
}

int ls_workspace_create_whole(ls_workspace **out, const ls_model *model, size_t capacity) {
  return create(out, model, capacity, true);
}

void ls_workspace_free(ls_workspace **workspace) {
  ls_workspace *w = *workspace;
  if (!w) return;
  for (size_t i = 0; i < w->owned_count; i++) free(w->owned[i]);
  free(w->owned);
  free(w->stages);
  free(w);
  *workspace = NULL;
}

ls_batch *ls_workspace_batch(ls_workspace *workspace) {
  return &workspace->batch;
}

ls_real *ls_workspace_output(ls_workspace *workspace, size_t layer) {
  return workspace->stages[layer].y;
}

void ls_workspace_measure(ls_workspace *workspace, ls_layer_times *times) {
  workspace->times = times;
}

void ls_workspace_watch(ls_workspace *workspace, ls_ready ready, void *context) {
  workspace->ready = ready;
  workspace->ready_context = context;
}

/* ---- Forward and backward ----------------------------------------------------------------------
 */

ls_pass workspace_pass(const ls_workspace *w, size_t i, const ls_real *weights, bool training) {
  const stage *own = &w->stages[i];
  return (ls_pass){
      .n = w->batch.n,
      .weights = weights,
      .x = own->x,
      .y = own->y,
      .cache = own->cache,
      .batch_cache = own->batch_cache,
      .scratch = w->scratch,
      .training = training,
      .seed = w->seed,
      .epoch = w->epoch,
      .ids = w->batch.ids,
  };
}

/* Values of targets that don't come from the dataset as such: the input, classes one-hot. */
void ls_model_take_targets(const ls_model *model, ls_workspace *w) {
  size_t n = w->batch.n;
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    size_t width = (size_t)ls_shape_size(&head->output);
    ls_real *values = w->ends[h].values;
    if (!values) continue;
    if (head->spec.target.input) {
      memcpy(values, w->batch.x, n * width * sizeof *values);
    } else if (head->spec.target.classes > 0 && width == 1) {
      for (size_t i = 0; i < n; i++) values[i] = (ls_real)w->ends[h].labels[i];
    } else if (head->spec.target.classes > 0) {
      memset(values, 0, n * width * sizeof *values);
      for (size_t i = 0; i < n; i++) values[i * width + (size_t)w->ends[h].labels[i]] = 1;
    }
  }
}

void ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                      bool training, uint64_t seed, uint32_t epoch) {
  workspace->seed = seed;
  workspace->epoch = epoch;
  ls_model_take_targets(model, workspace);
  ls_model_forward_from(model, workspace, weights, training, 0);
}

void ls_model_forward_from(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                           bool training, size_t first) {
  bool timed = workspace->times && training;
  for (size_t i = first; i < model->layer_count; i++) {
    ls_pass pass = workspace_pass(workspace, i, weights, training);
    double start = timed ? ls_clock_seconds() : 0;
    blas_note_layer(i, false);
    model->layers[i].type->forward(&model->layers[i], &pass);
    if (timed) workspace->times[i].forward += ls_clock_seconds() - start;
  }
}

/* On the way back through a model. */
typedef struct backward {
  ls_pass common;  /* to all layers */
  size_t complete; /* element of the gradient from which on all are complete */
  bool in_order;   /* all layers behind those that come now are done */
} backward;

/* Layer i is done. Layers have their parameters in the vector in the order of layers. */
static void report(const ls_model *model, const ls_workspace *w, backward *b, size_t i) {
  const ls_layer *layer = &model->layers[i];
  if (b->in_order && layer->param_count > 0) b->complete = layer->params[0].offset;
  if (w->ready) w->ready(w->ready_context, b->complete);
}

/* Takes the gradient in gradients[0] from the output of layer end - 1 down to the input of layer
 * `first`, or, where `below` doesn't want it, only as far as something learns. Returns where it
 * then is. */
static ls_real *descend(const ls_model *model, ls_workspace *w, backward *b, size_t first,
                        size_t end, bool below) {
  const ls_pass *common = &b->common;
  ls_real *dy = w->gradients[0], *other = w->gradients[1];
  if (!below) {
    while (first < end && !ls_layer_learns(&model->layers[first])) first++;
  }
  for (size_t i = end; i-- > first;) {
    const ls_layer *layer = &model->layers[i];
    ls_pass pass = workspace_pass(w, i, common->weights, true);
    bool shared = layer->memory != LS_FRESH;
    pass.dy = dy;
    pass.dx = i == first && !below ? NULL : shared ? dy : other;
    pass.gradient = common->gradient;
    pass.scale = common->scale;
    double start = w->times ? ls_clock_seconds() : 0;
    blas_note_layer(i, true);
    layer->type->backward(layer, &pass);
    if (w->times) w->times[i].backward += ls_clock_seconds() - start;
    report(model, w, b, i);
    if (!shared && pass.dx) {
      other = dy;
      dy = pass.dx;
    }
  }
  return dy;
}

/* Adds a head's gradient of the trunk's output to that of the heads before it. */
static void gather(const ls_model *model, ls_workspace *w, const ls_real *gradient, bool first) {
  size_t count = w->batch.n * trunk_size(model);
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
  bool trunk_learns = false, several = model->head_count > 1;
  for (size_t i = 0; i < model->trunk; i++) trunk_learns |= ls_layer_learns(&model->layers[i]);
  double loss = workspace_penalties(model, w, sums);
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    loss += workspace_head_loss(model, w, h, scale, w->gradients[0], sums);
    b.in_order = h + 1 == model->head_count;
    ls_real *dx = descend(model, w, &b, head->first, head->end, trunk_learns);
    if (several && trunk_learns) gather(model, w, dx, h == 0);
    if (!several && dx != w->gradients[0]) { /* the trunk goes on where its only head ended */
      w->gradients[1] = w->gradients[0];
      w->gradients[0] = dx;
    }
  }
  if (several && trunk_learns) {
    memcpy(w->gradients[0], w->trunk_gradient, w->batch.n * trunk_size(model) * sizeof(ls_real));
  }
  descend(model, w, &b, 0, model->trunk, false);
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
  for (; i != SIZE_MAX; i = layer_before(model, i)) {
    if (model->layers[i].training_only) continue;
    ls_layer layer = model->layers[i];
    layer.frozen = true; /* no gradient of parameters, and running means are constants */
    ls_pass pass = workspace_pass(w, i, weights, false);
    bool shared = layer.memory != LS_FRESH;
    pass.dy = dy;
    /* The buffers are not made for gradients of the input. */
    pass.dx = shared ? dy : layer_before(model, i) == SIZE_MAX ? dx : other;
    layer.type->backward(&layer, &pass);
    if (shared) continue;
    other = dy;
    dy = pass.dx;
  }
  if (dy != dx) memcpy(dx, dy, n * (size_t)ls_shape_size(&model->input) * sizeof *dx);
}
