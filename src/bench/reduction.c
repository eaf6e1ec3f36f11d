/* Measurements of the reduction alone. */
#include "bench/reduction.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>

/* ---- The job's method ------------------------------------------------------------------------ */

static void apply_nothing(void *context, size_t first, size_t n, ls_real *weights,
                          ls_real *gradient) {
  (void)context, (void)first, (void)n, (void)weights, (void)gradient;
}

/* Collective: one reduction without an update. */
static int reduce(ls_reducer *r) {
  uint32_t flags = 0;
  int status = ls_reducer_begin(r, apply_nothing, NULL);
  return status == LS_OK ? ls_reducer_end(r, apply_nothing, NULL, &flags) : status;
}

static int run_reduce(void *context, size_t times, double *seconds) {
  int status = LS_OK;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times && status == LS_OK; k++) status = reduce(context);
  *seconds = ls_clock_seconds() - start;
  return status;
}

static const char *name_of(ls_reduction how, const ls_group *group) {
  static const char *const names[] = {"memory, messages", "messages", "MPI_Allreduce"};
  if (how == LS_REDUCE_AUTO && ls_group_on_one_node(group)) return "shared memory";
  if (how == LS_REDUCE_AUTO && group->node_ranks == 1) how = LS_REDUCE_EXCHANGE;
  return names[how];
}

/* ---- MPI_Allreduce --------------------------------------------------------------------------- */

static int allreduce(const reduction *r, size_t count, size_t times, double *seconds) {
  int status = LS_OK;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times && status == LS_OK; k++) {
    status = ls_group_allreduce(r->group, r->vector, count);
  }
  *seconds = ls_clock_seconds() - start;
  return status;
}

static int run_allreduce_least(void *context, size_t times, double *seconds) {
  return allreduce(context, 1, times, seconds);
}

static int run_allreduce(void *context, size_t times, double *seconds) {
  return allreduce(context, ((const reduction *)context)->count, times, seconds);
}

static int create_allreduce(reduction *r, ls_bench *b, timing *t) {
  r->count = b->layout.params;
  r->vector = ls_new(b->layout.params, sizeof *r->vector);
  timing_add(t, run_allreduce_least, r, 1, &b->allreduce_least);
  timing_add(t, run_allreduce, r, 1, &b->allreduce);
  return r->vector ? LS_OK : LS_FAILED;
}

/* ---- Both ------------------------------------------------------------------------------------ */

int reduction_create(reduction *r, ls_bench *b, const ls_plan *plan, const ls_group *group,
                     timing *t) {
  ls_reduction how = (ls_reduction)plan->recipe.train.reduction;
  size_t shards = b->layout.shards;
  *r = (reduction){.group = group};
  b->reduction = name_of(how, group);
  b->gradient_bytes = b->layout.params * sizeof(ls_real);
  if (group->size == 1) return LS_OK;
  int status = ls_reducer_create(&r->least, group, 1, shards, how);
  if (status == LS_OK) status = ls_reducer_create(&r->whole, group, b->layout.params, shards, how);
  if (status != LS_OK) return status;
  timing_add(t, run_reduce, r->least, 1, &b->reduce_least);
  timing_add(t, run_reduce, r->whole, 1, &b->reduce);
  return ls_group_agree(group, create_allreduce(r, b, t));
}

void reduction_destroy(reduction *r) {
  ls_reducer_free(&r->least);
  ls_reducer_free(&r->whole);
  free(r->vector);
}
