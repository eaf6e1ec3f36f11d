/* Measurements of the reduction of a trial's gradients alone, and of MPI_Allreduce to compare with.
 */
#ifndef LS_BENCH_REDUCTION_H
#define LS_BENCH_REDUCTION_H

#include "bench/bench.h"
#include "bench/timing.h"
#include "comm/reduce.h"

typedef struct reduction {
  const ls_group *group;
  ls_reducer *least, *whole; /* of one weight; of all */
  ls_real *vector;           /* that MPI_Allreduce sums */
  size_t count;
} reduction;

/* Adds the measurements of the reduction to `t`. All is borrowed; *r must not move, and has to be
 * destroyed also after a failure. Collective. */
int reduction_create(reduction *r, ls_bench *bench, const ls_plan *plan, const ls_group *group,
                     timing *t);
void reduction_destroy(reduction *r);

#endif
