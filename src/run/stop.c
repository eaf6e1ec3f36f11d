/* Requests to stop the run. */
#include "run/stop.h"

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static const double seconds_between_checks = 1, seconds_to_spare = 30;

static bool file_exists(stop_state *s) {
  if (s->file && access(s->file, F_OK) == 0) s->by_file = true;
  return s->by_file;
}

int stop_create(stop_state *s, const char *results, const volatile sig_atomic_t *signal,
                double seconds, const ls_group *world) {
  *s = (stop_state){.signal = signal,
                    .end = ls_clock_seconds() + seconds,
                    .most = fmax(0, seconds / 4),
                    .called = INFINITY};
  int status = LS_OK;
  if (world->rank == 0) {
    ls_text path = {0};
    ls_text_add_bytes(&path, results, ls_results_stem_length(results));
    ls_text_add(&path, ".stop");
    s->file = ls_text_take(&path);
    status = s->file ? LS_OK : LS_FAILED;
    if (s->file && file_exists(s)) {
      status =
          ls_fail(LS_FAILED, "%s: this file stops all runs of the job (remove it to run)", s->file);
    }
  }
  return ls_group_agree(world, status);
}

void stop_destroy(stop_state *s) {
  free(s->file);
}

void stop_begin_round(stop_state *s, ls_shared_counter *queue, bool leader) {
  s->queue = queue;
  s->leader = leader;
  s->queue_seen = 0;
}

void stop_announce(stop_state *s) {
  s->requested = true;
  if (!s->announced) ls_shared_counter_raise(s->queue);
  s->announced = true;
}

/* Whether the time left is just enough to finish the step and to save. */
static bool time_is_over(stop_state *s, double now) {
  if (now - s->called > s->longest) s->longest = now - s->called;
  s->called = now;
  s->by_time = now > s->end - fmin(s->most, seconds_to_spare + 3 * s->longest);
  return s->by_time;
}

bool stop_requested(stop_state *s) {
  double now = ls_clock_seconds();
  if (s->file) ls_mpi_serve();
  if (*s->signal || time_is_over(s, now)) stop_announce(s);
  if (s->requested || (!s->leader && !s->file) || now - s->checked < seconds_between_checks) {
    return s->requested;
  }
  if (file_exists(s)) stop_announce(s);
  bool raised = false;
  if (s->leader && !ls_shared_counter_peek(s->queue, &s->queue_seen, &raised)) return s->requested;
  if (raised) s->requested = true;
  s->checked = now;
  return s->requested;
}

typedef struct idle_rank {
  stop_state *stop;
  void (*draw)(void *context);
  void *context;
} idle_rank;

static void on_idle(void *context) {
  const idle_rank *r = context;
  stop_requested(r->stop);
  if (r->draw) r->draw(r->context);
}

int stop_wait(stop_state *s, const ls_group *world, void (*draw)(void *context), void *context) {
  return ls_group_wait(world, on_idle, &(idle_rank){s, draw, context});
}

int stop_explain(const stop_state *s, int status, const ls_group *world) {
  int by_time = s->by_time;
  int agreed = ls_group_max_int(world, &by_time, 1);
  if (agreed != LS_OK || status != LS_STOPPED) return status;
  if (by_time) {
    const char *job = getenv("SLURM_JOB_ID");
    return ls_fail(LS_STOPPED,
                   "stopped before the time limit of the Slurm job %s; everything is saved (to "
                   "resume, run the same command)",
                   job ? job : "");
  }
  if (!s->by_file) return status;
  return ls_fail(
      LS_STOPPED,
      "%s: this file stops the job; everything is saved (to resume, remove it and run the "
      "same command)",
      s->file);
}
