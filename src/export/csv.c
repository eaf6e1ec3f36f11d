/* Tidy CSV (RFC 4180, lines ended by a newline alone): a row for each trial, or for each epoch of
 * each trial, and a column for each variable and metric. Numbers are the shortest decimals that
 * read back as the same value. Cells without a value are empty. */
#include "export/format.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/results.h"

#include <inttypes.h>
#include <math.h>

/* A line that is being written. The heading is a row whose cells show their titles. */
typedef struct row {
  ls_text *out;
  bool heading, begun;
} row;

/* Adds a cell under the title PREFIX NAME. Control characters are written as escapes. */
static void add_text(row *r, const char *prefix, const char *name, const char *text) {
  ls_text cell = {0};
  if (r->begun) ls_text_add(r->out, ",");
  r->begun = true;
  if (r->heading) ls_text_add_visible(&cell, "%s%s", prefix, name);
  if (!r->heading) ls_text_add_visible(&cell, "%s", text);
  if (cell.data) ls_escape_csv(r->out, cell.data);
  r->out->failed |= cell.failed;
  ls_text_free(&cell);
}

static void add_number(row *r, const char *prefix, const char *name, double value) {
  add_text(r, prefix, name, report_number(value, REPORT_AS_EXACT, 0).text);
}

static void add_count(row *r, const char *name, size_t count) {
  char text[24];
  snprintf(text, sizeof text, "%zu", count);
  add_text(r, "", name, text);
}

/* What identifies the trial: its number, its values of the variables, replicate and fold. */
static void add_identity(row *r, const export_study *s, size_t trial) {
  const report_results *results = s->results;
  size_t point = export_point(s, trial);
  add_count(r, "trial", trial + 1);
  for (size_t v = 0; v < results->variable_count; v++) {
    const report_axis *axis = &results->variables[v];
    size_t i = report_index(results, point, v);
    if (axis->values) add_number(r, "", axis->name, axis->values[i]);
    if (!axis->values) add_text(r, "", axis->name, i == axis->missing ? "" : axis->labels[i]);
  }
  if (results->replicates) add_count(r, "replicate", export_replicate(s, trial));
  if (results->folds) add_count(r, "fold", export_fold(s, trial));
}

static void add_outcome(row *r, const report_trial *trial) {
  char hash[24], seed[24];
  snprintf(hash, sizeof hash, "%016" PRIx64, trial->weights_hash);
  snprintf(seed, sizeof seed, "%" PRIu64, trial->seed);
  add_text(r, "", "status", report_status_words[trial->status]);
  add_count(r, "epochs_run", trial->epochs_run);
  add_number(r, "", "best_epoch", trial->best_epoch ? (double)trial->best_epoch : NAN);
  add_text(r, "", "seed", seed);
  add_text(r, "", "weights_hash", report_finished(trial) ? hash : "");
  add_number(r, "", "trial_seconds", trial->seconds);
}

/* Final values, of all metrics; the best ones, of those of which it is known what is better. */
static void add_finals(row *r, const export_study *s, size_t trial) {
  const report_results *results = s->results;
  for (int best = 0; best < 2; best++) {
    for (size_t c = 0; c < results->curve_count; c++) {
      const report_curve *curve = &results->curves[c];
      bool shown = curve->final ? !best : report_is_measure(curve) && (!best || curve->better);
      if (!shown) continue;
      add_number(r, best ? "best_" : "final_", curve->name,
                 report_value(results, curve, trial, best));
    }
  }
}

static void add_trial(row *r, const export_study *s, size_t trial) {
  add_identity(r, s, trial);
  add_outcome(r, &s->results->trials[trial]);
  add_finals(r, s, trial);
  ls_text_add(r->out, "\n");
}

/* The row of an epoch, from 0. */
static void add_epoch(row *r, const export_study *s, size_t trial, size_t epoch) {
  const report_results *results = s->results;
  add_identity(r, s, trial);
  add_count(r, "epoch", epoch + 1);
  for (size_t c = 0; c < results->curve_count; c++) {
    const report_curve *curve = &results->curves[c];
    if (curve->final) continue;
    add_number(r, "", curve->name, curve->values[trial * results->epochs + epoch]);
  }
  ls_text_add(r->out, "\n");
}

static int write_epochs(ls_text_file *out, const export_study *s, size_t trial) {
  int status = LS_OK;
  for (size_t e = 0; e < s->results->trials[trial].epochs_run && status == LS_OK; e++) {
    add_epoch(&(row){&out->text}, s, trial, e);
    status = ls_text_file_flush(out);
  }
  return status;
}

static int write_trial(ls_text_file *out, const export_study *s, size_t trial) {
  add_trial(&(row){&out->text}, s, trial);
  return ls_text_file_flush(out);
}

static int write_csv(ls_text_file *out, const export_study *s) {
  row heading = {&out->text, .heading = true};
  if (s->by_epoch) add_epoch(&heading, s, 0, 0);
  if (!s->by_epoch) add_trial(&heading, s, 0);
  int status = ls_text_file_flush(out);
  for (size_t i = 0; i < s->listed && status == LS_OK; i++) {
    size_t trial = s->trials[i];
    status = s->by_epoch ? write_epochs(out, s, trial) : write_trial(out, s, trial);
  }
  return status;
}

const export_format export_format_csv = {.name = "csv", .rows = true, .write = write_csv};
