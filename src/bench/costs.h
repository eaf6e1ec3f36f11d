/* The costs of a step on one rank: its pass, matrix products, the update, adding gradients. Local;
 * needs no samples, only the layout of the dataset's records. */
#ifndef LS_BENCH_COSTS_H
#define LS_BENCH_COSTS_H

#include "bench/bench.h"
#include "bench/predict.h"
#include "bench/timing.h"
#include "lockstep/optimizer.h"
#include "nn/product.h"
#include "nn/shards.h"
#include "trial/plan.h"

struct costs_work;

/* A pass of `rows` samples, in shards as large as those of the plan's minibatches. */
typedef struct costs_pass {
  struct costs_work *work;
  size_t rows;
  ls_shards shards;
} costs_pass;

/* A product, on operands that all products of a list share. */
typedef struct costs_product {
  const struct ls_kernels *kernels;
  const ls_product *product;
  ls_real *operands;
} costs_product;

typedef struct costs_products {
  costs_product *items;
  ls_real *operands;
} costs_products;

typedef struct costs_work {
  const ls_plan *plan;
  ls_costs *costs;
  ls_workspace *workspace;
  double complete[LS_COST_STAGES]; /* when each stage was reached, in this pass */
  size_t recorded;                 /* passes of which costs->left is the mean */
  costs_pass passes[LS_COST_POINTS];
  costs_products made, plain;
  unsigned char *record;  /* a sample */
  ls_real *weights, *sum; /* flat vectors */
  ls_real *gradient;      /* [depth of the shards' stack] flat vectors */
  ls_real *slots[LS_MAX_SLOTS];
  double *sums;   /* [shard][sum] */
  double *counts; /* [count] */
} costs_work;

/* Adds measurements of all costs to `t`, except for the barrier, which is set to a usual value; of
 * passes of `least`, 2 `least`, 4 `least`, ... and `most` samples. All is borrowed; *work must not
 * move, and has to be destroyed also after a failure. */
int costs_create(costs_work *work, const ls_plan *plan, size_t least, size_t most, ls_costs *costs,
                 timing *t);
void costs_destroy(costs_work *work);

/* Lists the products that a pass of `rows` samples computes, with and without faster algorithms,
 * and adds measurements of one of each to `t`: seconds [product], to be freed. */
int costs_add_products(costs_work *work, size_t rows, ls_timed_products *made,
                       ls_timed_products *plain, timing *t);

#endif
