/* The sentences around the table. */
#include "report/table.h"

#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ls_report_curve_decimals(const ls_report_summary *s, size_t curve) {
  double largest = 0, deviation = NAN;
  for (size_t p = 0; p < s->point_count; p++) {
    const ls_report_stat *stat = &s->points[p].finals[curve];
    largest = fmax(largest, fabs(stat->mean));
    if (stat->deviation > 0) deviation = fmin(deviation, stat->deviation);
  }
  return ls_report_decimals(largest, deviation);
}

void ls_report_add_mean(ls_text *out, const ls_report_stat *stat, int decimals) {
  char number[LS_REPORT_NUMBER];
  ls_report_fixed(number, stat->mean, decimals);
  ls_text_add(out, "%s", number);
  if (stat->n < 2) return;
  snprintf(number, sizeof number, "%.*f", decimals, stat->deviation);
  ls_text_add(out, " ± %s", number);
}

static void add_number_of(ls_text *out, const char *before, size_t count, const char *what) {
  ls_text_add(out, "%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

void ls_report_add_counts(ls_text *out, const ls_report_results *r, const ls_report_summary *s) {
  add_number_of(out, "", r->points * r->repeats, "trial");
  if (r->points * r->repeats > 1) {
    add_number_of(out, " (", r->points, "point");
    if (r->replicates) add_number_of(out, " x ", r->replicates, "replicate");
    if (r->folds) add_number_of(out, " x ", r->folds, "fold");
    ls_text_add(out, ")");
  }
  add_number_of(out, " of up to ", r->epochs, "epoch");
  ls_text_add(out, ":");
  const char *comma = "";
  for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) {
    if (!s->counts[k]) continue;
    char word[32];
    snprintf(word, sizeof word, "%s", ls_report_status_words[k]);
    for (char *c = word; *c; c++) *c = *c == '_' ? ' ' : *c;
    ls_text_add(out, "%s %zu %s", comma, s->counts[k], word);
    comma = ",";
  }
  ls_text_add(out, ".");
}

int ls_report_add_best(ls_text *out, const ls_report_results *r, const ls_report_summary *s) {
  if (!s->ranked) {
    ls_text_add(out, "No trial has a final %s.", r->monitor);
    return LS_OK;
  }
  if (s->best == SIZE_MAX) {
    ls_text_add(out,
                "The points are not ranked: the file does not record whether a higher %s is "
                "better.",
                r->monitor);
    return LS_OK;
  }
  char *name = ls_report_point_name(r, s->best);
  if (!name) return LS_FAILED;
  const ls_report_stat *stat = &s->points[s->best].finals[s->monitor];
  int decimals = ls_report_curve_decimals(s, s->monitor);
  ls_text_add(out, "%s: %s%s%s ", s->point_count > 1 ? "Best" : "Result", name, *name ? ", " : "",
              r->monitor);
  free(name);
  ls_report_add_mean(out, stat, decimals);
  char number[LS_REPORT_NUMBER];
  if (stat->n > 1 && s->better) {
    ls_report_fixed(number, ls_report_best(s, stat), decimals);
    ls_text_add(out, " (n = %zu, best %s)", stat->n, number);
  }
  ls_text_add(out, ".");
  return LS_OK;
}

void ls_report_add_unknown(ls_text *out, const char *before, const ls_report_results *r) {
  bool matters = false; /* whether any trial went on after its best epoch */
  for (size_t t = 0; t < r->points * r->repeats && !r->restored_known; t++) {
    const ls_report_trial *trial = &r->trials[t];
    bool later = trial->best_epoch > 0 && trial->best_epoch < trial->epochs_run;
    matters = matters || (ls_report_finished(trial) && later);
  }
  if (!matters) return;
  ls_text_add(out,
              "%sThe file does not record whether trials ended with the weights of their best "
              "epoch: the values are those after the last one.",
              before);
}

void ls_report_add_reference(ls_text *out, const ls_report_results *r, const ls_report_summary *s) {
  char number[LS_REPORT_NUMBER];
  ls_report_exact(number, r->references[0]);
  bool other = strcmp(r->reference_metric, r->monitor) != 0;
  ls_text_add(out, "Reference: %s", number);
  if (other) ls_text_add(out, " for %s", r->reference_metric);
  if (*r->reference_label) ls_text_add(out, " (%s)", r->reference_label);
  if (s->best != SIZE_MAX) {
    double best = ls_report_metric(r, s, s->best, r->reference_metric).mean;
    if (isfinite(best)) {
      ls_text_add(out, ", difference %+.*f", ls_report_curve_decimals(s, s->monitor),
                  best - r->references[0]);
    }
  }
  ls_text_add(out, ".");
}
