/* Running samples through trained models, chunk by chunk. */
#include "study/model/infer.h"

#include "base/partition.h"
#include "lockstep/error.h"
#include "study/model/trained_layers.h"
#include "trial/batch.h"
#include "trial/plan_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int ls_inputs_create(ls_inputs **out, const ls_dataset *dataset, ls_part part,
                     const ls_samples *samples, const ls_group *world) {
  *out = NULL;
  ls_layout layout = ls_plan_evaluation_layout(samples->count, (size_t)world->size);
  ls_inputs *inputs = ls_new(1, sizeof *inputs);
  if (inputs) {
    *inputs = (ls_inputs){.dataset = dataset,
                          .count = samples->count,
                          .layout = layout,
                          .world = world,
                          .peers = ls_group_peers(world, false)};
  }
  int status = ls_group_agree(world, inputs ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_pool_load(&inputs->pool, dataset, part, &inputs->peers);
  if (status == LS_OK) {
    status = ls_group_agree(world, ls_feed_create(&inputs->feed, inputs->pool, &layout, NULL));
  }
  if (status == LS_OK) status = ls_feed_start(inputs->feed, samples->numbers);
  if (status != LS_OK) ls_inputs_free(&inputs);
  *out = inputs;
  return status;
}

void ls_inputs_free(ls_inputs **inputs) {
  ls_inputs *own = *inputs;
  if (!own) return;
  ls_feed_free(&own->feed);
  ls_pool_free(&own->pool);
  free(own);
  *inputs = NULL;
}

/* The first chunk of a rank; of the number of ranks, the end. */
static size_t rank_begin(const ls_inputs *inputs, int rank) {
  return ls_partition_begin(inputs->layout.shards, inputs->layout.ranks, (size_t)rank);
}

/* Collective: completes an array of which each rank has set the items of its chunks. */
static int gather(const ls_inputs *inputs, void *items, size_t bytes) {
  int status = LS_OK;
  for (int rank = 0; rank < inputs->world->size && status == LS_OK; rank++) {
    size_t first, end;
    ls_layout_rank(&inputs->layout, 0, (size_t)rank, &first, &end);
    if (end == first) continue;
    status = ls_group_broadcast(inputs->world, (char *)items + first * bytes, (end - first) * bytes,
                                rank);
  }
  return status;
}

/* ---- Inference ---- */

int ls_inference_check(const ls_inference *inference) {
  const ls_trained *model = inference->model, *through = inference->through;
  if (!through) return LS_OK;
  int64_t wanted = ls_shape_size(&model->plan->dataset->shape);
  int64_t taken = ls_shape_size(&through->plan->dataset->shape);
  const ls_model *net = through->plan->model;
  if (net->head_count == 1 && through->transforms->count == 0 && taken == wanted &&
      ls_shape_size(&net->heads[0].output) == wanted) {
    return LS_OK;
  }
  return ls_fail(
      LS_INVALID,
      "%s: cannot be run before %s (expected a model without transforms whose inputs and "
      "outputs are of the dataset's size, %lld numbers)",
      through->path, model->path, (long long)wanted);
}

/* Memory of one rank for one chunk. */
typedef struct pipeline {
  const ls_inputs *inputs;
  const ls_inference *inference;
  ls_workspace *workspace, *through;
  ls_perturber perturber;
  ls_memory memory;
  ls_real *images, *seen; /* see ls_chunk */
  ls_real *work[2];       /* of the transforms */
  size_t size;            /* of one image */
} pipeline;

static int create_pipeline(pipeline *p, const ls_inputs *inputs, const ls_inference *inference) {
  size_t capacity = ls_layout_largest_shard(&inputs->layout);
  const ls_trained *model = inference->model, *through = inference->through;
  *p = (pipeline){.inputs = inputs,
                  .inference = inference,
                  .size = (size_t)ls_shape_size(&inputs->dataset->shape)};
  int status = ls_trained_workspace(&p->workspace, model, capacity);
  if (status == LS_OK && through) {
    status = ls_trained_workspace(&p->through, through, capacity);
  }
  if (status == LS_OK && inference->perturbation) {
    status = ls_perturber_create(&p->perturber, inference->perturbation, inference->level,
                                 &inputs->dataset->shape, inference->seed);
  }
  if (status != LS_OK) return status;
  size_t largest = ls_transforms_largest(model->transforms);
  if (largest < p->size) largest = p->size;
  p->images = ls_memory_new(&p->memory, capacity * p->size, sizeof *p->images);
  p->seen = ls_memory_new(&p->memory, capacity * p->size, sizeof *p->seen);
  for (int k = 0; k < 2; k++) {
    p->work[k] = ls_memory_new(&p->memory, capacity * largest, sizeof *p->work[k]);
  }
  return ls_memory_status(&p->memory);
}

static void destroy_pipeline(pipeline *p) {
  ls_workspace_free(&p->workspace);
  ls_workspace_free(&p->through);
  ls_perturber_destroy(&p->perturber);
  ls_memory_free(&p->memory);
}

/* Sets the model's inputs: images after its transforms. */
static void set_inputs(const pipeline *p, const ls_real *images) {
  const ls_transforms *transforms = p->inference->model->transforms;
  ls_batch *batch = ls_workspace_batch(p->workspace);
  const ls_real *x = images;
  size_t size = p->size;
  if (transforms->count > 0) {
    memcpy(p->work[0], images, batch->n * p->size * sizeof *images);
    x = ls_transforms_apply(transforms, batch->n, p->work[0], p->work[1]);
    size = (size_t)ls_shape_size(ls_transforms_output(transforms));
  }
  memcpy(batch->x, x, batch->n * size * sizeof *x);
}

/* Replaces the images by the outputs of the other model. */
static void pass_through(const pipeline *p) {
  const ls_trained *through = p->inference->through;
  const ls_batch *own = ls_workspace_batch(p->workspace);
  ls_batch *batch = ls_workspace_batch(p->through);
  size_t bytes = own->n * p->size * sizeof *p->seen;
  batch->n = own->n;
  memcpy(batch->ids, own->ids, own->n * sizeof *own->ids);
  memcpy(batch->x, p->seen, bytes);
  ls_model_forward_from(through->plan->model, p->through, through->weights, false, 0);
  memcpy(p->seen, ls_model_activated(through->plan->model, p->through, 0).y, bytes);
}

static int run_chunk(const pipeline *p, size_t chunk) {
  const ls_inference *inference = p->inference;
  const ls_model *model = inference->model->plan->model;
  batch_read(inference->model->plan, p->workspace, p->inputs->feed, 0, chunk, p->images);
  const ls_batch *batch = ls_workspace_batch(p->workspace);
  set_inputs(p, p->images);
  ls_model_set_targets(model, p->workspace);
  memcpy(p->seen, p->images, batch->n * p->size * sizeof *p->seen);
  if (inference->perturbation) ls_perturb(&p->perturber, batch->n, batch->ids, p->seen);
  if (inference->through) pass_through(p);
  if (inference->perturbation || inference->through) set_inputs(p, p->seen);
  ls_model_forward_from(model, p->workspace, inference->model->weights, false, 0);
  size_t first, end;
  ls_layout_shard(&p->inputs->layout, 0, chunk, &first, &end);
  ls_chunk done = {.model = inference->model,
                   .number = chunk,
                   .first = first,
                   .n = batch->n,
                   .ids = batch->ids,
                   .images = p->images,
                   .seen = p->seen,
                   .workspace = p->workspace};
  for (const ls_gathered *g = inference->gathered; g->items; g++) {
    if (g->take) g->take((char *)g->items + done.first * g->bytes, g->number, &done);
  }
  return inference->visit ? inference->visit(inference->visit_context, &done) : LS_OK;
}

int ls_infer(const ls_inputs *inputs, const ls_inference *inference) {
  int rank = inputs->world->rank;
  pipeline p = {0};
  int status = ls_inference_check(inference);
  if (status == LS_OK) status = create_pipeline(&p, inputs, inference);
  status = ls_group_agree(inputs->world, status);
  size_t end = rank_begin(inputs, rank + 1);
  for (size_t i = rank_begin(inputs, rank); i < end && status == LS_OK; i++) {
    status = run_chunk(&p, i);
  }
  destroy_pipeline(&p);
  status = ls_group_agree(inputs->world, status);
  for (const ls_gathered *g = inference->gathered; status == LS_OK && g->items; g++) {
    status = gather(inputs, g->items, g->bytes);
  }
  return status;
}

int ls_infer_samples(const ls_inference *inference, ls_part part, const ls_samples *samples,
                     const ls_group *world) {
  ls_inputs *inputs = NULL;
  int status = ls_inputs_create(&inputs, inference->model->plan->dataset, part, samples, world);
  if (status == LS_OK) status = ls_infer(inputs, inference);
  ls_inputs_free(&inputs);
  return status;
}

/* ---- Arrays ---- */

static void copy(void *items, const ls_shape *shape, const ls_chunk *chunk, const ls_real *from) {
  memcpy(items, from, chunk->n * (size_t)ls_shape_size(shape) * sizeof *from);
}

void ls_take_seen(void *items, size_t number, const ls_chunk *chunk) {
  (void)number;
  copy(items, &chunk->model->plan->dataset->shape, chunk, chunk->seen);
}

void ls_take_layer(void *items, size_t number, const ls_chunk *chunk) {
  ls_shape shape = ls_trained_shape(chunk->model, number);
  copy(items, &shape, chunk, ls_trained_output(chunk->model, chunk->workspace, number));
}

void ls_take_head(void *items, size_t number, const ls_chunk *chunk) {
  ls_take_layer(items, chunk->model->plan->model->layer_count + number, chunk);
}

int ls_infer_layer(ls_real *outputs, const ls_trained *model, size_t layer, ls_part part,
                   const ls_samples *samples, const ls_group *world) {
  ls_shape shape = ls_trained_shape(model, layer);
  size_t size = (size_t)ls_shape_size(&shape);
  const ls_gathered gathered[] = {{outputs, size * sizeof *outputs, ls_take_layer, layer}, {NULL}};
  ls_inference inference = {.model = model, .gathered = gathered};
  int status = ls_infer_samples(&inference, part, samples, world);
  for (size_t k = 0; k < samples->count * size && status == LS_OK; k++) {
    if (isfinite((double)outputs[k])) continue;
    status = ls_fail(LS_FAILED, "%s: the output of its layer for sample %u is not a number",
                     model->path, samples->numbers[k / size]);
  }
  return status;
}
