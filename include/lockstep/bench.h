/* What the machine can do, what a training step could take on it, and what it takes. */
#ifndef LOCKSTEP_BENCH_H
#define LOCKSTEP_BENCH_H

#include "lockstep/group.h"
#include "lockstep/plan.h"
#include "lockstep/predict.h"
#include "lockstep/product.h"

/* All speeds are of one rank while all others do the same, means over ranks of medians over time;
 * seconds and bytes. What is between nodes is 0 on a single one. */
typedef struct ls_bench {
  ls_step layout;
  size_t shards; /* of a rank, the most that any has */
  size_t rows;   /* of a shard */
  double peak;   /* floating-point operations a second of the fastest product of square matrices */
  size_t peak_size;    /* their extent */
  double memory;       /* bytes a second that a = b + s c moves to and from memory */
  size_t memory_bytes; /* of the three arrays together, on this rank */

  ls_products products;    /* of one shard's pass */
  double *product_seconds; /* [product], of one */
  double products_seconds; /* of all of a step */

  size_t gradient_bytes;
  const char *reduction;       /* how gradients travel: see reduce.h */
  double reduce_least, reduce; /* the job's reduction, of one weight and of all */
  double allreduce_least, allreduce;

  double message, message_gap, message_long; /* one short message, each of many, a long one */
  size_t message_bytes;                      /* of the long one */

  double step;        /* a training step, as it is */
  ls_costs costs;     /* for ls_predict_step */
  ls_network network; /* likewise, as measured between nodes */
  bool predicts;      /* nodes have the same number of ranks each */
} ls_bench;

/* Collective: trains the trial's model for a while on all ranks of the group, without files, and
 * measures everything for about `seconds` each, by turns. LS_FAILED if its loss is not finite. */
int ls_bench_run(ls_bench *bench, const ls_plan *plan, const ls_group *group, double seconds);
void ls_bench_free(ls_bench *bench);

/* Local: the costs of a plan's steps on this machine, for shards of up to `most` samples, about
 * `seconds` for each number of samples. */
int ls_bench_costs(ls_costs *costs, const ls_plan *plan, size_t most, double seconds);

#endif
