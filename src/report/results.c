/* Results in memory: looking things up, values of trials, statistics of points. */
#include "report/results.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <string.h>

const char *const report_status_words[REPORT_STATUS_COUNT] = {
    "pending", "running", "done", "stopped_early", "diverged", "failed", "pruned"};

const report_curve *report_find_curve(const report_results *r, const char *name) {
  for (size_t i = 0; i < r->curve_count; i++) {
    if (strcmp(r->curves[i].name, name) == 0) return &r->curves[i];
  }
  return NULL;
}

bool report_is_measure(const report_curve *curve) {
  bool other =
      strcmp(curve->name, "learning_rate") == 0 || strcmp(curve->name, "epoch_seconds") == 0;
  return !curve->final && !other;
}

const report_axis *report_find_variable(const report_results *r, const char *name) {
  for (size_t v = 0; v < r->variable_count; v++) {
    if (strcmp(r->variables[v].name, name) == 0) return &r->variables[v];
  }
  return NULL;
}

const char *report_provenance(const report_results *r, const char *name) {
  for (size_t i = 0; i < r->entry_count; i++) {
    if (strcmp(r->provenance[i].name, name) == 0) return r->provenance[i].text;
  }
  return "";
}

size_t report_index(const report_results *r, size_t point, size_t variable) {
  if (r->values) return r->values[point * r->variable_count + variable];
  for (size_t v = r->variable_count; --v > variable;) point /= r->variables[v].count;
  return point % r->variables[variable].count;
}

const char *report_label(const report_results *r, size_t point, size_t variable) {
  return r->variables[variable].labels[report_index(r, point, variable)];
}

void report_add_value(ls_text *out, const report_results *r, size_t point, size_t variable,
                      const char **separator) {
  ls_text_add_visible(out, "%s%s = %s", *separator, r->variables[variable].name,
                      report_label(r, point, variable));
  *separator = ", ";
}

void report_add_point(ls_text *out, const report_results *r, size_t point) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    bool missing = report_index(r, point, v) == r->variables[v].missing;
    if (!missing) report_add_value(out, r, point, v, &comma);
  }
}

void report_add_fixed(ls_text *out, const report_results *r) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count == 1) report_add_value(out, r, 0, v, &comma);
  }
}

const char *report_add_swept(ls_text *out, const report_results *r, size_t point,
                             const report_results *other, const char *comma) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    const report_axis *shown = other ? report_find_variable(other, axis->name) : NULL;
    bool swept = axis->count > 1 && (!shown || shown->count == 1);
    if (swept) report_add_value(out, r, point, v, &comma);
  }
  return comma;
}

/* ---- Values and statistics ---- */

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
