/* What a step costs on one rank: passes of shards of several sizes, the update, adding gradients.
 * Local; needs no samples, the dataset is only asked for the kind of its records. */
#ifndef LS_TRAIN_COSTS_H
#define LS_TRAIN_COSTS_H

#include "lockstep/optimizer.h"
#include "lockstep/plan.h"
#include "lockstep/predict.h"
#include "lockstep/product.h"
#include "timing.h"

struct costs_work;

/* A pass of so many samples. */
typedef struct costs_pass {
  struct costs_work *work;
  size_t rows;
} costs_pass;

typedef struct costs_work {
  const ls_plan *plan;
  ls_workspace *workspace;
  costs_pass passes[LS_COST_POINTS];
  size_t count;
  unsigned char *record;             /* a sample */
  ls_real *weights, *gradient, *sum; /* flat vectors */
  ls_real *slots[LS_MAX_SLOTS];
  double *sums; /* [measure] */
  ls_costs *costs;
} costs_work;

/* Has the costs timed (`barrier` is left as it is), for shards of 1, 2, 4, ... and `most` samples.
 * All is borrowed; *work has to stay where it is, and to be destroyed also after a failure. */
int costs_create(costs_work *work, const ls_plan *plan, size_t most, ls_costs *costs, timing *t);
void costs_destroy(costs_work *work);

/* Once everything was timed: makes costs of what was measured. */
void costs_finish(costs_work *work);

/* Lists the products of a pass of so many samples. */
int costs_list_products(costs_work *work, size_t rows, ls_products *list);

#endif
