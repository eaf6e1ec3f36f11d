/* Dividing layers among the ranks of a node. */
#include "trial/dividing.h"

#include "base/partition.h"
#include "lockstep/error.h"
#include "trial/plan_layout.h"

/* How the samples of minibatches are divided over the nodes: as over ranks, of one for each node.
 */
static ls_layout layout_of_nodes(const trainer *t) {
  const size_t node_ranks = ls_reducer_node_ranks(t->reducer);
  return ls_plan_train_layout(t->plan, t->shard_count, (size_t)t->group->size / node_ranks);
}

/* The most samples and shards of a minibatch that a node has. */
static void largest_node(const ls_layout *nodes, size_t *samples, size_t *shards) {
  *samples = ls_layout_largest_rank(nodes);
  *shards = ls_partition_largest(nodes->shards, nodes->ranks);
}

size_t dividing_bytes(const ls_plan *plan, size_t ranks) {
  const ls_layout one_node = ls_plan_train_layout(plan, plan->shards, 1);
  size_t samples, shards;
  if (plan->recipe.train.reduction != LS_REDUCE_AUTO) return 0;
  largest_node(&one_node, &samples, &shards);
  return ls_division_bytes(plan->model, samples, shards, ranks);
}

/* An ls_division.wait. */
static void wait_for_node(void *context) {
  ls_shared_memory_wait(context);
}

/* Local. */
static int create(trainer *t, size_t samples, size_t shards) {
  ls_division *d = &t->division;
  size_t first, end;
  ls_reducer_node_shards(t->reducer, &first, &end);
  int status = ls_shards_create(&d->shards, first, end);
  ls_reducer_gradients(t->reducer, &d->shards.stride);
  d->own_shard = t->first_shard - first;
  d->owned = ls_reducer_node_blocks(t->reducer);
  d->wait = wait_for_node;
  d->context = t->node_memory;
  if (status == LS_OK) {
    status = ls_division_create(d, t->plan->model, samples, shards,
                                ls_shared_memory_data(t->node_memory));
  }
  for (size_t i = 0; i < t->plan->model->layer_count && status == LS_OK; i++) {
    if (!d->layers[i].inputs) continue;
    const ls_param *kernel = &t->plan->model->layers[i].params[0];
    status = ls_reducer_divide(t->reducer, kernel->offset, kernel->offset + kernel->count);
  }
  if (status == LS_OK) ls_workspace_divide(t->workspace, d);
  return status;
}

int dividing_create(trainer *t) {
  const ls_layout nodes = layout_of_nodes(t);
  ls_division *d = &t->division;
  size_t samples, shards;
  d->parts = ls_reducer_node_ranks(t->reducer);
  d->part = (size_t)t->group->rank % d->parts;
  largest_node(&nodes, &samples, &shards);
  const size_t bytes = ls_division_bytes(t->plan->model, samples, shards, d->parts);
  if (bytes == 0) return LS_OK;
  int status = ls_shared_memory_create(&t->node_memory, t->group, bytes);
  return status == LS_OK ? ls_group_agree(t->group, create(t, samples, shards)) : status;
}

void dividing_destroy(trainer *t) {
  ls_division_destroy(&t->division);
  ls_shared_memory_free(&t->node_memory);
}

void dividing_begin_step(trainer *t, size_t step) {
  ls_shards *shards = &t->division.shards;
  size_t first, end;
  if (!t->node_memory) return;
  const ls_layout nodes = layout_of_nodes(t);
  for (size_t s = 0; s < shards->count; s++) {
    ls_layout_shard(&nodes, step, shards->first + s, &first, &end);
    shards->begin[s + 1] = shards->begin[s] + end - first;
  }
}
