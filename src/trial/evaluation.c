/* One pass over the chunks of an evaluation. */
#include "trial/evaluation.h"

#include "base/activity.h"
#include "base/partition.h"
#include "lockstep/error.h"
#include "trial/batch.h"
#include "trial/plan_layout.h"

int evaluation_create(evaluation *e, const ls_plan *plan, const ls_group *group, ls_pool *pool,
                      const ls_transforms *transforms, size_t samples) {
  const ls_layout layout = ls_plan_evaluation_layout(samples, (size_t)group->size);
  *e = (evaluation){.plan = plan, .group = group, .samples = samples};
  int status = measure_sums_create(&e->sums, plan->model, layout.shards, 0);
  return status == LS_OK ? ls_feed_create(&e->feed, pool, &layout, transforms) : status;
}

void evaluation_destroy(evaluation *e) {
  ls_feed_free(&e->feed);
  measure_sums_destroy(&e->sums);
}

int evaluation_start(evaluation *e, const uint32_t *order) {
  return ls_feed_start(e->feed, order);
}

void evaluation_each_chunk(const evaluation *e, ls_workspace *workspace, const ls_real *weights,
                           evaluation_take *take, void *context) {
  const size_t ranks = (size_t)e->group->size, rank = (size_t)e->group->rank;
  const size_t end = ls_partition_begin(e->sums.rows, ranks, rank + 1);
  for (size_t chunk = ls_partition_begin(e->sums.rows, ranks, rank); chunk < end; chunk++) {
    ls_activity_progress();
    batch_read(e->plan, workspace, e->feed, 0, chunk, NULL);
    ls_model_forward(e->plan->model, workspace, weights, false, 0, 0);
    take(context, workspace, chunk);
  }
}

/* An evaluation_take. */
static void add_measures(void *context, ls_workspace *workspace, size_t chunk) {
  evaluation *e = context;
  double *sums = measure_sums_row(&e->sums, chunk);
  ls_model_add_metrics(e->plan->model, workspace, sums, e->sums.counts);
  ls_model_loss(e->plan->model, workspace, sums);
}

int evaluation_run(evaluation *e, ls_workspace *workspace, const ls_real *weights,
                   double *measures) {
  measure_sums_clear(&e->sums);
  evaluation_each_chunk(e, workspace, weights, add_measures, e);
  int status = measure_sums_reduce(&e->sums, e->group);
  if (status != LS_OK) return status;
  measure_sums_measure(&e->sums, e->samples, measures);
  measures[0] += ls_model_penalty(e->plan->model, weights);
  return LS_OK;
}
