/* What this rank is doing: noted as it goes, a few stores at a time, in memory that others may look
 * at to find a rank that gets no further. Every note is progress; so a loop that may take long, and
 * doesn't meet other ranks, notes that it goes on.
 *
 * The ranks of a group make the same collective calls in the same order, so that the number of them
 * tells which rank is behind. All functions are local, and for the one thread that trains. */
#ifndef LS_BASE_ACTIVITY_H
#define LS_BASE_ACTIVITY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ls_phase {
  LS_PHASE_NOTHING, /* waits for what may take any time: not to be watched */
  LS_PHASE_OPENING,
  LS_PHASE_TAKING,
  LS_PHASE_LOADING,
  LS_PHASE_PREPARING,
  LS_PHASE_RESUMING,
  LS_PHASE_SHUFFLING,
  LS_PHASE_TRAINING,
  LS_PHASE_MEASURING,
  LS_PHASE_RECORDING,
  LS_PHASE_SAVING,
  LS_PHASE_ENDING,
  LS_PHASE_CLOSING,
  LS_PHASE_COUNT
} ls_phase;

typedef enum ls_waiting {
  LS_WAITING_NOT,
  LS_WAITING_COLLECTIVE, /* in a collective call */
  LS_WAITING_REMOTE,     /* for rank 0's memory */
} ls_waiting;

typedef struct ls_activity {
  _Atomic uint64_t count;    /* of notes */
  _Atomic uint64_t meetings; /* collective calls begun */
  _Atomic uint32_t doing, waiting;
  _Atomic uint64_t trial, epoch, step; /* from 0 */
} ls_activity;

/* Notes go there from now on, which is cleared; NULL: to memory of this rank's own. */
void ls_activity_attach(ls_activity *place);

void ls_activity_trial(size_t trial);
void ls_activity_phase(ls_phase doing, size_t epoch, size_t step);
void ls_activity_progress(void);

/* Around a collective call, and around one to rank 0's board. */
void ls_activity_enter_collective(void);
void ls_activity_enter_remote(void);
void ls_activity_leave(void);

/* Counts collective calls anew: the rank is in another group. */
void ls_activity_regroup(void);

#endif
