/* The costs of a step on one rank. */
#include "bench/costs.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/partition.h"
#include "bench/bench.h"
#include "comm/reduce.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "lockstep/optimizer.h"
#include "nn/model/products.h"
#include "nn/products/kernels.h"

#include <stdlib.h>
#include <string.h>

/* Seconds of a barrier of a node's ranks, unless measured. */
static const double usual_barrier = 2e-6;

/* ---- What is timed --------------------------------------------------------------------------- */

/* Reads one sample for all rows. */
static void read_batch(costs_work *w, const costs_pass *p) {
  const ls_plan *plan = w->plan;
  const size_t rows = p->rows;
  ls_batch *batch = ls_workspace_batch(w->workspace);
  size_t size = (size_t)ls_shape_size(&plan->model->input);
  batch->n = rows;
  batch->shards = &p->shards;
  for (size_t i = 0; i < rows; i++) {
    batch->ids[i] = (uint32_t)i;
    ls_dataset_decode(plan->dataset, w->record, batch->x + i * size);
  }
}

static void pass(costs_work *w, const costs_pass *p) {
  const ls_model *model = w->plan->model;
  read_batch(w, p);
  ls_model_forward(model, w->workspace, w->weights, true, w->plan->seed, 0);
  ls_model_add_metrics(model, w->workspace, w->sums, w->counts);
  ls_model_backward(model, w->workspace, w->weights, (ls_real)(1 / (double)p->rows), w->gradient,
                    w->sums);
}

/* An ls_gradient_ready. */
static void record_stages(void *context, size_t first) {
  costs_work *w = context;
  size_t count = w->plan->model->param_count, complete = count - first;
  double now = ls_clock_seconds();
  for (size_t k = 0; k < LS_COST_STAGES && (k + 1) * count <= complete * LS_COST_STAGES; k++) {
    if (w->complete[k] == 0) w->complete[k] = now;
  }
}

/* Stages are recorded for the largest passes. */
static void run_pass(void *context) {
  const costs_pass *p = context;
  costs_work *w = p->work;
  ls_costs *costs = w->costs;
  double start = ls_clock_seconds();
  memset(w->complete, 0, sizeof w->complete);
  pass(w, p);
  double end = ls_clock_seconds();
  if (p->rows < costs->rows[costs->points - 1]) return;
  w->recorded++;
  for (size_t k = 0; k < LS_COST_STAGES && w->complete[k] > 0; k++) {
    double left = (end - w->complete[k]) / (end - start);
    costs->left[k] += (left - costs->left[k]) / (double)w->recorded;
  }
}

/* Like trial/update.c: block by block, with sums of penalties, whose gradients cost little. */
static void run_update(void *context) {
  costs_work *w = context;
  const ls_choice *optimizer = &w->plan->recipe.train.optimizer;
  const ls_optimizer_type *type = (const ls_optimizer_type *)optimizer->type;
  double constants[LS_MAX_CONSTANTS] = {0};
  w->sums[0] += ls_model_penalty(w->plan->model, w->weights);
  if (type->begin) type->begin(optimizer->args, 1, constants);
  for (size_t at = 0; at < w->plan->model->param_count; at += LS_BLOCK) {
    size_t left = w->plan->model->param_count - at;
    ls_real *slots[LS_MAX_SLOTS];
    for (size_t k = 0; k < LS_MAX_SLOTS; k++) slots[k] = w->slots[k] ? w->slots[k] + at : NULL;
    ls_update u = {.learning_rate = 1e-6,
                   .constants = constants,
                   .rank = 2,
                   .n = left < LS_BLOCK ? left : LS_BLOCK,
                   .weights = w->sum + at,
                   .gradient = w->gradient + at,
                   .slots = slots,
                   .weights_norm = 1,
                   .gradient_norm = 1};
    if (type->prepare) type->prepare(optimizer->args, &u);
    type->update(optimizer->args, &u);
  }
}

static void add(size_t n, const ls_real *restrict from, ls_real *restrict to) {
  for (size_t i = 0; i < n; i++) to[i] += from[i];
}

static void run_sum(void *context) {
  const costs_work *w = context;
  add(w->plan->model->param_count, w->gradient, w->sum);
}

/* ---- Making and releasing -------------------------------------------------------------------- */

/* Fills the record with different values. */
static void fill_record(const ls_dataset *dataset, unsigned char *record) {
  for (size_t i = 0; dataset->bytes && i < dataset->input_bytes; i++) {
    record[i] = (unsigned char)(37 * i);
  }
  for (size_t i = 0; !dataset->bytes && i < dataset->input_bytes / sizeof(float); i++) {
    float value = (float)(i % 100) / 100;
    memcpy(record + i * sizeof value, &value, sizeof value);
  }
}

/* A pass of `rows` samples. */
static int create_pass(costs_work *w, costs_pass *p, size_t rows) {
  const ls_plan *plan = w->plan;
  const size_t shards = ls_partition_largest(rows * plan->shards, plan->batch);
  *p = (costs_pass){.work = w, .rows = rows};
  int status = ls_shards_create(&p->shards, 0, shards);
  for (size_t s = 0; status == LS_OK && s <= shards; s++) {
    p->shards.begin[s] = ls_partition_begin(rows, shards, s);
  }
  p->shards.stride = plan->model->param_count;
  return status;
}

/* For passes of up to `most` samples in `shards`. */
static int allocate(costs_work *w, size_t most, const ls_shards *shards) {
  const ls_plan *plan = w->plan;
  const ls_choice *optimizer = &plan->recipe.train.optimizer;
  const ls_optimizer_type *type = (const ls_optimizer_type *)optimizer->type;
  size_t count = plan->model->param_count;
  w->record = ls_new(plan->dataset->record_bytes, 1);
  w->weights = ls_new(count, sizeof *w->weights);
  w->gradient = ls_new(shards->depth * count, sizeof *w->gradient);
  w->sum = ls_new(count, sizeof *w->sum);
  w->sums = ls_new(shards->count * plan->model->sum_count, sizeof *w->sums);
  w->counts = ls_new(plan->model->count_count, sizeof *w->counts);
  if (!w->record || !w->weights || !w->gradient || !w->sum || !w->sums || !w->counts) {
    return LS_FAILED;
  }
  for (size_t k = 0; k < type->slots(optimizer->args); k++) {
    w->slots[k] = ls_new(count, sizeof *w->slots[k]);
    if (!w->slots[k]) return LS_FAILED;
  }
  return ls_workspace_create(&w->workspace, plan->model, most, shards->count);
}

int costs_create(costs_work *w, const ls_plan *plan, size_t least, size_t most, ls_costs *costs,
                 timing *t) {
  if (least < 1) least = 1;
  if (most <= least) most = least + 1; /* two points, to have a slope */
  *w = (costs_work){.plan = plan, .costs = costs};
  *costs = (ls_costs){.barrier = usual_barrier};
  int status = LS_OK;
  for (size_t rows = least; status == LS_OK && costs->points < LS_COST_POINTS; rows *= 2) {
    size_t i = costs->points++;
    costs->rows[i] = rows < most ? rows : most;
    status = create_pass(w, &w->passes[i], costs->rows[i]);
    if (rows >= most) break;
  }
  if (status == LS_OK) status = allocate(w, most, &w->passes[costs->points - 1].shards);
  if (status != LS_OK) return status;
  ls_workspace_on_gradient(w->workspace, record_stages, w);
  fill_record(plan->dataset, w->record);
  ls_model_initialize(plan->model, plan->seed, w->weights);
  for (size_t i = 0; i < costs->points; i++) {
    timing_add_once(t, run_pass, &w->passes[i], 1, &costs->pass[i]);
  }
  timing_add_once(t, run_update, w, plan->model->param_count, &costs->update);
  timing_add_once(t, run_sum, w, plan->model->param_count, &costs->sum);
  return LS_OK;
}

void costs_destroy(costs_work *w) {
  ls_workspace_free(&w->workspace);
  for (size_t i = 0; i < LS_COST_POINTS; i++) ls_shards_destroy(&w->passes[i].shards);
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(w->slots[k]);
  free(w->made.items);
  free(w->made.operands);
  free(w->plain.items);
  free(w->plain.operands);
  free(w->record);
  free(w->weights);
  free(w->gradient);
  free(w->sum);
  free(w->sums);
  free(w->counts);
}

/* ---- Products -------------------------------------------------------------------------------- */

static void run_product(void *context) {
  const costs_product *p = context;
  ls_product_compute(p->kernels, p->product, p->operands);
}

static int add_list(costs_products *p, const ls_kernels *kernels, ls_timed_products *out,
                    timing *t) {
  const ls_products *list = &out->list;
  out->seconds = ls_new(list->count, sizeof *out->seconds);
  p->items = ls_new(list->count, sizeof *p->items);
  p->operands = ls_products_operands(list);
  if (!out->seconds || !p->items || !p->operands) return LS_FAILED;
  for (size_t i = 0; i < list->count; i++) {
    p->items[i] = (costs_product){kernels, &list->items[i].product, p->operands};
    timing_add_once(t, run_product, &p->items[i], 1, &out->seconds[i]);
  }
  return LS_OK;
}

int costs_add_products(costs_work *w, size_t rows, ls_timed_products *made,
                       ls_timed_products *plain, timing *t) {
  int status = ls_model_products(&made->list, w->plan->model, rows);
  if (status == LS_OK) status = ls_model_plain_products(&plain->list, w->plan->model, rows);
  if (status == LS_OK) status = add_list(&w->made, w->plan->model->kernels, made, t);
  return status == LS_OK ? add_list(&w->plain, w->plan->model->kernels, plain, t) : status;
}

/* ---- For predictions alone ------------------------------------------------------------------- */

int ls_bench_costs(ls_costs *costs, const ls_plan *plan, size_t most, double seconds) {
  costs_work work;
  timing t = {0};
  int status = costs_create(&work, plan, 1, most, costs, &t);
  if (status == LS_OK) status = timing_measure(&t, seconds, NULL);
  costs_destroy(&work);
  timing_destroy(&t);
  return status;
}
