/* A counter and a table of slots on rank 0 that every rank can reach without rank 0's help: groups
 * take the next trial from the counter and post how theirs is going. One-sided MPI.
 *
 * Where MPI moves one-sided data by messages, rank 0 serves them only inside MPI calls: it should
 * call ls_mpi_serve now and then while it computes, or waits in other ways. */
#ifndef LS_COMM_SHARED_COUNTER_H
#define LS_COMM_SHARED_COUNTER_H

#include "comm/group.h"

#include <stdint.h>

typedef struct ls_shared_counter ls_shared_counter;

/* Collective over `world` (borrowed): a counter at 0 and `slots` zeroed slots of `slot_bytes`. */
int ls_shared_counter_create(ls_shared_counter **out, const ls_group *world, size_t slots,
                             size_t slot_bytes);

/* Collective. */
void ls_shared_counter_free(ls_shared_counter **board);

/* Adds `amount` to the counter and returns in *before what it was. Local. */
int ls_shared_counter_add(ls_shared_counter *board, int64_t amount, int64_t *before);

/* What the counter was a moment ago, or -1 while that is on its way: never waits. Local. */
int64_t ls_shared_counter_peek(ls_shared_counter *board);

/* Overwrites a slot. Local. */
int ls_shared_counter_post(ls_shared_counter *board, size_t slot, const void *data);

/* On rank 0: copies a slot as it stands. A slot being overwritten at that moment may come out as a
 * mixture: good enough to look at. Local. */
void ls_shared_counter_read(ls_shared_counter *board, size_t slot, void *data);

#endif
