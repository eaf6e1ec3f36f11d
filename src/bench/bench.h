/* The speed of the machine, of a training step, and of the parts that bound the step. */
#ifndef LS_BENCH_BENCH_H
#define LS_BENCH_BENCH_H

#include "bench/predict.h"
#include "comm/group.h"
#include "nn/product.h"
#include "trial/plan.h"

/* Matrix products of one rank's pass. */
typedef struct ls_timed_products {
  ls_products list;
  double *seconds; /* [product], of one */
  double total;    /* seconds of all that a rank computes in a step */
} ls_timed_products;

/* Measurements: seconds on one rank while all others do the same, medians over time, means over
 * ranks. What needs several ranks is 0 on one. */
typedef struct ls_bench {
  /* How the trial is laid out. */
  ls_step layout;
  size_t ranks;     /* of all nodes */
  bool predictable; /* by ls_predict_step: as many ranks on each node, not MPI_Allreduce */
  size_t rows;      /* samples of a rank, the most that any has */

  /* The machine. */
  double multiply_adds;      /* in registers alone */
  double multiply_add_flops; /* floating-point operations of these */
  double triad;              /* a = b + s c, for arrays that no cache holds */
  size_t triad_bytes;        /* of the three together */
  double message;            /* a short message */
  double message_gap;        /* each of many short messages */
  double message_long;       /* each of several long messages */
  size_t message_bytes;      /* of a long message */

  /* The parts of a step. */
  ls_timed_products made;  /* the products that the step computes */
  ls_timed_products plain; /* without faster algorithms, see ls_model_plain_products */
  double plain_operations; /* floating-point operations of these */
  size_t gradient_bytes;
  const char *reduction;       /* the method: see comm/reduce.h */
  double reduce_least, reduce; /* the job's reduction, of one weight and of all */
  double allreduce_least;      /* the same by MPI_Allreduce */
  double allreduce;

  double step; /* a whole training step */

  /* For ls_predict_step: what passes and updates of the trial cost, and, on several nodes, the
   * network between them. */
  ls_costs costs;
  ls_network network;
} ls_bench;

/* Trains the trial's model on all ranks of the group, without files, and measures everything above
 * for about `seconds` each, interleaved. LS_FAILED if the loss is not finite. ls_bench_free in any
 * case. Collective. */
int ls_bench_run(ls_bench *bench, const ls_plan *plan, const ls_group *group, double seconds);
void ls_bench_free(ls_bench *bench);

/* Measures the costs of a plan's steps on this machine, for ranks of up to `most` samples, for
 * about `seconds` each. Local. */
int ls_bench_costs(ls_costs *costs, const ls_plan *plan, size_t most, double seconds);

#endif
