/* Whether the run is to stop before all trials are done: because of a signal to any of its ranks, a
 * file, the end of its time limit, or a group that cannot continue. All ranks learn of it within a
 * second or two, by the trial queue (trial_queue.h). */
#ifndef LS_RUN_STOP_H
#define LS_RUN_STOP_H

#include "comm/shared_counter.h"

#include <signal.h>
#include <stdbool.h>

typedef struct stop_state {
  const volatile sig_atomic_t *signal; /* set by the handler */
  ls_shared_counter *queue;
  char *file;         /* on rank 0: a file that stops the run by existing */
  bool leader;        /* of a group: reads the queue */
  int64_t queue_seen; /* its value when it was last read */
  double checked;     /* when, by the clock, file and queue were last checked */

  double end;     /* when the time limit is reached, by the clock */
  double most;    /* seconds before that to keep for saving, at most */
  double called;  /* when stop_requested was last called */
  double longest; /* between two calls: a step, with what may follow it, such as a checkpoint */

  bool requested; /* this rank is to stop */
  bool announced; /* to the others, by this rank */
  bool by_file, by_time;
} stop_state;

/* `seconds` are left, INFINITY without a limit. LS_FAILED if the file that stops runs of these
 * results, results/NAME.stop, exists already. Collective over the world. */
int stop_create(stop_state *s, const char *results, const volatile sig_atomic_t *signal,
                double seconds, const ls_group *world);
void stop_destroy(stop_state *s);

/* Begins a round of groups with that queue. Local. */
void stop_begin_round(stop_state *s, ls_shared_counter *queue, bool leader);

/* Returns whether to stop, and announces it to the others; to be called in every step. On rank 0 it
 * also has MPI serve the others' requests to the queue. Local. */
bool stop_requested(stop_state *s);

/* Asks all ranks to stop. Local. */
void stop_announce(stop_state *s);

/* Waits, mostly asleep, until all ranks have called it. Signals and the file still count for those
 * that haven't. Meanwhile calls `draw`, if it isn't NULL. Collective over the world. */
int stop_wait(stop_state *s, const ls_group *world, void (*draw)(void *context), void *context);

/* Returns the status of the run; if the file or the time limit has stopped it, sets the message to
 * that. `status` is the same on all ranks. Collective over the world. */
int stop_explain(const stop_state *s, int status, const ls_group *world);

#endif
