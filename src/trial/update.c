/* One step's update of the weights. Where no stage needs norms, a block of the vector passes
 * through all stages at once, as soon as its gradient is complete; else the stages before it are
 * completed for all blocks first. Norms, like penalties, are sums over segments, each computed on
 * one rank and added in the order of segments: the same bits on any number of ranks. */
#include "trial/update.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "optim/average.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Creating and destroying ----------------------------------------------------------------- */

static size_t segments_of(const update_range *range) {
  return range->end > range->first ? (range->end - 1) / LS_BLOCK - range->first / LS_BLOCK + 1 : 0;
}

static int list_ranges(updater *u, const ls_model *model) {
  u->ranges = ls_new(model->layer_count * LS_MAX_PARAMS, sizeof *u->ranges);
  if (!u->ranges) return LS_FAILED;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count; k++) {
      const ls_param *p = &layer->params[k];
      update_range *range = &u->ranges[u->range_count++];
      *range = (update_range){.first = p->offset,
                              .end = p->offset + p->count,
                              .first_segment = u->segment_count,
                              .rank = p->shape.rank,
                              .penalty = p->penalty,
                              .frozen = layer->frozen,
                              .state = p->state,
                              .momentum = p->momentum,
                              .clip = 1};
      u->segment_count += segments_of(range);
    }
  }
  return LS_OK;
}

static const ls_optimizer_type *type_of(const updater *u) {
  return (const ls_optimizer_type *)u->optimizer->type;
}

static const ls_optimizer_args *args_of(const updater *u) {
  return u->optimizer->args;
}

static int allocate_squares(updater *u) {
  bool clips = args_of(u)->clipnorm > 0 || args_of(u)->global_clipnorm > 0;
  u->norms_before[UPDATE_ADJUST] = clips;
  u->norms_before[UPDATE_WEIGHTS] = type_of(u)->by_parameter;
  if (!clips && !type_of(u)->by_parameter) return LS_OK;
  u->squares = ls_new(2 * u->segment_count, sizeof *u->squares);
  return u->squares ? LS_OK : LS_FAILED;
}

size_t updater_array_count(const ls_choice *optimizer) {
  const ls_optimizer_args *args = optimizer->args;
  return ((const ls_optimizer_type *)optimizer->type)->slots(args) + (args->use_ema ? 1 : 0);
}

static int allocate_slots(updater *u) {
  const ls_optimizer_type *type = type_of(u);
  const size_t slots = type->slots(u->optimizer->args), arrays = updater_array_count(u->optimizer);
  u->partition = ls_reducer_blocks(u->reducer);
  const size_t count = ls_block_cyclic_count(&u->partition);
  for (size_t k = 0; k < arrays; k++) {
    u->slots[k] = ls_new(count, sizeof(ls_real));
    if (!u->slots[k]) return LS_FAILED;
  }
  if (arrays > slots) u->average = u->slots[slots];
  for (size_t k = 0; k < slots && type->slot_start; k++) {
    const ls_real start = (ls_real)type->slot_start(u->optimizer->args, k);
    for (size_t i = 0; i < count; i++) u->slots[k][i] = start;
  }
  return LS_OK;
}

int updater_create(updater *u, const ls_plan *plan, const ls_group *group, ls_reducer *reducer) {
  *u = (updater){.optimizer = &plan->recipe.train.optimizer, .group = group, .reducer = reducer};
  int status = list_ranges(u, plan->model);
  if (status == LS_OK) status = allocate_squares(u);
  if (status == LS_OK) status = allocate_slots(u);
  return ls_group_agree(group, status);
}

void updater_destroy(updater *u) {
  for (size_t k = 0; k < LS_MAX_ARRAYS; k++) free(u->slots[k]);
  free(u->ranges);
  free(u->squares);
}

/* ---- Stages ---------------------------------------------------------------------------------- */

/* A tile: some elements of a segment, which pass through all stages before the next tile does. It
 * is short enough to stay, with gradient and slots, in the first-level cache. */
enum { TILE = 512 };

typedef struct tile {
  update_range *range;
  size_t first, n, block;
  bool mine; /* this rank sums over the block: with allreduce all ranks update all blocks */
  ls_real *w, *g;
} tile;

/* Adds the gradient of a penalty to that of n weights. */
static void add_penalty(ls_penalty penalty, size_t n, const ls_real *w, ls_real *g) {
  const ls_real l1 = (ls_real)penalty.l1, l2 = (ls_real)(2 * penalty.l2);
  if (l1 == 0) {
    for (size_t i = 0; i < n; i++) g[i] += l2 * w[i];
  } else {
    for (size_t i = 0; i < n; i++) g[i] += l2 * w[i] + (w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0);
  }
}

static void receive(updater *u, const tile *t) {
  const update_range *range = t->range;
  if (range->penalty.l1 != 0 || range->penalty.l2 != 0) {
    add_penalty(range->penalty, t->n, t->w, t->g);
    double sum = t->mine ? ls_penalty_sum(range->penalty, t->n, t->w) : 0;
    u->penalty_sums[t->block] += u->samples * sum;
  }
  if (range->state && !range->frozen) {
    const ls_real kept = (ls_real)range->momentum, taken = (ls_real)(1 - range->momentum);
    for (size_t i = 0; i < t->n; i++) t->w[i] = kept * t->w[i] + taken * t->g[i];
  }
}

/* NaN is left unchanged. */
static void clip(const updater *u, const tile *t) {
  if (args_of(u)->clipvalue > 0) {
    const ls_real most = (ls_real)args_of(u)->clipvalue;
    for (size_t i = 0; i < t->n; i++) {
      t->g[i] = t->g[i] > most ? most : t->g[i] < -most ? -most : t->g[i];
    }
  }
  if (t->range->clip != 1) {
    const ls_real factor = (ls_real)t->range->clip;
    for (size_t i = 0; i < t->n; i++) t->g[i] *= factor;
  }
}

static void adjust(const updater *u, const tile *t, const ls_update *update) {
  clip(u, t);
  if (args_of(u)->weight_decay > 0) {
    const ls_real decay = (ls_real)(args_of(u)->weight_decay * u->learning_rate);
    for (size_t i = 0; i < t->n; i++) t->w[i] -= t->w[i] * decay;
  }
  if (type_of(u)->prepare) type_of(u)->prepare(u->optimizer->args, update);
}

/* Adds the squares of gradient and weights to the sums of the segment. A sum of squares is the L2
 * penalty with a factor of 1. */
static void measure(updater *u, const tile *t) {
  static const ls_penalty squares = {.l2 = 1};
  const update_range *range = t->range;
  double *at = u->squares + range->first_segment + (t->block - range->first / LS_BLOCK);
  if (!t->mine) return;
  at[0] += ls_penalty_sum(squares, t->n, t->g);
  at[u->segment_count] += ls_penalty_sum(squares, t->n, t->w);
}

/* The stages of the current pass. */
static void process(updater *u, const tile *t) {
  if (u->from <= UPDATE_RECEIVE) receive(u, t);
  if (t->range->frozen || t->range->state) return;
  const size_t place = ls_block_cyclic_index(&u->partition, t->first);
  ls_real *slots[LS_MAX_SLOTS];
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) {
    slots[k] = u->slots[k] && u->slots[k] != u->average ? u->slots[k] + place : NULL;
  }
  ls_update update = {.learning_rate = u->learning_rate,
                      .constants = u->constants,
                      .rank = t->range->rank,
                      .n = t->n,
                      .weights = t->w,
                      .gradient = t->g,
                      .slots = slots,
                      .weights_norm = t->range->weights_norm,
                      .gradient_norm = t->range->gradient_norm};
  if (u->from <= UPDATE_ADJUST && u->to > UPDATE_ADJUST) adjust(u, t, &update);
  if (u->to > UPDATE_WEIGHTS) {
    type_of(u)->update(u->optimizer->args, &update);
    if (u->average) average_weights(args_of(u), u->step, t->n, u->average + place, t->w);
  } else {
    measure(u, t);
  }
}

/* The first range that ends behind element `first`, by bisection. */
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

/* An ls_apply. */
static void process_block(void *context, size_t first, size_t n, ls_real *weights,
                          ls_real *gradient) {
  updater *u = context;
  size_t block = first / LS_BLOCK;
  bool mine = ls_reducer_owns(u->reducer, first);
  for (size_t k = range_at(u, first); k < u->range_count && u->ranges[k].first < first + n; k++) {
    update_range *range = &u->ranges[k];
    size_t begin = range->first > first ? range->first : first;
    size_t end = range->end < first + n ? range->end : first + n;
    for (size_t at = begin; at < end; at += TILE) {
      tile t = {.range = range,
                .first = at,
                .n = end - at < TILE ? end - at : TILE,
                .block = block,
                .mine = mine,
                .w = weights + (at - first),
                .g = gradient + (at - first)};
      process(u, &t);
    }
  }
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* The factor that reduces a norm above `most` to it; NaN for NaN. */
static double clip_factor(double norm, double most) {
  return norm <= most ? 1 : most / norm;
}

/* Collective: computes the norms of parameters from the sums of squares of all segments, and,
 * before the stage that clips, its factors. */
static int find_norms(updater *u) {
  const ls_optimizer_args *args = args_of(u);
  int status = ls_group_sum(u->group, u->squares, 2 * u->segment_count);
  if (status != LS_OK) return status;
  double total = 0;
  for (size_t k = 0; k < u->range_count; k++) {
    update_range *range = &u->ranges[k];
    double gradient = 0, weights = 0;
    for (size_t i = 0; i < segments_of(range); i++) {
      gradient += u->squares[range->first_segment + i];
      weights += u->squares[u->segment_count + range->first_segment + i];
    }
    range->gradient_norm = sqrt(gradient);
    range->weights_norm = sqrt(weights);
    total += gradient;
  }
  if (u->to != UPDATE_ADJUST) return LS_OK;
  for (size_t k = 0; k < u->range_count; k++) {
    update_range *range = &u->ranges[k];
    range->clip = args->clipnorm > 0 ? clip_factor(range->gradient_norm, args->clipnorm)
                                     : clip_factor(sqrt(total), args->global_clipnorm);
  }
  return LS_OK;
}

/* Begins a pass at a stage: it ends before the next stage that needs norms. */
static void begin_pass(updater *u, update_stage stage) {
  u->from = stage;
  u->to = stage + 1;
  while (u->to < UPDATE_STAGES && !u->norms_before[u->to]) u->to++;
}

int updater_begin(updater *u, double learning_rate, size_t samples, double *penalty_sums) {
  u->learning_rate = learning_rate;
  u->samples = (double)samples;
  u->penalty_sums = penalty_sums;
  u->step++;
  if (type_of(u)->begin) type_of(u)->begin(u->optimizer->args, u->step, u->constants);
  begin_pass(u, UPDATE_RECEIVE);
  return ls_reducer_begin(u->reducer, u->to == UPDATE_STAGES ? process_block : NULL, u);
}

int updater_end(updater *u, uint32_t *flags) {
  int status = LS_OK;
  while (u->to < UPDATE_STAGES && status == LS_OK) {
    memset(u->squares, 0, 2 * u->segment_count * sizeof *u->squares);
    status = ls_reducer_pass(u->reducer, process_block, u);
    if (status == LS_OK) status = find_norms(u);
    begin_pass(u, u->to);
  }
  return status == LS_OK ? ls_reducer_end(u->reducer, process_block, u, flags) : status;
}

/* Exchanges elements first .. end - 1, those of a block, with their averages, where they have some.
 */
static void exchange_averages(const updater *u, size_t first, size_t end) {
  ls_real *weights = ls_reducer_weights(u->reducer);
  for (size_t k = range_at(u, first); k < u->range_count && u->ranges[k].first < end; k++) {
    const update_range *range = &u->ranges[k];
    const size_t begin = range->first > first ? range->first : first;
    const size_t stop = range->end < end ? range->end : end;
    if (range->frozen || range->state) continue;
    ls_real *average = u->average + ls_block_cyclic_index(&u->partition, begin);
    for (size_t i = begin; i < stop; i++, average++) {
      const ls_real kept = weights[i];
      weights[i] = *average;
      *average = kept;
    }
  }
}

int updater_set_averaged(updater *u, bool averaged) {
  size_t begin, n;
  if (!u->average || u->averaged == averaged || u->step == 0) return LS_OK;
  for (size_t k = 0; (n = ls_block_cyclic_block(&u->partition, k, &begin)) > 0; k++) {
    exchange_averages(u, begin, begin + n);
  }
  u->averaged = averaged;
  return ls_reducer_allgather(u->reducer);
}

void updater_resume(updater *u, int64_t step) {
  memset(u->constants, 0, sizeof u->constants);
  for (u->step = 0; u->step < step;) {
    u->step++;
    if (type_of(u)->begin) type_of(u)->begin(u->optimizer->args, u->step, u->constants);
  }
}
