/* Whether the run is to stop before all is done: a signal to any of its ranks, a file, the end of
 * the time that there is, a group that can't go on. It is known to all within a second or two, by
 * the board's counter (trial_queue.h). */
#ifndef LS_RUN_STOP_H
#define LS_RUN_STOP_H

#include "comm/shared_counter.h"

#include <signal.h>
#include <stdbool.h>

typedef struct stopping {
  const volatile sig_atomic_t *signal; /* set by the handler */
  ls_shared_counter *board;
  char *file;      /* on rank 0: stops the run by being there */
  bool leader;     /* of a group: looks at the board */
  int64_t counter; /* its counter, as it was seen last */
  double looked;   /* when, by the clock */
  /* When the time is over, by the clock; the most of it that is kept for the end; when
   * stopping_asked was last called, and the longest time between two calls: of a step, with what
   * comes between it and the next, such as a checkpoint. */
  double end, most, called, longest;
  bool asked, told, by_file;
} stopping;

/* `seconds` are left, INFINITY if there is no end. Collective over the world. LS_FAILED, naming the
 * file, if the one that stops runs of these results is there already: results/NAME.stop. */
int stopping_create(stopping *s, const char *results, const volatile sig_atomic_t *asked,
                    double seconds, const ls_group *world);
void stopping_destroy(stopping *s);

/* From now on others can be told. Local, as are the next ones. */
void stopping_begin(stopping *s, ls_shared_counter *board, bool leader);

/* Whether to stop; to be asked once a step. Tells the others at once. On rank 0 it also lets MPI
 * get on with their requests to the board. */
bool stopping_asked(stopping *s);

/* Asks all others to stop. */
void stopping_tell(stopping *s);

/* Collective over the world: waits, without using the processor much, until all ranks have come
 * here. Signals and the file still count for those that haven't. Meanwhile `draw` is called now and
 * then, if it isn't NULL. */
int stopping_wait(stopping *s, const ls_group *world, void (*draw)(void *context), void *context);

/* The status of the run, the message being that the file has stopped it where that is so. Local. */
int stopping_explain(const stopping *s, int status);

#endif
