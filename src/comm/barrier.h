/* A barrier in shared memory that also joins status flags of each rank.
 *
 * Waiting ranks spin for some microseconds, then yield the processor, so that more ranks than
 * cores still progress. Memory operations of a rank before it are seen by all ranks after it. */
#ifndef LS_COMM_BARRIER_H
#define LS_COMM_BARRIER_H

#include <stdatomic.h>
#include <stdint.h>

typedef struct shared_barrier {
  _Alignas(64) _Atomic uint32_t arrived;
  _Alignas(64) _Atomic uint32_t phase;
  _Alignas(64) _Atomic uint32_t flags[2]; /* alternately: the other one is being cleared */
} shared_barrier;

/* What a waiting rank does between two reads of shared memory; `spins` counts them. Local. */
void barrier_relax(unsigned spins);

/* The same; at times also has MPI serve requests of other ranks, such as to rank 0's shared
 * counter: the rank that this one waits for may wait for that. Local. */
void barrier_relax_serving(unsigned spins);

/* Waits for `ranks` ranks, with `relax` between two reads; returns the union of their flags. All
 * zero is the initial state of the barrier. Collective over these ranks. */
uint32_t barrier_wait(shared_barrier *barrier, uint32_t ranks, uint32_t flags,
                      void (*relax)(unsigned spins));

#endif
