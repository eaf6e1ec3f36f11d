/* The trials of a results file. */
#include "export/trials.h"

#include "base/clock.h"
#include "lockstep/error.h"
#include "report/points.h"

#include <math.h>

static const double LONGEST = 1e9; /* seconds, of an epoch */

int export_study_read(export_study *out, ls_memory *memory, const char *path) {
  report_results *results = NULL;
  int status = report_results_read(&results, memory, path);
  if (status != LS_OK) return status;
  double start = ls_clock_parse_utc(report_provenance(results, "start"));
  *out = (export_study){.results = results,
                        .monitor = report_find_curve(results, results->monitor),
                        .seconds = report_find_curve(results, "epoch_seconds"),
                        .start = isnan(start) ? 0 : start};
  return LS_OK;
}

size_t export_trial_count(const export_study *study) {
  return study->results->points * study->results->repeats;
}

size_t export_point(const export_study *study, size_t trial) {
  return trial / study->results->repeats;
}

static size_t fold_count(const export_study *study) {
  return study->results->folds ? study->results->folds : 1;
}

size_t export_replicate(const export_study *study, size_t trial) {
  return trial % study->results->repeats / fold_count(study);
}

size_t export_fold(const export_study *study, size_t trial) {
  return trial % fold_count(study);
}

double export_monitored(const export_study *study, size_t trial) {
  const report_results *r = study->results;
  const report_trial *t = &r->trials[trial];
  if (report_finished(t)) return report_value(r, study->monitor, trial, false);
  return t->epochs_run ? study->monitor->values[trial * r->epochs + t->epochs_run - 1] : NAN;
}

double export_epoch_seconds(const export_study *study, size_t trial, size_t epoch) {
  if (!study->seconds) return 0;
  double taken = study->seconds->values[trial * study->results->epochs + epoch];
  return taken > 0 && taken < LONGEST ? taken : 0; /* else the file is not ours */
}

double export_time(const export_study *study, size_t trial, size_t epoch) {
  double time = study->start;
  for (size_t e = 0; e < epoch; e++) time += export_epoch_seconds(study, trial, e);
  return time;
}
