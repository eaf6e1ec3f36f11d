/* Measurements of the machine: multiply-adds, memory bandwidth, messages. */
#ifndef LS_BENCH_MACHINE_H
#define LS_BENCH_MACHINE_H

#include "bench/bench.h"
#include "bench/timing.h"

typedef struct machine {
  const ls_group *group; /* all ranks */
  ls_group ring;         /* those that send messages; of size 0 on others */
  char *message;         /* [2][bytes of a long one] */
  ls_real *arrays;       /* [3][length] */
  size_t length;
} machine;

/* Finds the nodes, for bench->layout and bench->predictable, and adds the measurements of the
 * machine to `t`. All is borrowed; *m must not move, and has to be destroyed also after a failure.
 * Collective.
 */
int machine_create(machine *m, ls_bench *bench, const ls_group *group, timing *t);
void machine_destroy(machine *m);

#endif
