/* What the machine can do, to be timed: a product of matrices, memory, messages. */
#ifndef LS_BENCH_MACHINE_H
#define LS_BENCH_MACHINE_H

#include "bench/bench.h"
#include "bench/timing.h"

typedef struct machine {
  const ls_group *group; /* all ranks */
  ls_group ring;         /* those that send messages; of size 0 on others */
  char *message;         /* [2][bytes of a long one] */
  ls_real *operands;     /* of the product */
  ls_real *arrays;       /* [3][length] */
  size_t length;
} machine;

/* Collective: finds the nodes, for bench->layout and bench->predictable, and has what the bench
 * holds of the machine timed. All is borrowed; *m has to stay where it is, and to be destroyed also
 * after a failure. */
int machine_create(machine *m, ls_bench *bench, const ls_group *group, timing *t);
void machine_destroy(machine *m);

#endif
