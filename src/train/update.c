/* One step's update of the weights. */
#include "update.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/parts.h"

#include <stdlib.h>

/* ---- Making and releasing ----------------------------------------------------------------------
 */

static int list_ranges(updater *u, const ls_model *model) {
  u->ranges = ls_new(model->layer_count * LS_MAX_PARAMS, sizeof *u->ranges);
  if (!u->ranges) return LS_FAILED;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count; k++) {
      const ls_param *p = &layer->params[k];
      u->ranges[u->range_count++] = (update_range){.first = p->offset,
                                                   .end = p->offset + p->count,
                                                   .penalty = p->penalty,
                                                   .frozen = layer->frozen,
                                                   .state = p->state,
                                                   .momentum = p->momentum};
    }
  }
  return LS_OK;
}

static const ls_optimizer_type *type_of(const updater *u) {
  return (const ls_optimizer_type *)u->optimizer->type;
}

static int allocate_slots(updater *u) {
  const ls_optimizer_type *type = type_of(u);
  size_t end;
  ls_reducer_slice(u->reducer, &u->slice_first, &end);
  for (size_t k = 0; k < type->slots(u->optimizer->args); k++) {
    u->slots[k] = ls_new(end - u->slice_first, sizeof(ls_real));
    if (!u->slots[k]) return LS_FAILED;
    if (!type->slot_start) continue;
    const ls_real start = (ls_real)type->slot_start(u->optimizer->args, k);
    for (size_t i = 0; i < end - u->slice_first; i++) u->slots[k][i] = start;
  }
  return LS_OK;
}

int updater_create(updater *u, const ls_plan *plan, const ls_group *group, ls_reducer *reducer) {
  *u = (updater){.optimizer = &plan->recipe.train.optimizer, .group = group, .reducer = reducer};
  u->block_count = (plan->model->param_count + LS_BLOCK - 1) / LS_BLOCK;
  int status = list_ranges(u, plan->model);
  if (status == LS_OK) status = allocate_slots(u);
  return ls_group_agree(group, status);
}

void updater_destroy(updater *u) {
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(u->slots[k]);
  free(u->ranges);
}

/* ---- One step ----------------------------------------------------------------------------------
 */

/* Adds the gradient of a penalty to that of n weights. */
static void add_penalty(ls_penalty penalty, size_t n, const ls_real *w, ls_real *g) {
  const ls_real l1 = (ls_real)penalty.l1, l2 = (ls_real)(2 * penalty.l2);
  if (l1 == 0) {
    for (size_t i = 0; i < n; i++) g[i] += l2 * w[i];
  } else {
    for (size_t i = 0; i < n; i++) g[i] += l2 * w[i] + (w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0);
  }
}

/* Updates weights first .. first + n - 1, all of one range. */
static void update_run(updater *u, const update_range *range, size_t first, size_t n, ls_real *w,
                       ls_real *g) {
  if (range->frozen) return;
  if (range->state) {
    const ls_real kept = (ls_real)range->momentum, taken = (ls_real)(1 - range->momentum);
    for (size_t i = 0; i < n; i++) w[i] = kept * w[i] + taken * g[i];
    return;
  }
  ls_real *slots[LS_MAX_SLOTS];
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) {
    slots[k] = u->slots[k] ? u->slots[k] + (first - u->slice_first) : NULL;
  }
  ls_update update = {.learning_rate = u->learning_rate,
                      .constants = u->constants,
                      .n = n,
                      .weights = w,
                      .gradient = g,
                      .slots = slots};
  type_of(u)->update(u->optimizer->args, &update);
}

/* The first range that ends behind element `first`. */
static size_t range_at(const updater *u, size_t first) {
  size_t low = 0, high = u->range_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (u->ranges[middle].end <= first) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* An ls_apply. Penalties are noted only on the rank whose block it is: with allreduce all ranks
 * update all blocks. */
static void update_block(void *context, size_t first, size_t n, ls_real *weights,
                         ls_real *gradient) {
  updater *u = context;
  size_t block = first / LS_BLOCK;
  bool mine = ls_part_of(u->block_count, (size_t)u->group->size, block) == (size_t)u->group->rank;
  for (size_t k = range_at(u, first); k < u->range_count && u->ranges[k].first < first + n; k++) {
    const update_range *range = &u->ranges[k];
    size_t begin = range->first > first ? range->first : first;
    size_t end = range->end < first + n ? range->end : first + n;
    ls_real *w = weights + (begin - first), *g = gradient + (begin - first);
    if (range->penalty.l1 != 0 || range->penalty.l2 != 0) {
      add_penalty(range->penalty, end - begin, w, g);
      double sum = mine ? ls_penalty_sum(range->penalty, end - begin, w) : 0;
      u->penalty_sums[block] += u->samples * sum;
    }
    update_run(u, range, begin, end - begin, w, g);
  }
}

int updater_step(updater *u, double learning_rate, size_t samples, uint32_t *word,
                 double *penalty_sums) {
  u->learning_rate = learning_rate;
  u->samples = (double)samples;
  u->penalty_sums = penalty_sums;
  u->step++;
  if (type_of(u)->begin) type_of(u)->begin(u->optimizer->args, u->step, u->constants);
  return ls_reducer_apply(u->reducer, word, update_block, u);
}
