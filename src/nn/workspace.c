/* One batch on its way through a model: its memory, forward and backward. */
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/model.h"

#include <stdlib.h>

/* outputs[i] is what layer i writes: memory of its own, or that of the layer before. Gradients of
 * outputs go through two buffers in turn. */
struct ls_workspace {
  ls_batch batch;
  ls_real **outputs;
  void **caches;
  ls_real *gradients[2];
  size_t layer_count;
  ls_real **owned; /* memory of outputs that is this workspace's to free */
  uint64_t seed;
  uint32_t epoch;
};

/* Whether layer i writes over its input: it may, and nobody needs that input afterwards. Views of a
 * kept output are kept themselves. The batch's own memory may be overwritten. */
static bool in_place(const ls_model *model, size_t i, bool kept) {
  ls_layer_memory memory = model->layers[i].type->memory;
  return memory == LS_VIEW || (memory == LS_OVERWRITE && !kept);
}

/* Calls `visit` for each layer in order, saying whether it shares its input's memory. */
static void lay_out(const ls_model *model, void (*visit)(void *context, size_t i, bool shared),
                    void *context) {
  bool kept = false;
  for (size_t i = 0; i < model->layer_count; i++) {
    bool shared = in_place(model, i, kept);
    visit(context, i, shared);
    kept = (shared && kept) || model->layers[i].type->keeps_output;
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
  sizing sum = {model, (size_t)ls_shape_size(&model->input) * sizeof(ls_real) + sizeof(int32_t) +
                           sizeof(uint32_t)};
  lay_out(model, add_bytes, &sum);
  return capacity * (sum.bytes + 2 * largest_output(model) * sizeof(ls_real));
}

typedef struct allocation {
  const ls_model *model;
  ls_workspace *workspace;
  size_t capacity;
  bool failed;
} allocation;

static void allocate_layer(void *context, size_t i, bool shared) {
  allocation *a = context;
  ls_workspace *w = a->workspace;
  const ls_layer *layer = &a->model->layers[i];
  if (!shared) {
    w->owned[i] = ls_new(a->capacity, (size_t)ls_shape_size(&layer->output) * sizeof(ls_real));
    a->failed |= !w->owned[i];
  }
  w->outputs[i] = !shared ? w->owned[i] : i > 0 ? w->outputs[i - 1] : w->batch.x;
  if (layer->cache_bytes > 0) {
    w->caches[i] = ls_new(a->capacity, layer->cache_bytes);
    a->failed |= !w->caches[i];
  }
}

int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity) {
  *out = NULL;
  ls_workspace *w = ls_new(1, sizeof *w);
  if (!w) return LS_FAILED;
  if (capacity == 0) capacity = 1;
  w->layer_count = model->layer_count;
  w->batch.x = ls_new(capacity, (size_t)ls_shape_size(&model->input) * sizeof(ls_real));
  w->batch.labels = ls_new(capacity, sizeof *w->batch.labels);
  w->batch.ids = ls_new(capacity, sizeof *w->batch.ids);
  w->outputs = ls_new(model->layer_count, sizeof *w->outputs);
  w->owned = ls_new(model->layer_count, sizeof *w->owned);
  w->caches = ls_new(model->layer_count, sizeof *w->caches);
  bool ready = w->batch.x && w->batch.labels && w->batch.ids && w->outputs && w->owned && w->caches;
  for (int k = 0; k < 2 && ready; k++) {
    w->gradients[k] = ls_new(capacity, largest_output(model) * sizeof(ls_real));
    ready = w->gradients[k] != NULL;
  }
  if (ready) {
    allocation a = {model, w, capacity, false};
    lay_out(model, allocate_layer, &a);
    ready = !a.failed;
  }
  if (!ready) {
    ls_workspace_free(&w);
    return LS_FAILED;
  }
  *out = w;
  return LS_OK;
}

void ls_workspace_free(ls_workspace **workspace) {
  ls_workspace *w = *workspace;
  if (!w) return;
  for (size_t i = 0; i < w->layer_count; i++) {
    if (w->owned) free(w->owned[i]);
    if (w->caches) free(w->caches[i]);
  }
  free(w->owned);
  free(w->outputs);
  free(w->caches);
  free(w->gradients[0]);
  free(w->gradients[1]);
  free(w->batch.x);
  free(w->batch.labels);
  free(w->batch.ids);
  free(w);
  *workspace = NULL;
}

ls_batch *ls_workspace_batch(ls_workspace *workspace) {
  return &workspace->batch;
}

/* What layer i gets to see of the batch. */
static ls_pass pass_of(const ls_workspace *w, size_t i, const ls_real *weights, bool training) {
  return (ls_pass){
      .n = w->batch.n,
      .weights = weights,
      .x = i > 0 ? w->outputs[i - 1] : w->batch.x,
      .y = w->outputs[i],
      .cache = w->caches[i],
      .training = training,
      .seed = w->seed,
      .epoch = w->epoch,
      .ids = w->batch.ids,
  };
}

static ls_outputs outputs_of(const ls_model *model, const ls_workspace *w) {
  return (ls_outputs){w->batch.n, (size_t)model->output.extent[0], w->outputs[w->layer_count - 1],
                      model->fused, w->batch.labels};
}

ls_outputs ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                            bool training, uint64_t seed, uint32_t epoch) {
  workspace->seed = seed;
  workspace->epoch = epoch;
  for (size_t i = 0; i < model->layer_count; i++) {
    ls_pass pass = pass_of(workspace, i, weights, training);
    model->layers[i].type->forward(&model->layers[i], &pass);
  }
  return outputs_of(model, workspace);
}

double ls_model_loss(const ls_model *model, ls_workspace *workspace) {
  ls_outputs outputs = outputs_of(model, workspace);
  return model->loss->evaluate(model->loss_args, &outputs, 1, NULL);
}

double ls_model_backward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                         ls_real scale, ls_real *gradient) {
  ls_workspace *w = workspace;
  ls_real *dy = w->gradients[0], *other = w->gradients[1];
  ls_outputs outputs = outputs_of(model, w);
  double loss = model->loss->evaluate(model->loss_args, &outputs, scale, dy);

  size_t first = 0; /* the first layer that has something to learn: no gradient goes below it */
  while (model->layers[first].param_count == 0) first++;
  for (size_t i = model->layer_count; i-- > first;) {
    const ls_layer *layer = &model->layers[i];
    ls_pass pass = pass_of(w, i, weights, true);
    bool shared = layer->type->memory != LS_FRESH;
    pass.dy = dy;
    pass.dx = i == first ? NULL : shared ? dy : other;
    pass.gradient = gradient;
    layer->type->backward(layer, &pass);
    if (!shared) {
      other = dy;
      dy = pass.dx;
    }
  }
  return loss;
}
