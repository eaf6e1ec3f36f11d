/* Aggregation over replicates and folds, and ranking. */
#include "report/summary.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/choice.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const ls_report_stat LS_REPORT_NO_STAT = {.mean = NAN, .deviation = NAN, .least = NAN, .most = NAN};

void ls_report_add(ls_report_stat *stat, double value) {
  if (!isfinite(value)) return;
  stat->n++;
  double before = stat->n > 1 ? stat->mean : 0;
  stat->mean = before + (value - before) / (double)stat->n;
  if (stat->n > 1) stat->squares += (value - before) * (value - stat->mean);
  if (stat->n > 1) stat->deviation = sqrt(stat->squares / (double)(stat->n - 1));
  stat->least = fmin(stat->least, value); /* fmin and fmax pass over NaN */
  stat->most = fmax(stat->most, value);
}

bool ls_report_finished(const ls_report_trial *trial) {
  return trial->status == LS_REPORT_DONE || trial->status == LS_REPORT_STOPPED_EARLY;
}

double ls_report_final(const ls_report_results *results, const ls_report_curve *curve,
                       size_t trial) {
  const ls_report_trial *t = &results->trials[trial];
  if (!ls_report_finished(t) || t->epochs_run == 0) return NAN;
  size_t epoch = t->best_restored && t->best_epoch > 0 ? t->best_epoch : t->epochs_run;
  return curve->values[trial * results->epochs + epoch - 1];
}

const char *ls_report_when_final(const ls_report_results *results) {
  bool last = false, best = false;
  for (size_t t = 0; t < results->points * results->repeats; t++) {
    if (!ls_report_finished(&results->trials[t])) continue;
    *(results->trials[t].best_restored ? &best : &last) = true;
  }
  return !best  ? "after the last epoch"
         : last ? "after the last epoch, or the best one where its weights were restored"
                : "after the best epoch";
}

/* Training samples per second, validation included, NaN if not known. */
static double speed_of(const ls_report_results *results, size_t trial) {
  const ls_report_trial *t = &results->trials[trial];
  const ls_report_curve *duration = ls_report_find_curve(results, "epoch_seconds");
  double seconds = 0;
  for (size_t e = 0; duration && e < t->epochs_run; e++) {
    seconds += duration->values[trial * results->epochs + e];
  }
  if (t->train_samples == 0 || !(seconds > 0)) return NAN;
  return (double)t->train_samples * (double)t->epochs_run / seconds;
}

static void fill_point(ls_report_point *out, const ls_report_results *results, size_t point) {
  out->epochs = out->seconds = out->speed = LS_REPORT_NO_STAT;
  for (size_t c = 0; c < results->final_count; c++) out->tests[c] = LS_REPORT_NO_STAT;
  for (size_t c = 0; c < results->curve_count; c++) out->finals[c] = LS_REPORT_NO_STAT;
  size_t first = point * results->repeats;
  for (size_t t = first; t < first + results->repeats; t++) {
    const ls_report_trial *trial = &results->trials[t];
    out->counts[trial->status]++;
    if (!ls_report_finished(trial)) continue;
    ls_report_add(&out->epochs, (double)trial->epochs_run);
    ls_report_add(&out->seconds, trial->seconds);
    ls_report_add(&out->speed, speed_of(results, t));
    for (size_t c = 0; c < results->final_count; c++) {
      ls_report_add(&out->tests[c], results->finals[c].values[t]);
    }
    for (size_t c = 0; c < results->curve_count; c++) {
      ls_report_add(&out->finals[c], ls_report_final(results, &results->curves[c], t));
    }
  }
}

/* Whether point a stands before point b in the ranking; the order of the sweep breaks ties. */
static bool ranks_before(const ls_report_summary *s, size_t a, size_t b) {
  double x = s->points[a].finals[s->monitor].mean, y = s->points[b].finals[s->monitor].mean;
  if (isnan(x) || isnan(y)) return isnan(x) == isnan(y) ? a < b : isnan(y);
  if (x == y || s->better == 0) return a < b;
  return s->better > 0 ? x > y : x < y;
}

static int compare_points(const void *a, const void *b, void *summary) {
  return ranks_before(summary, *(const size_t *)a, *(const size_t *)b) ? -1 : 1;
}

static void rank_points(ls_report_summary *s) {
  for (size_t p = 0; p < s->point_count; p++) {
    s->ranking[p] = p;
    if (s->points[p].finals[s->monitor].n) s->ranked++;
  }
  qsort_r(s->ranking, s->point_count, sizeof *s->ranking, compare_points, s);
  bool known = s->ranked > 0 && (s->better != 0 || s->point_count == 1);
  s->best = known ? s->ranking[0] : SIZE_MAX;
}

int ls_report_summary_create(ls_report_summary **out, const ls_report_results *results) {
  *out = NULL;
  ls_report_summary *s = ls_new(1, sizeof *s);
  if (!s) return LS_FAILED;
  size_t n = s->point_count = results->points;
  s->points = ls_new(n, sizeof *s->points);
  s->ranking = ls_new(n, sizeof *s->ranking);
  size_t measured = results->curve_count + results->final_count;
  s->final_block = ls_new(n, measured * sizeof *s->final_block);
  if (!s->points || !s->ranking || !s->final_block) {
    ls_report_summary_free(&s);
    return LS_FAILED;
  }
  s->monitor = (size_t)(ls_report_find_curve(results, results->monitor) - results->curves);
  s->better = results->curves[s->monitor].better;
  for (size_t p = 0; p < n; p++) {
    s->points[p].finals = s->final_block + p * measured;
    s->points[p].tests = s->points[p].finals + results->curve_count;
    fill_point(&s->points[p], results, p);
    for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) s->counts[k] += s->points[p].counts[k];
  }
  rank_points(s);
  int status = ls_report_choice_create(&s->choice, results, s);
  if (status == LS_OK) *out = s;
  if (status != LS_OK) ls_report_summary_free(&s);
  return status;
}

void ls_report_summary_free(ls_report_summary **summary) {
  if (!*summary) return;
  ls_report_choice_free(&(*summary)->choice);
  free((*summary)->points);
  free((*summary)->ranking);
  free((*summary)->final_block);
  free(*summary);
  *summary = NULL;
}

ls_report_stat ls_report_at(const ls_report_results *results, const ls_report_curve *curve,
                            size_t point, size_t epoch) {
  ls_report_stat stat = LS_REPORT_NO_STAT;
  size_t first = point * results->repeats;
  for (size_t t = first; t < first + results->repeats; t++) {
    ls_report_status status = results->trials[t].status;
    if (status == LS_REPORT_DIVERGED || status == LS_REPORT_FAILED) continue;
    ls_report_add(&stat, curve->values[t * results->epochs + epoch]);
  }
  return stat;
}

ls_report_stat ls_report_metric(const ls_report_results *results, const ls_report_summary *summary,
                                size_t point, const char *name) {
  for (size_t c = 0; c < results->final_count; c++) {
    if (strcmp(results->finals[c].name, name) == 0) return summary->points[point].tests[c];
  }
  const ls_report_curve *curve = ls_report_find_curve(results, name);
  if (!curve) return LS_REPORT_NO_STAT;
  return summary->points[point].finals[curve - results->curves];
}

double ls_report_best(const ls_report_summary *summary, const ls_report_stat *stat) {
  return summary->better > 0 ? stat->most : stat->least;
}

static bool has_values(const ls_report_results *results, const ls_report_curve *curve,
                       size_t point) {
  for (size_t e = 0; e < results->epochs; e++) {
    if (ls_report_at(results, curve, point, e).n) return true;
  }
  return false;
}

static int compare_sizes(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

size_t ls_report_choose(const ls_report_results *results, const ls_report_summary *summary,
                        const ls_report_curve *curve, size_t most, size_t *chosen) {
  size_t usable = 0;
  for (size_t i = 0; i < summary->point_count; i++) {
    size_t point = summary->ranking[i];
    usable += has_values(results, curve, point);
  }
  size_t wanted = usable < most ? usable : most, n = 0, seen = 0;
  for (size_t i = 0; i < summary->point_count && n < wanted; i++) {
    if (!has_values(results, curve, summary->ranking[i])) continue;
    /* Number n of the wanted ones stands at rank n (usable - 1) / (wanted - 1), rounded. */
    size_t gaps = wanted > 1 ? wanted - 1 : 1;
    if (seen++ == (2 * n * (usable - 1) + gaps) / (2 * gaps)) chosen[n++] = summary->ranking[i];
  }
  qsort(chosen, n, sizeof *chosen, compare_sizes);
  return n;
}
