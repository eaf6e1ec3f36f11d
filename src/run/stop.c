/* Being asked to stop, and telling others. */
#include "run/stop.h"

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "run/trial_queue.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static const double seconds_between_looks = 1, seconds_to_spare = 30;

static bool file_there(stopping *s) {
  if (s->file && access(s->file, F_OK) == 0) s->by_file = true;
  return s->by_file;
}

int stopping_create(stopping *s, const char *results, const volatile sig_atomic_t *asked,
                    double seconds, const ls_group *world) {
  *s = (stopping){.signal = asked,
                  .end = ls_clock_seconds() + seconds,
                  .most = fmax(0, seconds / 4),
                  .called = INFINITY};
  int status = LS_OK;
  if (world->rank == 0) {
    ls_text path = {0};
    ls_text_add_bytes(&path, results, ls_stem_length(results));
    ls_text_add(&path, ".stop");
    s->file = ls_text_take(&path);
    status = s->file ? LS_OK : LS_FAILED;
    if (s->file && file_there(s)) {
      status =
          ls_fail(LS_FAILED, "%s: no run of the job goes on while this file is there", s->file);
    }
  }
  return ls_group_agree(world, status);
}

void stopping_destroy(stopping *s) {
  free(s->file);
}

void stopping_begin(stopping *s, ls_shared_counter *board, bool leader) {
  s->board = board;
  s->leader = leader;
  s->counter = 0;
}

void stopping_tell(stopping *s) {
  int64_t before;
  s->asked = true;
  if (!s->told) ls_shared_counter_add(s->board, QUEUE_STOP, &before);
  s->told = true;
}

/* Whether there is time for no more than to finish the step and to save, with some to spare. */
static bool time_is_over(stopping *s, double now) {
  if (now - s->called > s->longest) s->longest = now - s->called;
  s->called = now;
  return now > s->end - fmin(s->most, seconds_to_spare + 3 * s->longest);
}

bool stopping_asked(stopping *s) {
  double now = ls_clock_seconds();
  if (s->file) ls_mpi_serve();
  if (*s->signal || time_is_over(s, now)) stopping_tell(s);
  if (s->asked || (!s->leader && !s->file) || now - s->looked < seconds_between_looks) {
    return s->asked;
  }
  if (file_there(s)) stopping_tell(s);
  int64_t counter = s->leader ? ls_shared_counter_peek(s->board) : 0;
  if (queue_stopped(counter)) s->asked = true;
  if (counter < 0) return s->asked; /* not there yet */
  s->counter = counter;
  s->looked = now;
  return s->asked;
}

typedef struct idle_rank {
  stopping *stopping;
  void (*draw)(void *context);
  void *context;
} idle_rank;

static void on_idle(void *context) {
  const idle_rank *r = context;
  stopping_asked(r->stopping);
  if (r->draw) r->draw(r->context);
}

int stopping_wait(stopping *s, const ls_group *world, void (*draw)(void *context), void *context) {
  return ls_group_wait(world, on_idle, &(idle_rank){s, draw, context});
}

int stopping_explain(const stopping *s, int status) {
  if (status != LS_STOPPED || !s->by_file) return status;
  return ls_fail(LS_STOPPED,
                 "%s: this file stops the job, of which all is saved (remove it to go on, by the "
                 "same command)",
                 s->file);
}
