/* Evaluating: losses and metrics of samples that are not trained with, in chunks that are
 * partitioned over the ranks. */
#ifndef LS_TRIAL_EVALUATION_H
#define LS_TRIAL_EVALUATION_H

#include "comm/group.h"
#include "data/feed.h"
#include "nn/model/model.h"
#include "trial/measure_sums.h"
#include "trial/plan.h"

typedef struct evaluation {
  const ls_plan *plan;
  const ls_group *group;
  size_t samples;
  ls_feed *feed;
  measure_sums sums; /* a row for each chunk */
} evaluation;

/* All is borrowed. Local; evaluation_start is collective, once, before the first evaluation. */
int evaluation_create(evaluation *e, const ls_plan *plan, const ls_group *group, ls_pool *pool,
                      const ls_transforms *transforms, size_t samples);
void evaluation_destroy(evaluation *e);

/* Collective: brings the samples `order` [samples] to the ranks that evaluate them. */
int evaluation_start(evaluation *e, const uint32_t *order);

/* What is done with a chunk whose outputs the workspace has. */
typedef void evaluation_take(void *context, ls_workspace *workspace, size_t chunk);

/* Runs this rank's chunks through the model, and calls `take` after each. Local. */
void evaluation_each_chunk(const evaluation *e, ls_workspace *workspace, const ls_real *weights,
                           evaluation_take *take, void *context);

/* Collective: sets measures [measure], with penalties in the loss, for the given weights. */
int evaluation_run(evaluation *e, ls_workspace *workspace, const ls_real *weights,
                   double *measures);

#endif
