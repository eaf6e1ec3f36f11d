/* The page of many jobs: a table for each folder of job files, with a row for each point of a
 * sweep, and where and when all of it was run. A job's folder is told by the command that ran it.
 */
#include "report/overview.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char preamble[] =
    "# Results\n\n"
    "What jobs came to, by `lockstep report --summary`. *Ours* is the mean over all replicates and "
    "folds, ± their standard deviation, of the metric with the final weights: those of the last "
    "epoch, or of the best one where a job restores these. *Test* is the same metric of the test "
    "samples, where the validation is on others. *Samples/s* counts training samples; the time "
    "includes the validation. ▼ marks what is worse than the reported figure by more than a "
    "standard deviation.\n";

/* One of the files. */
typedef struct job {
  char *name;   /* the file's, without folder and .h5 */
  char *folder; /* of the job file, "" if not known */
  ls_report_results *results;
  ls_report_summary *summary;
} job;

typedef struct jobs {
  job *items;
  size_t count;
} jobs;

/* ---- Reading ----------------------------------------------------------------------------------
 */

static const char *note(const ls_report_results *r, const char *name) {
  for (size_t i = 0; i < r->note_count; i++) {
    if (strcmp(r->provenance[i].name, name) == 0) return r->provenance[i].text;
  }
  return "";
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* A copy of the text up to `end`. */
static char *copy_until(const char *text, const char *end) {
  ls_text copy = {0};
  ls_text_add_bytes(&copy, text, (size_t)(end - text));
  return ls_text_take(&copy);
}

/* "report_a" of "lockstep run jobs/report_a/a1.yaml -o x.h5". */
static char *folder_of(const char *command) {
  const char *end = strstr(command, ".yaml"), *word = end, *folder = end;
  if (!end) return ls_copy_text("");
  while (word > command && word[-1] != ' ') word--;
  while (end > word && *end != '/') end--;
  for (folder = end; folder > word && folder[-1] != '/';) folder--;
  return copy_until(folder, end);
}

static int read_job(job *out, const char *path) {
  const char *name = last_part(path), *suffix = strstr(name, ".h5");
  int status = ls_report_results_read(&out->results, path);
  if (status == LS_OK) status = ls_report_summary_create(&out->summary, out->results);
  if (status != LS_OK) return status;
  out->name = copy_until(name, suffix ? suffix : name + strlen(name));
  out->folder = folder_of(note(out->results, "command"));
  return out->name && out->folder ? LS_OK : LS_FAILED;
}

static void free_jobs(jobs *all) {
  for (size_t i = 0; i < all->count; i++) {
    job *j = &all->items[i];
    ls_report_summary_free(&j->summary);
    ls_report_results_free(&j->results);
    free(j->name);
    free(j->folder);
  }
  free(all->items);
}

/* ---- Rows -------------------------------------------------------------------------------------
 */

/* Appends text of the user's; a table would take a | for the end of the cell, and < for a tag. */
static void add_cell(ls_text *page, const char *text) {
  for (; *text; text++) {
    const char *escaped = *text == '|' ? "\\|" : *text == '<' ? "&lt;" : NULL;
    ls_text_add_bytes(page, escaped ? escaped : text, escaped ? strlen(escaped) : 1);
  }
}

/* The setting of a point: the variables that have several values. */
static void add_setting(ls_text *page, const ls_report_results *r, size_t point) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    const ls_report_axis *axis = &r->variables[v];
    if (axis->count == 1) continue;
    ls_text_add(page, "%s", comma);
    add_cell(page, axis->name);
    ls_text_add(page, " = ");
    add_cell(page, axis->labels[ls_report_index(r, point, v)]);
    comma = ", ";
  }
}

/* Decimals for a metric, the same in all rows of a job. */
static int metric_decimals(const job *j, const char *name) {
  double largest = 0, deviation = NAN;
  for (size_t p = 0; p < j->summary->point_count; p++) {
    ls_report_stat stat = ls_report_metric(j->results, j->summary, p, name);
    largest = fmax(largest, fabs(stat.mean));
    if (stat.deviation > 0) deviation = fmin(deviation, stat.deviation);
  }
  return ls_report_decimals(largest, deviation);
}

static void add_stat(ls_text *page, const job *j, size_t point, const char *name) {
  ls_report_stat stat = ls_report_metric(j->results, j->summary, point, name);
  if (stat.n > 0) ls_report_add_mean(page, &stat, metric_decimals(j, name));
}

/* Whether the mean is worse than the reference by more than a standard deviation. */
static bool is_worse(const ls_report_stat *stat, double reference, int better) {
  double margin = stat->n > 1 ? stat->deviation : 0;
  return better * (reference - stat->mean) > margin; /* not so for NaN */
}

/* How many of the trials have ended well; "3", or "1 of 3: 2 diverged". */
static void add_trials(ls_text *page, const size_t counts[LS_REPORT_STATUS_COUNT], size_t all) {
  size_t ended = counts[LS_REPORT_DONE] + counts[LS_REPORT_STOPPED_EARLY];
  ls_text_add(page, "%zu", ended);
  if (ended < all) ls_text_add(page, " of %zu", all);
  const char *before = ": ";
  for (int k = 0; k < LS_REPORT_STATUS_COUNT; k++) {
    if (k == LS_REPORT_DONE || k == LS_REPORT_STOPPED_EARLY || counts[k] == 0) continue;
    ls_text_add(page, "%s%zu %s", before, counts[k], ls_report_status_words[k]);
    before = ", ";
  }
}

static void add_row(ls_text *page, const job *j, size_t point) {
  const ls_report_results *r = j->results;
  const ls_report_point *at = &j->summary->points[point];
  const char *metric = r->reference_metric;
  ls_report_stat ours = ls_report_metric(r, j->summary, point, metric);
  double reference = ls_report_reference(r, point);
  bool worse = is_worse(&ours, reference, ls_report_better(r, metric));
  char number[LS_REPORT_NUMBER], test[256];

  ls_text_add(page, "| %s | ", j->name);
  add_setting(page, r, point);
  ls_report_exact(number, reference);
  ls_text_add(page, " | %s | %s | ", metric, number);
  add_stat(page, j, point, metric);
  ls_text_add(page, "%s | ", worse ? " ▼" : "");
  snprintf(test, sizeof test, "test_%s", strncmp(metric, "val_", 4) == 0 ? metric + 4 : metric);
  if (strcmp(test, metric) != 0) add_stat(page, j, point, test);
  ls_text_add(page, " | ");
  add_trials(page, at->counts, r->repeats);
  ls_text_add(page, " | ");
  if (at->speed.n > 0) ls_text_add(page, "%.0f", at->speed.mean);
  ls_text_add(page, " | ");
  if (at->seconds.n > 0) ls_clock_duration(number, at->seconds.mean);
  ls_text_add(page, "%s |\n", at->seconds.n > 0 ? number : "");
}

static void add_results(ls_text *page, const jobs *all) {
  const char *folder = NULL;
  for (size_t i = 0; i < all->count; i++) {
    const job *j = &all->items[i];
    if (!folder || strcmp(folder, j->folder) != 0) {
      folder = j->folder;
      if (*folder) ls_text_add(page, "\n## %s\n", folder);
      ls_text_add(page,
                  "\n| job | setting | metric | reported | ours | test | trials | samples/s | "
                  "time of one |\n|---|---|---|---|---|---|---|---|---|\n");
    }
    for (size_t p = 0; p < j->results->points; p++) add_row(page, j, p);
  }
}

/* ---- Provenance -------------------------------------------------------------------------------
 */

/* Machine and program, in one line. */
static char *environment(const ls_report_results *r) {
  static const char *const names[] = {"processor", "hosts", "mpi", "blas"};
  ls_text text = {0};
  ls_text_add(&text, "%s", r->source);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = note(r, names[i]);
    if (*value) ls_text_add(&text, "%s%s%s", text.length ? ", " : "", i == 1 ? "on " : "", value);
  }
  if (*note(r, "hdf5")) ls_text_add(&text, ", HDF5 %s", note(r, "hdf5"));
  return ls_text_take(&text);
}

static double seconds_of(const char *utc) {
  struct tm parts = {0};
  return strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &parts) ? (double)timegm(&parts) : NAN;
}

static int add_provenance(ls_text *page, const jobs *all) {
  ls_text_add(page, "\n## Runs\n\n| job | title | reported in | trials | ranks | started | wall "
                    "time | with |\n|---|---|---|---|---|---|---|---|\n");
  char **known = ls_new(all->count, sizeof *known);
  size_t count = 0;
  bool failed = !known;
  for (size_t i = 0; i < all->count && !failed; i++) {
    const job *j = &all->items[i];
    const ls_report_results *r = j->results;
    known[count] = environment(r);
    failed = !known[count];
    size_t k = 0;
    while (!failed && strcmp(known[k], known[count]) != 0) k++;
    if (k < count) free(known[count]);
    if (k == count) count++;

    char time[32] = "";
    double seconds = seconds_of(note(r, "end")) - seconds_of(note(r, "start"));
    if (!isnan(seconds)) ls_clock_duration(time, seconds);
    ls_text_add(page, "| %s | ", j->name);
    add_cell(page, r->title);
    ls_text_add(page, " | ");
    add_cell(page, r->reference_label);
    ls_text_add(page, " | ");
    add_trials(page, j->summary->counts, r->points * r->repeats);
    ls_text_add(page, " | %s | %s | %s | %zu |\n", note(r, "ranks"), note(r, "start"), time, k + 1);
  }
  ls_text_add(page, "\nWall times are from the start of a job to its last end, with all pauses. "
                    "The runs were made with:\n\n");
  for (size_t k = 0; k < count; k++) {
    ls_text_add(page, "%zu. %s\n", k + 1, known[k]);
    free(known[k]);
  }
  free(known);
  return failed ? LS_FAILED : LS_OK;
}

int ls_report_overview(char **out, const char *const *files, size_t count,
                       const ls_report_analyses *analyses) {
  *out = NULL;
  jobs all = {.items = ls_new(count, sizeof *all.items)};
  int status = all.items ? LS_OK : LS_FAILED;
  while (status == LS_OK && all.count < count) {
    status = read_job(&all.items[all.count], files[all.count]);
    all.count++;
  }
  ls_text page = {0};
  ls_text_add(&page, "%s", preamble);
  if (status == LS_OK) {
    add_results(&page, &all);
    ls_report_overview_analyses(&page, analyses);
    status = add_provenance(&page, &all);
  }
  free_jobs(&all);
  if (status == LS_OK) *out = ls_text_take(&page);
  ls_text_free(&page);
  return status == LS_OK && !*out ? LS_FAILED : status;
}
