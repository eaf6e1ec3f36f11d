/* What follows from the status. */
#include "status/status.h"

#include <math.h>

double ls_trial_fraction(const ls_trial_status_row *trial) {
  return (trial->epoch - 1 + trial->epoch_done) / trial->epochs;
}

double ls_run_seconds_left(const ls_run_status *s) {
  return s->fraction > 0.005 ? s->elapsed * (1 - s->fraction) / s->fraction : NAN;
}
