/* The sentences around the table. */
#include "report/sentences.h"

#include "base/escape.h"
#include "report/format.h"
#include "report/search.h"

#include <math.h>
#include <stdint.h>

const char *report_which(const report_summary *s) {
  return s->better ? "best" : "first";
}

void report_add_mean(ls_text *out, const report_stat *stat, int decimals) {
  ls_text_add_visible(out, "%s", report_number(stat->mean, REPORT_AS_FIXED, decimals).text);
  if (stat->n > 1) ls_text_add_visible(out, " ± %.*f", decimals, stat->deviation);
}

static void add_number_of(ls_text *out, const char *before, size_t count, const char *what) {
  ls_text_add_visible(out, "%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

void report_add_counts(ls_text *out, const report_summary *s) {
  const report_results *r = s->results;
  add_number_of(out, "", r->points * r->repeats, "trial");
  if (r->points * r->repeats > 1) {
    add_number_of(out, " (", r->points, "point");
    if (r->replicates) add_number_of(out, " x ", r->replicates, "replicate");
    if (r->folds) add_number_of(out, " x ", r->folds, "fold");
    ls_text_add_visible(out, ")");
  }
  add_number_of(out, " of up to ", r->epochs, "epoch");
  ls_text_add_visible(out, ":");
  const char *comma = "";
  for (int k = 0; k < REPORT_STATUS_COUNT; k++) {
    if (!s->counts[k]) continue;
    bool early = k == REPORT_STOPPED_EARLY;
    ls_text_add_visible(out, "%s %zu %s", comma, s->counts[k],
                        early ? "stopped early" : report_status_words[k]);
    comma = ",";
  }
  ls_text_add_visible(out, ".");
}

/* A monitored value. */
static report_digits written(const report_summary *s, double value) {
  return report_number(value, REPORT_AS_FIXED, report_monitored_decimals(s));
}

static void add_monitored(ls_text *out, const report_summary *s, size_t point) {
  ls_text_add_visible(out, "%s ", s->results->monitor);
  report_add_mean(out, report_monitored(s, point), report_monitored_decimals(s));
}

static void add_best(ls_text *out, const report_summary *s) {
  const report_results *r = s->results;
  if (!s->ranked) {
    ls_text_add_visible(out, "No trial has a final %s.", r->monitor);
    return;
  }
  if (s->best == SIZE_MAX) {
    ls_text_add_visible(
        out,
        "The points are not ranked: the file does not record whether a higher %s is "
        "better.",
        r->monitor);
    return;
  }
  const report_stat *stat = report_monitored(s, s->best);
  ls_text_add_visible(out, "%s: ", r->points > 1 ? "Best" : "Result");
  report_add_point(out, r, s->best);
  if (r->variable_count) ls_text_add_visible(out, ", ");
  add_monitored(out, s, s->best);
  if (stat->n > 1 && s->better) {
    ls_text_add_visible(out, " (n = %zu, best %s)", stat->n, written(s, report_best(s, stat)).text);
  }
  ls_text_add_visible(out, ".");
}

/* The test values of the best point of a search, which has not been chosen by them. */
static void add_tested(ls_text *out, const report_summary *s) {
  const report_results *r = s->results;
  if (!report_is_searched(s) || s->best == SIZE_MAX || *r->selection) return;
  const char *before = "On the test samples, by which it was not chosen: ";
  for (size_t c = 0; c < r->curve_count; c++) {
    const report_stat *stat = &s->finals[c].stats[s->best];
    if (!r->curves[c].final || stat->n == 0) continue;
    ls_text_add_visible(out, "%s%s ", before, r->curves[c].name);
    report_add_mean(out, stat, s->finals[c].decimals);
    before = ", ";
  }
  if (out->data) ls_text_add_visible(out, ".");
}

/* The other points within the bound, the best ranked of them by name. */
static void add_others(ls_text *out, const report_summary *s) {
  enum { NAMED = 4 };
  size_t named = 0, others = s->within_count - 1;
  add_number_of(out, "", others, "other point");
  for (size_t i = 1; i < s->ranked && named < NAMED; i++) {
    if (!s->within[s->ranking[i]]) continue;
    ls_text_add_visible(out, named++ ? "; " : ": ");
    report_add_point(out, s->results, s->ranking[i]);
  }
  if (others > named) ls_text_add_visible(out, "; and %zu more", others - named);
  ls_text_add_visible(out, ".");
}

/* "The simplest (smallest units, then largest l2): ..." */
static void add_simplest(ls_text *out, const report_summary *s) {
  const char *before = " The simplest (";
  bool conditional = false;
  for (size_t v = 0; v < s->results->variable_count; v++) {
    const report_axis *axis = &s->results->variables[v];
    conditional |= axis->missing != SIZE_MAX;
    if (axis->simpler == 0) continue;
    ls_text_add_visible(out, "%s%s %s", before, axis->simpler > 0 ? "largest" : "smallest",
                        axis->name);
    before = ", then ";
  }
  ls_text_add_visible(out, "%s): ", conditional ? ", of those with the variables of the best" : "");
  report_add_point(out, s->results, s->simplest);
  ls_text_add_visible(out, ", ");
  add_monitored(out, s, s->simplest);
  ls_text_add_visible(out, ".");
}

/* What is within one standard error of the best, or why that is not known; nothing where there is
 * one point. */
static void add_choice(ls_text *out, const report_summary *s) {
  if (s->results->points < 2 || s->best == SIZE_MAX) return;
  if (s->results->repeats == 1) {
    ls_text_add_visible(out, "One trial for each point: no deviations, intervals or tests.");
    return;
  }
  if (isnan(s->bound)) {
    ls_text_add_visible(
        out, "The best point has a single result: it has no standard error, and nothing is "
             "tested against it.");
    return;
  }
  ls_text_add_visible(out, "Within one standard error of the best (%s %s): ",
                      s->better > 0 ? "from" : "up to", written(s, s->bound).text);
  if (s->within_count == 1) {
    ls_text_add_visible(out, "no other point.");
    return;
  }
  add_others(out, s);
  if (s->simplest != SIZE_MAX) add_simplest(out, s);
}

/* That the file does not record after which epoch trials had their final weights, where this
 * matters: where a trial ran beyond its best epoch. */
static void add_unknown(ls_text *out, const report_summary *s) {
  const report_results *r = s->results;
  bool matters = false;
  for (size_t t = 0; t < r->points * r->repeats && !r->restored_known; t++) {
    const report_trial *trial = &r->trials[t];
    bool later = trial->best_epoch > 0 && trial->best_epoch < trial->epochs_run;
    matters = matters || (report_finished(trial) && later);
  }
  if (!matters) return;
  ls_text_add_visible(
      out, "The file does not record whether trials ended with the weights of their best "
           "epoch: the values are those after the last one.");
}

/* That values of what was chosen by the test samples are optimistic. */
static void add_selection(ls_text *out, const report_summary *s) {
  if (*s->results->selection) ls_text_add_visible(out, "Note: %s.", s->results->selection);
}

void report_add_findings(ls_text *out, const report_summary *summary, const char *separator) {
  static void (*const findings[])(ls_text *, const report_summary *) = {
      add_best, add_tested, add_choice, add_unknown, add_selection};
  for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
    ls_text sentence = {0};
    findings[i](&sentence, summary);
    if (sentence.failed) out->failed = true;
    if (sentence.data) ls_text_add(out, "%s%s", i ? separator : "", sentence.data);
    ls_text_free(&sentence);
  }
}
