/* Samples that trained models are run on: which ones, having them in memory, and taking them piece
 * by piece through a model. */
#include "study/model/trained.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- Which -------------------------------------------------------------------------------------
 */

static const char *const split_names[] = {"train", "validation", "test"};
enum { SPLIT_NAMES = sizeof split_names / sizeof *split_names };

int ls_split_name_read(ls_split_name *out, const char *option, const char *text) {
  for (int i = 0; i < SPLIT_NAMES; i++) {
    if (strcmp(text, split_names[i]) != 0) continue;
    *out = (ls_split_name)i;
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: '%s' (expected train, validation or test)", option, text);
}

static int compare_numbers(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

int ls_trained_samples(ls_samples *samples, ls_part *part, const ls_trained *trained,
                       ls_split_name which) {
  const ls_split *split = &trained->plan->split;
  const uint32_t *numbers = split->train;
  *samples = (ls_samples){.count = split->train_count};
  *part = LS_TRAIN;
  bool on_test = split->validation_part == LS_TEST;
  if (which == LS_SPLIT_VALIDATION || (which == LS_SPLIT_TEST && on_test)) {
    numbers = split->validation;
    samples->count = split->validation_count;
    *part = split->validation_part;
  } else if (which == LS_SPLIT_TEST) {
    numbers = split->test;
    samples->count = split->test_count;
    *part = LS_TEST;
  }
  if (samples->count == 0) {
    return ls_fail(LS_INVALID, "%s: there are no %s samples in %s", trained->path,
                   split_names[which], trained->plan->dataset->path);
  }
  samples->numbers = ls_new(samples->count, sizeof *samples->numbers);
  if (!samples->numbers) return LS_FAILED;
  memcpy(samples->numbers, numbers, samples->count * sizeof *numbers);
  qsort(samples->numbers, samples->count, sizeof *numbers, compare_numbers);
  return LS_OK;
}

/* ---- In memory ---------------------------------------------------------------------------------
 */

int ls_inputs_create(ls_inputs **out, const ls_dataset *dataset, ls_part part,
                     const ls_samples *samples, const ls_group *world) {
  *out = NULL;
  ls_layout layout = ls_plan_evaluation_layout(samples->count, (size_t)world->size);
  ls_inputs *inputs = ls_new(1, sizeof *inputs);
  if (inputs) {
    *inputs = (ls_inputs){.dataset = dataset,
                          .part = part,
                          .count = samples->count,
                          .pieces = layout.shards,
                          .world = world,
                          .peers = ls_group_peers(world, false)};
    inputs->numbers = ls_new(samples->count, sizeof *inputs->numbers);
  }
  int status = ls_group_agree(world, inputs && inputs->numbers ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    memcpy(inputs->numbers, samples->numbers, samples->count * sizeof *inputs->numbers);
    status = ls_pool_load(&inputs->pool, dataset, part, &inputs->peers);
  }
  if (status == LS_OK) {
    status = ls_group_agree(world, ls_feed_create(&inputs->feed, inputs->pool, &layout, NULL));
  }
  if (status == LS_OK) status = ls_feed_start(inputs->feed, inputs->numbers);
  if (status != LS_OK) ls_inputs_free(&inputs);
  *out = inputs;
  return status;
}

void ls_inputs_free(ls_inputs **inputs) {
  ls_inputs *own = *inputs;
  if (!own) return;
  ls_feed_free(&own->feed);
  ls_pool_free(&own->pool);
  free(own->numbers);
  free(own);
  *inputs = NULL;
}

/* ---- Inference ---------------------------------------------------------------------------------
 */

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
  return ls_fail(LS_INVALID,
                 "%s: can't stand before %s (expected a model without transforms that takes and "
                 "gives inputs of its dataset, %lld numbers)",
                 through->path, model->path, (long long)wanted);
}

/* Memory of one rank for the piece in hand. */
typedef struct passage {
  const ls_inputs *inputs;
  const ls_inference *inference;
  ls_workspace *workspace, *through;
  ls_real *images, *seen, *work[2];
  size_t size; /* of one image */
} passage;

static int create_passage(passage *p, const ls_inputs *inputs, const ls_inference *inference) {
  ls_layout layout = ls_plan_evaluation_layout(inputs->count, 1);
  size_t capacity = ls_layout_largest_shard(&layout);
  const ls_trained *model = inference->model, *through = inference->through;
  *p = (passage){.inputs = inputs,
                 .inference = inference,
                 .size = (size_t)ls_shape_size(&inputs->dataset->shape)};
  int status = ls_workspace_create_separate(&p->workspace, model->plan->model, capacity);
  if (status == LS_OK && through) {
    status = ls_workspace_create_separate(&p->through, through->plan->model, capacity);
  }
  if (status != LS_OK) return status;
  size_t largest = ls_transforms_largest(model->transforms);
  if (largest < p->size) largest = p->size;
  p->images = ls_new(capacity * p->size, sizeof *p->images);
  p->seen = ls_new(capacity * p->size, sizeof *p->seen);
  for (int k = 0; k < 2; k++) p->work[k] = ls_new(capacity * largest, sizeof *p->work[k]);
  return p->images && p->seen && p->work[0] && p->work[1] ? LS_OK : LS_FAILED;
}

static void destroy_passage(passage *p) {
  ls_workspace_free(&p->workspace);
  ls_workspace_free(&p->through);
  free(p->images);
  free(p->seen);
  free(p->work[0]);
  free(p->work[1]);
}

/* Reads a piece's images and targets. */
static void read_piece(const passage *p, size_t piece) {
  const ls_plan *plan = p->inference->model->plan;
  ls_batch *batch = ls_workspace_batch(p->workspace);
  ls_feed_target targets[LS_MAX_HEADS];
  size_t count = 0;
  for (size_t h = 0; h < plan->model->head_count; h++) {
    if (plan->heads[h].target.input) continue;
    targets[count++] = (ls_feed_target){plan->head_target[h], batch->labels[h], batch->values[h]};
  }
  batch->n = ls_feed_read(p->inputs->feed, 0, piece, p->images, batch->ids, targets, count);
}

/* Sets the model's batch to what its transforms make of images. */
static void put(const passage *p, const ls_real *images) {
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

/* Replaces what the model is to see by what comes out of the other one. */
static void pass_through(const passage *p) {
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

static int run_piece(const passage *p, size_t piece) {
  const ls_inference *inference = p->inference;
  const ls_model *model = inference->model->plan->model;
  read_piece(p, piece);
  const ls_batch *batch = ls_workspace_batch(p->workspace);
  put(p, p->images);
  ls_model_set_targets(model, p->workspace);
  memcpy(p->seen, p->images, batch->n * p->size * sizeof *p->seen);
  if (inference->change)
    inference->change(inference->change_context, batch->n, batch->ids, p->seen);
  if (inference->through) pass_through(p);
  if (inference->change || inference->through) put(p, p->seen);
  ls_model_forward_from(model, p->workspace, inference->model->weights, false, 0);
  size_t first, end;
  ls_layout layout = ls_plan_evaluation_layout(p->inputs->count, 1);
  ls_layout_shard(&layout, 0, piece, &first, &end);
  ls_chunk done = {.number = piece,
                   .first = first,
                   .n = batch->n,
                   .ids = batch->ids,
                   .images = p->images,
                   .seen = p->seen,
                   .workspace = p->workspace};
  return inference->visit(inference->visit_context, &done);
}

int ls_infer(const ls_inputs *inputs, const ls_inference *inference) {
  size_t ranks = (size_t)inputs->world->size, rank = (size_t)inputs->world->rank;
  passage p = {0};
  int status = ls_inference_check(inference);
  if (status == LS_OK) status = create_passage(&p, inputs, inference);
  status = ls_group_agree(inputs->world, status);
  size_t end = ls_partition_begin(inputs->pieces, ranks, rank + 1);
  for (size_t i = ls_partition_begin(inputs->pieces, ranks, rank); i < end && status == LS_OK;
       i++) {
    status = run_piece(&p, i);
  }
  destroy_passage(&p);
  return ls_group_agree(inputs->world, status);
}
