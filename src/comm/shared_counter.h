/* A counter, a flag and a table of slots on rank 0, which every rank accesses by one-sided MPI:
 * groups take the next trial from the counter and write their progress to their slots; any rank may
 * raise the flag, which asks all to stop.
 *
 * Where MPI implements one-sided access by messages, rank 0 serves them only inside MPI calls:
 * while it computes, or waits without MPI, it should call ls_mpi_serve at times. */
#ifndef LS_COMM_SHARED_COUNTER_H
#define LS_COMM_SHARED_COUNTER_H

#include "comm/group.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ls_shared_counter ls_shared_counter;

/* Makes a counter at 0, a flag that is not raised, and `slots` zeroed slots of `slot_bytes` bytes.
 * Collective over `world`. */
int ls_shared_counter_create(ls_shared_counter **out, const ls_group *world, size_t slots,
                             size_t slot_bytes);

/* Collective. */
void ls_shared_counter_free(ls_shared_counter **counter);

/* Adds `amount` to the counter; *before is its previous value, *raised whether the flag is raised.
 * Local. */
int ls_shared_counter_add(ls_shared_counter *counter, int64_t amount, int64_t *before,
                          bool *raised);

/* Raises the flag; any number of ranks may. Local. */
int ls_shared_counter_raise(ls_shared_counter *counter);

/* Gets a recent value of the counter, and whether the flag is raised. Returns false while the
 * answer hasn't arrived: never waits. Local. */
bool ls_shared_counter_peek(ls_shared_counter *counter, int64_t *value, bool *raised);

/* Overwrites a slot; returns when that is done. Local. */
int ls_shared_counter_write(ls_shared_counter *counter, size_t slot, const void *data);

/* Starts to overwrite a slot with a copy of the data, and never waits: does nothing while an
 * earlier post is being sent. Local. */
void ls_shared_counter_post(ls_shared_counter *counter, size_t slot, const void *data);

/* On rank 0: copies a slot. If it is being overwritten the copy may mix old and new data, which is
 * good enough to display. Local. */
void ls_shared_counter_read(ls_shared_counter *counter, size_t slot, void *data);

#endif
