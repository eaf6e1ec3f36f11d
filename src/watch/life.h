/* Whether a run that is watched still lives. Local. */
#ifndef LS_WATCH_LIFE_H
#define LS_WATCH_LIFE_H

#include "base/text.h"
#include "status/status.h"

typedef enum watch_life {
  WATCH_ALIVE,
  WATCH_SILENT, /* has not updated its status for long: killed, suspended, or cut off */
  WATCH_KILLED, /* its process on this machine does not exist any more */
  WATCH_ENDED,
} watch_life;

/* The last update that was seen. Start from {0}. */
typedef struct watch_pulse {
  double updated; /* as in the status */
  double seen;    /* when it was first seen, seconds by the clock */
  double age;     /* seconds since the update, then */
} watch_pulse;

/* Finds the state of the run from its status, which was just read; *age is the time since its last
 * update. The clocks of two machines are compared for the first update only: later ones are timed
 * here. */
watch_life watch_find_life(watch_pulse *pulse, const ls_run_status *status, double *age);

/* Appends a sentence on the state. */
void watch_add_life(ls_text *out, watch_life life, const ls_run_status *status, double age);

#endif
