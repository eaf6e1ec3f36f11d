/* Values of trials, and statistics of a point over its trials. */
#include "report/points.h"

#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <string.h>

bool report_finished(const report_trial *trial) {
  return trial->status == REPORT_DONE || trial->status == REPORT_STOPPED_EARLY;
}

report_point report_point_of(const report_results *results, size_t point) {
  report_point out = {{0}, REPORT_NO_STAT, REPORT_NO_STAT, REPORT_NO_STAT, REPORT_NO_STAT};
  size_t first = point * results->repeats;
  for (size_t t = first; t < first + results->repeats; t++) {
    const report_trial *trial = &results->trials[t];
    out.counts[trial->status]++;
    if (!report_finished(trial)) continue;
    report_add(&out.epochs, (double)trial->epochs_run);
    report_add(&out.best_epoch, (double)trial->best_epoch);
    report_add(&out.seconds, trial->seconds);
    report_add(&out.speed, trial->speed);
  }
  return out;
}

static double final_value(const report_results *r, const report_curve *curve, size_t trial) {
  const report_trial *t = &r->trials[trial];
  if (curve->final) return curve->values[trial];
  size_t epoch = t->best_restored && t->best_epoch > 0 ? t->best_epoch : t->epochs_run;
  return epoch > 0 ? curve->values[trial * r->epochs + epoch - 1] : NAN;
}

static double best_value(const report_results *r, const report_curve *curve, size_t trial) {
  double best = NAN;
  for (size_t e = 0; e < r->trials[trial].epochs_run && curve->better != 0; e++) {
    double value = curve->values[trial * r->epochs + e];
    if (isnan(best) || curve->better * value > curve->better * best) best = value;
  }
  return best;
}

double report_value(const report_results *results, const report_curve *curve, size_t trial,
                    bool best) {
  if (!report_finished(&results->trials[trial])) return NAN;
  return best && !curve->final ? best_value(results, curve, trial)
                               : final_value(results, curve, trial);
}

report_stat report_stat_of(const report_results *r, const report_curve *curve, size_t point,
                           bool best) {
  report_stat stat = REPORT_NO_STAT;
  for (size_t t = point * r->repeats; t < (point + 1) * r->repeats; t++) {
    report_add(&stat, report_value(r, curve, t, best));
  }
  return stat;
}

/* Statistics of a field of trials, without any value for an unknown one. */
static report_stat field_of(const report_results *r, const char *name, size_t point) {
  report_point at = report_point_of(r, point);
  if (strcmp(name, "trial_seconds") == 0) return at.seconds;
  if (strcmp(name, "epochs_run") == 0) return at.epochs;
  return strcmp(name, "best_epoch") == 0 ? at.best_epoch : REPORT_NO_STAT;
}

int report_values_of(report_values *out, ls_memory *memory, const report_results *r,
                     const char *metric, bool best) {
  const report_curve *curve = report_find_curve(r, metric);
  double largest = 0, deviation = NAN;
  *out = (report_values){.better = curve ? curve->better : 0};
  out->stats = ls_memory_new(memory, r->points, sizeof *out->stats);
  if (!out->stats) return LS_FAILED;
  for (size_t p = 0; p < r->points; p++) {
    report_stat *stat = &out->stats[p];
    *stat = curve ? report_stat_of(r, curve, p, best) : field_of(r, metric, p);
    report_widen_decimals(&largest, &deviation, stat->mean, stat->deviation);
  }
  out->decimals = report_decimals(largest, deviation);
  return LS_OK;
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
