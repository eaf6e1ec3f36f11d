/* The memory of a batch. */
#include "nn/model/workspace.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/division.h"

#include <stdlib.h>

/* Whether layer i overwrites its input: it may, and no other layer needs the input. Views of an
 * output that is kept are kept too. The first layers may overwrite the batch's own memory. */
static bool in_place(const ls_model *model, size_t i, bool kept) {
  ls_layer_memory memory = model->layers[i].memory;
  return memory == LS_VIEW || (memory == LS_OVERWRITE && !kept);
}

/* Calls `visit` for each layer in order; `shared` is whether its output has the memory of its
 * input, which only views have in a separate workspace. */
static void visit_layers(const ls_model *model, bool separate,
                         void (*visit)(void *context, size_t i, bool shared), void *context) {
  bool kept = separate;
  for (size_t i = 0; i < model->layer_count; i++) {
    bool branch = i >= model->trunk && model->layers[i].source == model->trunk - 1;
    if (branch && model->head_count > 1) kept = true; /* every head reads this output */
    bool shared = in_place(model, i, kept);
    visit(context, i, shared);
    kept = separate || (shared && kept) || model->layers[i].keeps_output;
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

size_t workspace_trunk_size(const ls_model *model) {
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

/* Whether a head needs memory for labels, for values, for scaled ones, for its outputs behind the
 * activation that its loss has fused. */
typedef struct head_needs {
  bool labels, values, scaled, activated;
} head_needs;

static head_needs head_needs_of(const ls_head *head, bool separate) {
  head_needs needs = {.labels = head->spec.target.classes > 0,
                      .values = head->needs_values || head->spec.target.classes == 0,
                      .scaled = head->spec.scales,
                      .activated = (head->fused || head->spec.scales) && separate};
  for (size_t i = 0; i < head->metric_count; i++) {
    const ls_metric_type *type = (const ls_metric_type *)ls_head_metric(head, i)->type;
    needs.activated |= head->spec.scales || (head->fused && !type->takes_logits);
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

size_t ls_workspace_bytes(const ls_model *model, size_t capacity, size_t shards) {
  size_t reals = (size_t)ls_shape_size(&model->input) + 2 * largest_output(model);
  size_t fixed = scratch_bytes(model);
  sizing sum = {model, sizeof(uint32_t)};
  visit_layers(model, false, add_bytes, &sum);
  for (size_t i = 0; i < model->layer_count; i++) fixed += shards * model->layers[i].shard_bytes;
  for (size_t h = 0; h < model->head_count; h++) {
    head_needs needs = head_needs_of(&model->heads[h], false);
    size_t width = (size_t)ls_shape_size(&model->heads[h].output);
    if (needs.labels) sum.bytes += sizeof(int32_t);
    if (model->heads[h].spec.weighs) sum.bytes += sizeof(ls_real);
    reals += width * ((size_t)needs.values + (size_t)needs.scaled + (size_t)needs.activated);
  }
  return capacity * (sum.bytes + (reals + workspace_trunk_size(model)) * sizeof(ls_real)) + fixed;
}

/* Memory that the workspace owns: `count` items of `size` bytes. */
static void *allocate_array(ls_workspace *w, size_t count, size_t size) {
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
  size_t capacity, shards;
} allocation;

static void allocate_layer(void *context, size_t i, bool shared) {
  allocation *a = context;
  ls_workspace *w = a->workspace;
  const ls_layer *layer = &a->model->layers[i];
  layer_memory *own = &w->layers[i];
  own->x = layer->source == LS_MODEL_INPUT ? w->batch.x : w->layers[layer->source].y;
  own->y = own->x;
  if (!shared)
    own->y =
        allocate_array(w, a->capacity, (size_t)ls_shape_size(&layer->output) * sizeof(ls_real));
  own->cache = allocate_array(w, a->capacity, layer->cache_bytes);
  own->shard_cache = allocate_array(w, a->shards > 0 ? a->shards : 1, layer->shard_bytes);
}

static void allocate_head(ls_workspace *w, const ls_model *model, size_t h, size_t capacity) {
  const ls_head *head = &model->heads[h];
  head_needs needs = head_needs_of(head, w->separate);
  size_t width = (size_t)ls_shape_size(&head->output);
  size_t last = head->end > head->first ? head->end : model->trunk;
  head_memory *own = &w->heads[h];
  own->y = last > 0 ? w->layers[last - 1].y : w->batch.x;
  if (needs.labels) own->labels = allocate_array(w, capacity, sizeof(int32_t));
  if (needs.values) own->values = allocate_array(w, capacity, width * sizeof(ls_real));
  if (needs.scaled) own->scaled = allocate_array(w, capacity, width * sizeof(ls_real));
  if (needs.activated) own->activated = allocate_array(w, capacity, width * sizeof(ls_real));
  if (head->spec.weighs) own->weights = allocate_array(w, capacity, sizeof(ls_real));
  w->batch.weights[h] = own->weights;
  if (head->spec.target.input) return;
  if (needs.labels) w->batch.labels[h] = own->labels;
  if (!needs.labels) w->batch.values[h] = own->values;
}

static void allocate(ls_workspace *w, const ls_model *model, size_t capacity, size_t shards) {
  w->batch.x = allocate_array(w, capacity, (size_t)ls_shape_size(&model->input) * sizeof(ls_real));
  w->batch.ids = allocate_array(w, capacity, sizeof *w->batch.ids);
  for (int k = 0; k < 2; k++) {
    w->gradients[k] = allocate_array(w, capacity, largest_output(model) * sizeof(ls_real));
  }
  w->trunk_gradient = allocate_array(w, capacity, workspace_trunk_size(model) * sizeof(ls_real));
  w->scratch = allocate_array(w, 1, scratch_bytes(model));
  allocation a = {model, w, capacity, shards};
  visit_layers(model, w->separate, allocate_layer, &a);
  for (size_t h = 0; h < model->head_count; h++) allocate_head(w, model, h, capacity);
}

static int create(ls_workspace **out, const ls_model *model, size_t capacity, size_t shards,
                  bool separate) {
  *out = NULL;
  ls_workspace *w = ls_new(1, sizeof *w);
  if (!w) return LS_FAILED;
  w->kernels = model->kernels;
  w->separate = separate;
  w->layers = ls_new(model->layer_count + 1, sizeof *w->layers);
  w->owned = ls_new(3 * model->layer_count + 5 * model->head_count + 8, sizeof *w->owned);
  w->failed = !w->layers || !w->owned || ls_shards_create(&w->whole, 0, 1) != LS_OK;
  w->shards = &w->whole;
  if (!w->failed) allocate(w, model, capacity > 0 ? capacity : 1, shards);
  if (w->failed) {
    ls_workspace_free(&w);
    return LS_FAILED;
  }
  *out = w;
  return LS_OK;
}

int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity, size_t shards) {
  return create(out, model, capacity, shards, false);
}

int ls_workspace_create_separate(ls_workspace **out, const ls_model *model, size_t capacity) {
  return create(out, model, capacity, 1, true);
}

void ls_workspace_free(ls_workspace **workspace) {
  ls_workspace *w = *workspace;
  if (!w) return;
  for (size_t i = 0; i < w->owned_count; i++) free(w->owned[i]);
  free(w->owned);
  ls_shards_destroy(&w->whole);
  free(w->layers);
  free(w);
  *workspace = NULL;
}

void ls_workspace_scale_target(ls_workspace *w, size_t head, const ls_target_scaling *scaling) {
  w->heads[head].scaling = *scaling;
}

ls_batch *ls_workspace_batch(ls_workspace *workspace) {
  return &workspace->batch;
}

ls_real *ls_workspace_output(ls_workspace *workspace, size_t layer) {
  return workspace->layers[layer].y;
}

void ls_workspace_time_layers(ls_workspace *workspace, ls_layer_times *times) {
  workspace->times = times;
}

void ls_workspace_divide(ls_workspace *workspace, const ls_division *division) {
  workspace->division = division;
}

void ls_workspace_on_gradient(ls_workspace *workspace, ls_gradient_ready ready, void *context) {
  workspace->ready = ready;
  workspace->ready_context = context;
}

/* How layer i is divided in a pass; NULL: not. */
static const ls_divided_layer *divided_layer(const ls_workspace *w, size_t i, bool training) {
  if (!w->division || !training || !w->division->layers[i].inputs) return NULL;
  return &w->division->layers[i];
}

ls_pass workspace_pass(const ls_workspace *w, size_t i, const ls_real *weights, bool training) {
  const layer_memory *own = &w->layers[i];
  return (ls_pass){
      .n = w->batch.n,
      .weights = weights,
      .kernels = w->kernels,
      .x = own->x,
      .y = own->y,
      .cache = own->cache,
      .shard_cache = own->shard_cache,
      .scratch = w->scratch,
      .divided = divided_layer(w, i, training),
      .training = training,
      .seed = w->seed,
      .epoch = w->epoch,
      .ids = w->batch.ids,
      .shards = w->shards,
  };
}

ls_pass workspace_shard_pass(const ls_workspace *w, const ls_layer *layer, const ls_pass *pass,
                             size_t shard, ls_real *gradient) {
  const size_t first = w->shards->begin[shard], end = w->shards->begin[shard + 1];
  const size_t in = first * (size_t)ls_shape_size(&layer->input);
  const size_t out = first * (size_t)ls_shape_size(&layer->output);
  ls_pass part = *pass;
  part.n = end - first;
  part.x += in;
  part.y += out;
  part.ids += first;
  if (part.cache) part.cache = (char *)part.cache + first * layer->cache_bytes;
  if (part.shard_cache) part.shard_cache = (char *)part.shard_cache + shard * layer->shard_bytes;
  if (part.dy) part.dy += out;
  if (part.dx) part.dx += in;
  part.gradient = gradient;
  part.shards = NULL;
  return part;
}
