/* A training step and what bounds it: the machine, the matrix products of the step, and its
 * reduction, measured interleaved. */
#include "bench/bench.h"

#include "bench/costs.h"
#include "bench/machine.h"
#include "bench/reduction.h"
#include "bench/timing.h"
#include "lockstep/error.h"
#include "nn/model/products.h"
#include "trial/plan_layout.h"
#include "trial/timed_steps.h"

#include <stdlib.h>
#include <string.h>

typedef struct work {
  timing timing;
  machine machine;
  costs_work costs;
  reduction reduction;
  ls_timed_steps *steps;
} work;

static int run_steps(void *context, size_t times, double *seconds) {
  return ls_timed_steps_run(context, times, seconds);
}

/* Collective. */
static int create(work *w, ls_bench *b, const ls_plan *plan, const ls_group *group) {
  timing *t = &w->timing;
  int status = machine_create(&w->machine, b, group, t);
  if (status != LS_OK) return status;
  status = costs_create(&w->costs, plan, b->rows / 2, b->rows, &b->costs, t);
  if (status == LS_OK) {
    status = costs_add_products(&w->costs, b->rows, &b->made, &b->plain, t);
  }
  status = ls_group_agree(group, status);
  if (status == LS_OK) status = reduction_create(&w->reduction, b, plan, group, t);
  if (status == LS_OK) status = ls_timed_steps_create(&w->steps, plan, b->layout.shards, group);
  timing_add(t, run_steps, w->steps, 1, &b->step);
  return status;
}

/* Collective. */
static void destroy(work *w) {
  ls_timed_steps_free(&w->steps);
  reduction_destroy(&w->reduction);
  costs_destroy(&w->costs);
  machine_destroy(&w->machine);
  timing_destroy(&w->timing);
}

static void set_total(ls_timed_products *p) {
  for (size_t i = 0; i < p->list.count; i++) {
    p->total += (double)p->list.items[i].times * p->seconds[i];
  }
}

/* Derives the rest from the measured times. */
static void derive(ls_bench *b, ls_reduction how) {
  if (how == LS_REDUCE_ALLREDUCE && b->ranks > 1) b->predictable = false;
  set_total(&b->made);
  set_total(&b->plain);
  if (b->layout.nodes == 1) {
    if (b->layout.ranks > 1) b->costs.barrier = b->reduce_least;
    return;
  }
  /* Above which size messages need a handshake is not measured. */
  b->network = *ls_network_find(b->message > 5e-6 ? "ethernet" : "infiniband", NULL);
  b->network.name = "as measured";
  b->network.latency = b->message;
  b->network.gap = b->message_gap;
  b->network.bandwidth = (double)b->message_bytes / b->message_long;
}

int ls_bench_run(ls_bench *b, const ls_plan *plan, const ls_group *group, double seconds) {
  const size_t ranks = (size_t)group->size;
  const ls_layout layout = ls_plan_train_layout(plan, plan->shards, ranks);
  *b = (ls_bench){
      .layout = {.params = plan->model->param_count, .batch = plan->batch, .shards = plan->shards},
      .ranks = ranks,
      .rows = ls_layout_largest_rank(&layout)};
  b->plain_operations = ls_model_plain_operations(plan->model, b->rows);
  work w = {0};
  int status = create(&w, b, plan, group);
  if (status == LS_OK) status = timing_measure(&w.timing, seconds, group);
  if (status == LS_OK) derive(b, (ls_reduction)plan->recipe.train.reduction);
  destroy(&w);
  return status;
}

void ls_bench_free(ls_bench *b) {
  ls_products_free(&b->made.list);
  ls_products_free(&b->plain.list);
  free(b->made.seconds);
  free(b->plain.seconds);
  *b = (ls_bench){0};
}
