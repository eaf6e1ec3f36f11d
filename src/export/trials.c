/* The trials of a results file. */
#include "export/trials.h"

#include "base/clock.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

static const double LONGEST = 1e9; /* seconds, of an epoch */

/* Trials with their monitored values; the better ones first, those without a value last. */
typedef struct ranked_trial {
  double value; /* lower is better */
  size_t trial;
} ranked_trial;

static int compare_values(const void *a, const void *b) {
  const ranked_trial *x = a, *y = b;
  bool no_x = isnan(x->value), no_y = isnan(y->value);
  if (no_x != no_y) return no_x ? 1 : -1;
  if (!no_x && x->value != y->value) return x->value < y->value ? -1 : 1;
  return x->trial < y->trial ? -1 : 1;
}

static int compare_numbers(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* Lists the best trials of those that there are. */
static int list_trials(export_study *s, ls_memory *memory, size_t most) {
  size_t count = s->results->points * s->results->repeats;
  s->listed = most > 0 && most < count ? most : count;
  s->trials = ls_memory_new(memory, s->listed, sizeof *s->trials);
  ranked_trial *all = ls_new(count, sizeof *all);
  int status = s->trials && all ? LS_OK : LS_FAILED;
  for (size_t t = 0; t < count && status == LS_OK; t++) {
    all[t] = (ranked_trial){-s->monitor->better * export_monitored(s, t), t};
  }
  if (status == LS_OK) qsort(all, count, sizeof *all, compare_values);
  for (size_t i = 0; i < s->listed && status == LS_OK; i++) s->trials[i] = all[i].trial;
  if (status == LS_OK) qsort(s->trials, s->listed, sizeof *s->trials, compare_numbers);
  free(all);
  return status;
}

int export_study_read(export_study *out, ls_memory *memory, const char *path, size_t most) {
  report_results *results = NULL;
  int status = report_results_read(&results, memory, path);
  if (status != LS_OK) return status;
  double start = ls_clock_parse_utc(report_provenance(results, "start"));
  *out = (export_study){.results = results,
                        .monitor = report_find_curve(results, results->monitor),
                        .seconds = report_find_curve(results, "epoch_seconds"),
                        .start = isnan(start) ? 0 : start};
  return list_trials(out, memory, most);
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
