/* A training step as it is, beside what it could be: its reduction alone, the products that it
 * consists of, and the machine itself, timed by turns. */
#include "lockstep/bench.h"

#include "capacity.h"
#include "costs.h"
#include "lockstep/clock.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "timing.h"
#include "trainer.h"

#include <limits.h>
#include <stdlib.h>

typedef struct bench {
  ls_bench *out;
  const ls_plan *plan;
  const ls_group *group;
  size_t shards; /* of the whole group */
  timing timing;
  costs_work costs;
  capacity capacity;
  ls_pool *pools[LS_PART_COUNT];
  ls_watch watch;
  trainer trainer;
  bool trains;               /* the trainer was made */
  size_t epoch, step;        /* of it; step 0: the epoch is still to begin */
  ls_reducer *least, *whole; /* of one weight; of all */
  ls_real *vector;           /* what MPI_Allreduce adds up */
} bench;

/* ---- Training ----------------------------------------------------------------------------------
 */

static bool never(void *context) {
  (void)context;
  return false;
}

static void ignore(void *context, size_t epoch, size_t step, double loss) {
  (void)context, (void)epoch, (void)step, (void)loss;
}

/* Collective: the next step, whose time is added if it has a whole minibatch; epochs follow one
 * another for ever. *counted tells whether it was. */
static int next_step(bench *b, double *seconds, bool *counted) {
  trainer *t = &b->trainer;
  uint32_t word = 0;
  int status = LS_OK;
  if (b->step == 0) {
    trainer_clear_sums(t);
    status = trainer_begin_epoch(t, b->epoch);
  }
  if (status != LS_OK) return status;
  double start = ls_clock_seconds();
  status = trainer_step(t, b->epoch, b->step, &word);
  *counted = t->step_samples >= (double)b->plan->batch || b->plan->steps == 1;
  if (*counted) *seconds += ls_clock_seconds() - start;
  if (status == LS_OK && (word & WORD_NOT_FINITE)) {
    return ls_fail(LS_FAILED, "the loss is not finite in step %zu of epoch %zu", b->step + 1,
                   b->epoch + 1);
  }
  if (++b->step == b->plan->steps) {
    b->step = 0;
    b->epoch = (b->epoch + 1) % b->plan->epochs;
  }
  return status;
}

static int run_steps(void *context, size_t times, double *seconds) {
  int status = LS_OK;
  *seconds = 0;
  for (size_t done = 0; status == LS_OK && done < times;) {
    bool counted = false;
    status = next_step(context, seconds, &counted);
    done += counted;
  }
  return status;
}

static int create_trainer(bench *b) {
  const ls_plan *plan = b->plan;
  ls_peers peers = ls_group_peers(b->group, plan->recipe.train.reduction == LS_REDUCE_EXCHANGE);
  bool tests = plan->split.validation_part == LS_TEST || plan->split.test_count > 0;
  int status = LS_OK;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (part == LS_TEST && !tests) continue;
    status = ls_pool_load(&b->pools[part], plan->dataset, (ls_part)part, &peers);
  }
  if (status != LS_OK) return status;
  b->watch = (ls_watch){.stop = never, .step = ignore};
  status = trainer_create(&b->trainer, plan, b->shards, b->group, b->pools, &b->watch);
  b->trains = status == LS_OK;
  if (b->trains) timing_add(&b->timing, run_steps, b, &b->out->step);
  return status;
}

/* ---- Reduction ---------------------------------------------------------------------------------
 */

static void leave(void *context, size_t first, size_t n, ls_real *weights, ls_real *gradient) {
  (void)context, (void)first, (void)n, (void)weights, (void)gradient;
}

/* Collective: a reduction without passes before it and an update in it. */
static int reduce(ls_reducer *r) {
  size_t first, end;
  uint32_t word = 0;
  ls_reducer_shards(r, &first, &end);
  for (; first < end; first++) ls_reducer_add(r, false);
  int status = ls_reducer_begin(r, &word);
  if (status != LS_OK) return status;
  ls_reducer_pass(r, false, leave, NULL);
  return ls_reducer_end(r);
}

static int run_reduce(void *context, size_t times, double *seconds) {
  int status = LS_OK;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times && status == LS_OK; k++) status = reduce(context);
  *seconds = ls_clock_seconds() - start;
  return status;
}

static int sum_up(bench *b, int count, size_t times, double *seconds) {
  int code = MPI_SUCCESS;
  MPI_Datatype type = sizeof(ls_real) == sizeof(double) ? MPI_DOUBLE : MPI_FLOAT;
  double start = ls_clock_seconds();
  for (size_t k = 0; k < times && code == MPI_SUCCESS; k++) {
    code = MPI_Allreduce(MPI_IN_PLACE, b->vector, count, type, MPI_SUM, b->group->comm);
  }
  *seconds = ls_clock_seconds() - start;
  return ls_mpi_check(code, "MPI_Allreduce");
}

static int run_allreduce_least(void *context, size_t times, double *seconds) {
  return sum_up(context, 1, times, seconds);
}

static int run_allreduce(void *context, size_t times, double *seconds) {
  bench *b = context;
  return sum_up(b, (int)b->plan->model->param_count, times, seconds);
}

static const char *name_of(ls_reduction how, const ls_group *group) {
  static const char *const names[] = {"auto", "shared memory", "exchange", "allreduce"};
  if (how == LS_REDUCE_AUTO) how = group->one_node ? LS_REDUCE_SHARED : LS_REDUCE_EXCHANGE;
  return names[how];
}

static int create_reducers(bench *b) {
  ls_reduction how = (ls_reduction)b->plan->recipe.train.reduction;
  ls_bench *out = b->out;
  size_t count = b->plan->model->param_count;
  int status = ls_reducer_create(&b->least, b->group, 1, b->shards, how);
  if (status == LS_OK) status = ls_reducer_create(&b->whole, b->group, count, b->shards, how);
  if (status != LS_OK) return status;
  if (count <= INT_MAX) b->vector = ls_new(count, sizeof *b->vector);
  status = ls_group_agree(b->group, b->vector || count > INT_MAX ? LS_OK : LS_FAILED);
  if (status != LS_OK) return status;
  out->gradient_bytes = count * sizeof(ls_real);
  out->reduction = name_of(how, b->group);
  timing_add(&b->timing, run_reduce, b->least, &out->reduce_least);
  timing_add(&b->timing, run_reduce, b->whole, &out->reduce);
  if (!b->vector) return LS_OK;
  timing_add(&b->timing, run_allreduce_least, b, &out->allreduce_least);
  timing_add(&b->timing, run_allreduce, b, &out->allreduce);
  return LS_OK;
}

/* ---- All of it ---------------------------------------------------------------------------------
 */

static int create(bench *b) {
  ls_bench *out = b->out;
  int status = costs_create(&b->costs, b->plan, out->rows, &out->costs, &b->timing);
  if (status == LS_OK) status = costs_list_products(&b->costs, out->rows, &out->products);
  status = ls_group_agree(b->group, status);
  if (status == LS_OK) status = capacity_create(&b->capacity, out, b->group, &b->timing);
  if (status == LS_OK) status = create_reducers(b);
  return status == LS_OK ? create_trainer(b) : status;
}

static void destroy(bench *b) {
  if (b->trains) trainer_destroy(&b->trainer);
  for (int part = 0; part < LS_PART_COUNT; part++) ls_pool_free(&b->pools[part]);
  ls_reducer_free(&b->least);
  ls_reducer_free(&b->whole);
  free(b->vector);
  capacity_destroy(&b->capacity);
  costs_destroy(&b->costs);
  timing_destroy(&b->timing);
}

int ls_bench_run(ls_bench *out, const ls_plan *plan, const ls_group *group, double seconds) {
  size_t ranks = (size_t)group->size, asked = (size_t)plan->recipe.train.shards;
  size_t shards = asked > 0 ? asked : ranks;
  *out = (ls_bench){
      .layout = {.params = plan->model->param_count, .batch = plan->batch, .shards = shards},
      .shards = (shards + ranks - 1) / ranks,
      .rows = (plan->batch + shards - 1) / shards};
  bench b = {.out = out, .plan = plan, .group = group, .shards = shards};
  int status = create(&b);
  if (status == LS_OK) status = timing_measure(&b.timing, seconds, group);
  if (status == LS_OK) {
    costs_finish(&b.costs);
    capacity_finish(&b.capacity);
    if (group->one_node && group->size > 1) out->costs.barrier = out->reduce_least / 2;
  }
  destroy(&b);
  return status;
}

void ls_bench_free(ls_bench *out) {
  ls_products_free(&out->products);
  free(out->product_seconds);
  *out = (ls_bench){0};
}
