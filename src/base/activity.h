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

typedef enum ls_doing {
  LS_DOING_NOTHING, /* waits for what may take any time: not to be watched */
  LS_DOING_OPENING,
  LS_DOING_TAKING,
  LS_DOING_LOADING,
  LS_DOING_PREPARING,
  LS_DOING_RESUMING,
  LS_DOING_SHUFFLING,
  LS_DOING_TRAINING,
  LS_DOING_MEASURING,
  LS_DOING_RECORDING,
  LS_DOING_SAVING,
  LS_DOING_ENDING,
  LS_DOING_CLOSING,
  LS_DOING_COUNT
} ls_doing;

typedef enum ls_waiting {
  LS_WAITING_NOT,
  LS_WAITING_MEETING, /* in a collective call */
  LS_WAITING_BOARD,   /* for rank 0's memory */
} ls_waiting;

typedef struct ls_note {
  _Atomic uint64_t count;    /* of notes */
  _Atomic uint64_t meetings; /* collective calls begun */
  _Atomic uint32_t doing, waiting;
  _Atomic uint64_t trial, epoch, step; /* from 0 */
} ls_note;

/* Notes go there from now on, which is cleared; NULL: to memory of this rank's own. */
void ls_note_keep(ls_note *place);

void ls_note_trial(size_t trial);
void ls_note_doing(ls_doing doing, size_t epoch, size_t step);
void ls_note_progress(void);

/* Around a collective call, and around one to rank 0's board. */
void ls_note_meet(void);
void ls_note_ask(void);
void ls_note_go_on(void);

/* Counts collective calls anew: the rank is in another group. */
void ls_note_regroup(void);

#endif
