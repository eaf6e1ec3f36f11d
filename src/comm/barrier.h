/* A barrier in shared memory that also joins one word of each rank.
 *
 * Waiting ranks spin for some microseconds, then yield the processor, so that more ranks than
 * cores still get on. Local memory operations before it are seen by all ranks after it. */
#ifndef LS_COMM_BARRIER_H
#define LS_COMM_BARRIER_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct shared_barrier {
  _Alignas(64) _Atomic uint32_t arrived;
  _Alignas(64) _Atomic uint32_t phase;
  _Alignas(64) _Atomic uint32_t words[2]; /* used in turn, the other one is being cleared */
} shared_barrier;

/* What to do between looks at what another rank is to write, the number of which is `spins`. */
void barrier_relax(unsigned spins);

/* Waits for `ranks` ranks, with `relax` between looks; returns the union of the words they gave.
 * All zero is the initial state of the barrier. */
uint32_t barrier_wait(shared_barrier *barrier, uint32_t ranks, uint32_t word,
                      void (*relax)(unsigned spins));

#endif
