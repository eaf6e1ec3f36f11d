/* The reduction of a trial's gradients alone, beside MPI_Allreduce, to be timed. */
#ifndef LS_BENCH_REDUCTION_H
#define LS_BENCH_REDUCTION_H

#include "bench/bench.h"
#include "bench/timing.h"
#include "comm/reduce.h"

typedef struct reduction {
  const ls_group *group;
  ls_reducer *least, *whole; /* of one weight; of all */
  ls_real *vector;           /* what MPI_Allreduce adds up */
  size_t count;
} reduction;

/* Collective: has what the bench holds of the reduction timed. All is borrowed; *r has to stay
 * where it is, and to be destroyed also after a failure. */
int reduction_create(reduction *r, ls_bench *bench, const ls_plan *plan, const ls_group *group,
                     timing *t);
void reduction_destroy(reduction *r);

#endif
