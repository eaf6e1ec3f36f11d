/* Values of trials, and statistics of a point over its trials. */
#include "report/points.h"

#include <math.h>

bool report_finished(const report_trial *trial) {
  return trial->status == REPORT_DONE || trial->status == REPORT_STOPPED_EARLY;
}

double report_final(const report_results *results, const report_curve *curve, size_t trial) {
  const report_trial *t = &results->trials[trial];
  if (!report_finished(t)) return NAN;
  if (curve->final) return curve->values[trial];
  size_t epoch = t->best_restored && t->best_epoch > 0 ? t->best_epoch : t->epochs_run;
  return epoch > 0 ? curve->values[trial * results->epochs + epoch - 1] : NAN;
}

double report_best_of_epochs(const report_results *results, const report_curve *curve,
                             size_t trial) {
  const report_trial *t = &results->trials[trial];
  double best = NAN;
  if (curve->final) return report_final(results, curve, trial);
  if (!report_finished(t) || curve->better == 0) return NAN;
  for (size_t e = 0; e < t->epochs_run; e++) {
    double value = curve->values[trial * results->epochs + e];
    if (isnan(best) || curve->better * value > curve->better * best) best = value;
  }
  return best;
}

const char *report_when_final(const report_results *results) {
  bool last = false, best = false;
  for (size_t t = 0; t < results->points * results->repeats; t++) {
    if (!report_finished(&results->trials[t])) continue;
    *(results->trials[t].best_restored ? &best : &last) = true;
  }
  return !best  ? "after the last epoch"
         : last ? "after the last epoch, or the best one where its weights were restored"
                : "after the best epoch";
}

report_stat report_at(const report_results *results, const report_curve *curve, size_t point,
                      size_t epoch) {
  report_stat stat = REPORT_NO_STAT;
  size_t first = point * results->repeats;
  for (size_t t = first; t < first + results->repeats; t++) {
    report_status status = results->trials[t].status;
    if (status == REPORT_DIVERGED || status == REPORT_FAILED) continue;
    report_add(&stat, curve->values[t * results->epochs + epoch]);
  }
  return stat;
}

void report_point_fill(report_point *out, const report_results *results, size_t point) {
  out->epochs = out->seconds = out->speed = REPORT_NO_STAT;
  for (size_t c = 0; c < results->curve_count; c++) out->finals[c] = REPORT_NO_STAT;
  size_t first = point * results->repeats;
  for (size_t t = first; t < first + results->repeats; t++) {
    const report_trial *trial = &results->trials[t];
    out->counts[trial->status]++;
    if (!report_finished(trial)) continue;
    report_add(&out->epochs, (double)trial->epochs_run);
    report_add(&out->seconds, trial->seconds);
    report_add(&out->speed, trial->speed);
    for (size_t c = 0; c < results->curve_count; c++) {
      report_add(&out->finals[c], report_final(results, &results->curves[c], t));
    }
  }
}
