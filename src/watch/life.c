/* Signs of life of a run. */
#include "watch/life.h"

#include "base/clock.h"
#include "base/process.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const double silent_seconds = 15, silent_intervals = 5;

static double find_age(watch_pulse *pulse, const ls_run_status *s) {
  double now = ls_clock_seconds();
  if (pulse->seen == 0) {
    double age = ls_clock_date() - s->updated;
    *pulse = (watch_pulse){s->updated, now, age > 0 ? age : 0};
  } else if (pulse->updated != s->updated) {
    *pulse = (watch_pulse){s->updated, now, 0};
  }
  return pulse->age + now - pulse->seen;
}

/* Whether the process of rank 0 was one of this machine and does not exist any more. */
static bool is_gone(const ls_run_status *s) {
  char host[64] = "";
  gethostname(host, sizeof host - 1);
  if (strcmp(host, s->host) != 0) return false;
  return ls_process_start(s->process) != s->process_start;
}

watch_life watch_find_life(watch_pulse *pulse, const ls_run_status *s, double *age) {
  *age = find_age(pulse, s);
  if (s->ended) return WATCH_ENDED;
  /* Two containers may have the same host name: what is updated lives. */
  if (*age > 2 * s->interval + 1 && is_gone(s)) return WATCH_KILLED;
  double limit = fmax(silent_seconds, silent_intervals * s->interval);
  return *age > limit ? WATCH_SILENT : WATCH_ALIVE;
}

void watch_add_life(ls_text *out, watch_life life, const ls_run_status *s, double age) {
  char text[32];
  ls_clock_duration(text, age);
  switch (life) {
  case WATCH_ALIVE:
    ls_text_add(out, "running on %zu rank%s, updated %s ago", s->ranks, s->ranks == 1 ? "" : "s",
                text);
    break;
  case WATCH_SILENT:
    ls_text_add(out, "no sign of life for %s: killed, suspended, or cut off from the file system",
                text);
    break;
  case WATCH_KILLED:
    ls_text_add(out, "killed: process %ld does not exist any more; last sign of life %s ago",
                s->process, text);
    break;
  case WATCH_ENDED:
    ls_text_add(out, "ended with exit status %d", s->exit_status);
    break;
  }
}
