/* What this rank is doing, for the watchdog: a few relaxed stores at a time, into memory that other
 * ranks of the node can read to find a rank that hangs. Every call counts as progress; so a loop
 * that may take long without a collective call reports progress in each iteration.
 *
 * The ranks of a group make the same collective calls in the same order, so the number of them
 * shows which rank is behind. All functions are local, and for the one thread that trains. */
#ifndef LS_BASE_ACTIVITY_H
#define LS_BASE_ACTIVITY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ls_phase {
  LS_PHASE_IDLE, /* waits for what may take any time: the watchdog ignores the rank */
  LS_PHASE_OPENING,
  LS_PHASE_TAKING,
  LS_PHASE_LOADING,
  LS_PHASE_PREPARING,
  LS_PHASE_RESUMING,
  LS_PHASE_SHUFFLING,
  LS_PHASE_TRAINING,
  LS_PHASE_EVALUATING,
  LS_PHASE_RECORDING,
  LS_PHASE_SAVING,
  LS_PHASE_ENDING,
  LS_PHASE_CLOSING,
  LS_PHASE_COUNT
} ls_phase;

typedef enum ls_waiting {
  LS_WAITING_NOT,
  LS_WAITING_COLLECTIVE, /* in a collective call */
  LS_WAITING_REMOTE,     /* for access to rank 0's memory */
} ls_waiting;

typedef struct ls_activity {
  _Atomic uint64_t progress;           /* counts all calls below */
  _Atomic uint64_t collectives;        /* collective calls begun by the group */
  _Atomic uint32_t phase;              /* ls_phase */
  _Atomic uint32_t waiting;            /* ls_waiting */
  _Atomic uint64_t trial, epoch, step; /* from 0 */
} ls_activity;

/* From now on activity is stored there, which is cleared; NULL: in memory of this rank's own. */
void ls_activity_attach(ls_activity *place);

void ls_activity_trial(size_t trial);
void ls_activity_phase(ls_phase phase, size_t epoch, size_t step);
void ls_activity_progress(void);

/* Before a collective call; before an access to rank 0's shared counter; after either. */
void ls_activity_enter_collective(void);
void ls_activity_enter_remote(void);
void ls_activity_leave(void);

/* Resets the number of collective calls: the rank is in another group. */
void ls_activity_regroup(void);

#endif
