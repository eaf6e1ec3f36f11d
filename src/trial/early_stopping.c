/* Watching one curve for improvement. */
#include "trial/early_stopping.h"

#include <math.h>

static bool better(const early_stopping *e, double value, double than) {
  double margin = e->args->monitor ? e->args->min_delta : 0;
  return e->higher ? value - margin > than : value + margin < than;
}

bool early_stopping_watch(early_stopping *e, size_t epoch, double value, bool *improved) {
  *improved = false;
  if (e->args->monitor && (int64_t)epoch <= e->args->start_from_epoch) return false;
  e->waited++;
  bool first = e->best_epoch == 0;
  if (first ? !isnan(value) : better(e, value, e->best)) {
    *improved = true;
    e->best = value;
    e->best_epoch = epoch;
    bool beats =
        !e->args->monitor || isnan(e->args->baseline) || better(e, value, e->args->baseline);
    if (beats) e->waited = 0;
    return false;
  }
  return e->args->monitor && e->waited >= e->args->patience && epoch > 1;
}
