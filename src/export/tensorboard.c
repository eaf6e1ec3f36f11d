/* Logs for TensorBoard: a folder with a run for each trial that has begun, in which every curve is
 * a scalar over the epochs, and the variables are those of the HParams dashboard. */
#include "export/format.h"

#include "base/paths.h"
#include "export/events.h"
#include "export/hparams.h"
#include "lockstep/error.h"
#include "report/results.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 200 }; /* bytes, of a folder */

/* A file that replaces that of an earlier export. */
static const char file_name[] = "events.out.tfevents.lockstep";

/* ---- Files ---- */

/* Writes the text, which is released, to the file of events in a folder, which is made. Exports can
 * be repeated, so that nothing waits for the disk. */
static int write_events(const char *folder, ls_text *text) {
  ls_memory memory = {0};
  const char *path = ls_memory_text(&memory, "%s/%s", folder, file_name);
  size_t length = text->length;
  char *bytes = ls_memory_keep(&memory, ls_text_take(text));
  int status = ls_memory_status(&memory);
  if (status == LS_OK) status = ls_make_directories(folder);
  FILE *file = status == LS_OK ? ls_create_file(path) : NULL;
  if (status == LS_OK && !file) status = LS_FAILED;
  bool written = !file || fwrite(bytes, 1, length, file) == length;
  if (file && fclose(file) != 0) written = false;
  if (!written) status = ls_fail(LS_FAILED, "%s: cannot write: %s", path, strerror(errno));
  ls_memory_free(&memory);
  return status;
}

/* "trial_2_l2=1e-05,replicate=1": number, values and what is safe in the name of a folder. */
static char *run_name(ls_memory *memory, const export_study *s, size_t trial) {
  const report_results *r = s->results;
  ls_text text = {0};
  ls_text_add(&text, "trial_%zu", trial + 1);
  const char *before = "_";
  for (size_t v = 0; v < r->variable_count; v++) {
    size_t i = report_index(r, export_point(s, trial), v);
    if (r->variables[v].count == 1 || i == r->variables[v].missing) continue;
    ls_text_add(&text, "%s%s=%s", before, r->variables[v].name, r->variables[v].labels[i]);
    before = ",";
  }
  if (r->replicates > 1) ls_text_add(&text, "%sreplicate=%zu", before, export_replicate(s, trial));
  if (r->replicates > 1) before = ",";
  if (r->folds > 1) ls_text_add(&text, "%sfold=%zu", before, export_fold(s, trial));
  char *name = ls_memory_keep(memory, ls_text_take(&text));
  if (name && strlen(name) > LONGEST_NAME) name[LONGEST_NAME] = '\0';
  for (char *c = name; c && *c; c++) {
    if (!isalnum((unsigned char)*c) && !strchr("._+-=,", *c)) *c = '_';
  }
  return name;
}

/* ---- Trials ---- */

/* The metrics by which the HParams dashboard compares trials: the final monitored value, and what
 * is measured once after training. Returns their number. */
static size_t list_metrics(const char **out, ls_memory *memory, const export_study *s) {
  size_t count = 0;
  out[count++] = ls_memory_text(memory, "final_%s", s->results->monitor);
  for (size_t c = 0; c < s->results->curve_count; c++) {
    const report_curve *curve = &s->results->curves[c];
    if (curve->final) out[count++] = ls_memory_text(memory, "final_%s", curve->name);
  }
  return count;
}

/* Adds the curves after an epoch (from 0), which ended at that time. */
static void add_epoch(ls_text *file, const export_study *s, size_t trial, size_t epoch,
                      double time) {
  const report_results *r = s->results;
  ls_text summary = {0};
  for (size_t c = 0; c < r->curve_count; c++) {
    const report_curve *curve = &r->curves[c];
    double value = curve->final ? NAN : curve->values[trial * r->epochs + epoch];
    if (!isnan(value)) events_add_scalar(&summary, curve->name, value);
  }
  events_add(file, time, epoch + 1, &summary);
}

static void add_final(ls_text *summary, const export_study *s, size_t trial,
                      const report_curve *curve) {
  char tag[256];
  double value = report_value(s->results, curve, trial, false);
  snprintf(tag, sizeof tag, "final_%s", curve->name);
  if (!isnan(value)) events_add_scalar(summary, tag, value);
}

static void add_end(ls_text *file, const export_study *s, size_t trial) {
  const report_results *r = s->results;
  size_t epochs = r->trials[trial].epochs_run;
  ls_text summary = {0};
  add_final(&summary, s, trial, s->monitor);
  for (size_t c = 0; c < r->curve_count; c++) {
    if (r->curves[c].final) add_final(&summary, s, trial, &r->curves[c]);
  }
  hparams_add_end(&summary, s, trial);
  events_add(file, export_time(s, trial, epochs), epochs, &summary);
}

static int write_trial(const char *folder, const export_study *s, size_t trial) {
  ls_memory memory = {0};
  ls_text file = {0}, summary = {0};
  const char *name = run_name(&memory, s, trial);
  const char *run = name ? ls_memory_text(&memory, "%s/%s", folder, name) : NULL;
  double time = export_time(s, trial, 0);
  events_begin(&file, time);
  hparams_add_start(&summary, s, trial);
  events_add(&file, time, 0, &summary);
  for (size_t e = 0; e < s->results->trials[trial].epochs_run; e++) {
    time += export_epoch_seconds(s, trial, e);
    add_epoch(&file, s, trial, e, time);
  }
  add_end(&file, s, trial);
  int status = run ? write_events(run, &file) : LS_FAILED;
  ls_text_free(&file);
  ls_memory_free(&memory);
  return status;
}

/* ---- The study ---- */

static int write_study(const char *folder, const export_study *s) {
  ls_memory memory = {0};
  ls_text file = {0}, summary = {0};
  const char **metrics = ls_memory_new(&memory, s->results->curve_count + 1, sizeof *metrics);
  size_t count = metrics ? list_metrics(metrics, &memory, s) : 0;
  int status = ls_memory_status(&memory);
  if (status == LS_OK) {
    events_begin(&file, s->start);
    hparams_add_study(&summary, s, metrics, count);
    events_add(&file, s->start, 0, &summary);
    status = write_events(folder, &file);
  }
  ls_memory_free(&memory);
  return status;
}

static int write_folder(const char *folder, const export_study *s) {
  int status = write_study(folder, s);
  for (size_t i = 0; i < s->listed && status == LS_OK; i++) {
    bool begun = s->results->trials[s->trials[i]].status != REPORT_PENDING;
    if (begun) status = write_trial(folder, s, s->trials[i]);
  }
  return status;
}

const export_format export_format_tensorboard = {
    .name = "tensorboard", .suffix = ".tensorboard", .write_folder = write_folder, .most = 1000};
