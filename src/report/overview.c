/* The page of many jobs: a table for each folder of job files, with a row for each point of a
 * sweep, and where and when all of it was run. A job's folder is that in the command that ran it.
 */
#include "report/overview.h"

#include "base/clock.h"
#include "lockstep/error.h"
#include "report/sentences.h"
#include "report/table.h"

#include <math.h>
#include <stdio.h>
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
  const report_summary *summary;
  const report_results *results;
  char *folder;      /* of the job file, "" if not known */
  char *environment; /* machine and program, in one line */
  size_t number;     /* of the environment, from 1 */
} job;

/* ---- Reading ---- */

/* "report_a" of "lockstep run jobs/report_a/a1.yaml -o x.h5". */
static char *folder_of(ls_memory *memory, const char *command) {
  const char *end = strstr(command, ".yaml"), *word = end, *folder = end;
  if (!end) return ls_memory_text(memory, "%s", "");
  while (word > command && word[-1] != ' ') word--;
  while (end > word && *end != '/') end--;
  for (folder = end; folder > word && folder[-1] != '/';) folder--;
  return ls_memory_text(memory, "%.*s", (int)(end - folder), folder);
}

static char *environment_of(ls_memory *memory, const report_results *r) {
  static const char *const names[] = {"processor", "isa", "hosts", "mpi", "blas", "hdf5"};
  static const char *const before[] = {", ", ", on ", ", ", ", ", ", HDF5 "};
  char *text = ls_memory_text(memory, "%s", r->source);
  for (size_t i = 0; i < sizeof names / sizeof *names && text; i++) {
    const char *value = report_provenance(r, names[i]);
    if (*value) text = ls_memory_text(memory, "%s%s%s", text, before[i], value);
  }
  return text;
}

static int read_job(job *out, ls_memory *memory, const char *path) {
  report_summary *summary = NULL;
  int status = report_read(&summary, memory, path);
  if (status != LS_OK) return status;
  out->summary = summary;
  out->results = summary->results;
  out->folder = folder_of(memory, report_provenance(out->results, "command"));
  out->environment = environment_of(memory, out->results);
  return ls_memory_status(memory);
}

/* Numbers the environments in the order in which they first come. */
static void number_environments(job *jobs, size_t count) {
  size_t known = 0;
  for (size_t i = 0; i < count; i++) {
    size_t k = 0;
    while (strcmp(jobs[k].environment, jobs[i].environment) != 0) k++;
    jobs[i].number = k < i ? jobs[k].number : ++known;
  }
}

/* ---- Rows ---- */

/* Adds the statistic of a metric, or nothing where there is none. */
static void add_stat(ls_text *cell, const job *j, size_t point, const char *name) {
  report_stat stat = report_metric(j->summary, point, name);
  if (stat.n > 0) report_add_mean(cell, &stat, report_metric_decimals(j->summary, name));
}

/* Whether the mean is worse than the reference by more than a standard deviation. */
static bool is_worse(const job *j, size_t point) {
  const report_curve *curve = report_find_curve(j->results, j->results->reference_metric);
  report_stat stat = report_metric(j->summary, point, j->results->reference_metric);
  double margin = stat.n > 1 ? stat.deviation : 0;
  double shortfall = report_reference(j->results, point) - stat.mean;
  return curve && curve->better * shortfall > margin; /* not so for NaN */
}

/* How many of the trials have ended well; "3", or "1 of 3: 2 diverged". */
static void add_trials(report_table *t, const size_t counts[REPORT_STATUS_COUNT], size_t all) {
  ls_text *cell = report_table_add(t, "trials");
  if (!cell) return;
  size_t ended = counts[REPORT_DONE] + counts[REPORT_STOPPED_EARLY];
  ls_text_add(cell, "%zu", ended);
  if (ended < all) ls_text_add(cell, " of %zu", all);
  const char *before = ": ";
  for (int k = 0; k < REPORT_STATUS_COUNT; k++) {
    if (k == REPORT_DONE || k == REPORT_STOPPED_EARLY || counts[k] == 0) continue;
    ls_text_add(cell, "%s%zu %s", before, counts[k], report_status_words[k]);
    before = ", ";
  }
}

static void add_duration(report_table *t, const char *title, double seconds) {
  char text[32] = "";
  if (!isnan(seconds)) ls_clock_duration(text, seconds);
  report_table_add_text(t, title, text);
}

static void add_reference(report_table *t, const job *j, size_t point) {
  const char *metric = j->results->reference_metric;
  char test[256];
  snprintf(test, sizeof test, "test_%s", strncmp(metric, "val_", 4) == 0 ? metric + 4 : metric);
  report_table_add_text(t, "metric", metric);
  report_table_add_number(t, "reported", report_reference(j->results, point), REPORT_AS_EXACT, 0);
  ls_text *cell = report_table_add(t, "ours");
  if (cell) add_stat(cell, j, point, metric);
  if (cell && is_worse(j, point)) ls_text_add(cell, " ▼");
  cell = report_table_add(t, "test");
  if (cell) add_stat(cell, j, point, test);
}

/* Adds the row of a point of a job. */
static void add_point(report_table *t, const job *j, size_t point) {
  const report_point *at = &j->summary->points[point];
  report_table_add_text(t, "job", j->results->name);
  ls_text *cell = report_table_add(t, "setting");
  if (cell) report_add_swept(cell, j->results, point, NULL, "");
  add_reference(t, j, point);
  add_trials(t, at->counts, j->results->repeats);
  cell = report_table_add(t, "samples/s");
  if (cell && at->speed.n > 0) ls_text_add(cell, "%.0f", at->speed.mean);
  add_duration(t, "time of one", at->seconds.mean);
  report_table_end_row(t);
}

static double seconds_of(const char *utc) {
  struct tm parts = {0};
  return strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &parts) ? (double)timegm(&parts) : NAN;
}

static void add_run(report_table *t, const job *j) {
  const report_results *r = j->results;
  const char *start = report_provenance(r, "start"), *end = report_provenance(r, "end");
  report_table_add_text(t, "job", r->name);
  report_table_add_text(t, "title", r->title);
  report_table_add_text(t, "reported in", r->reference_label);
  add_trials(t, j->summary->counts, r->points * r->repeats);
  report_table_add_text(t, "ranks", report_provenance(r, "ranks"));
  report_table_add_text(t, "started", start);
  add_duration(t, "wall time", seconds_of(end) - seconds_of(start));
  report_table_add_number(t, "with", (double)j->number, REPORT_AS_EXACT, 0);
  report_table_end_row(t);
}

/* ---- The page ---- */

static int end_table(ls_text *page, report_table *table, ls_memory *memory) {
  int status = report_table_finish(table, memory);
  if (status == LS_OK) report_table_markdown(page, table);
  return status;
}

/* The jobs from `first` on that are of one folder; *end is the first of the next. */
static int add_folder(ls_text *page, ls_memory *memory, const job *jobs, size_t count, size_t first,
                      size_t *end) {
  const char *folder = jobs[first].folder;
  report_table table = {.headed = true};
  if (*folder) ls_text_add(page, "\n## %s\n", folder);
  ls_text_add(page, "\n");
  add_point(&table, &jobs[first], 0);
  for (*end = first; *end < count; (*end)++) {
    const job *j = &jobs[*end];
    if (strcmp(j->folder, folder) != 0) break;
    for (size_t p = 0; p < j->results->points; p++) add_point(&table, j, p);
  }
  return end_table(page, &table, memory);
}

static int add_runs(ls_text *page, ls_memory *memory, const job *jobs, size_t count) {
  report_table table = {.headed = true};
  add_run(&table, &jobs[0]);
  for (size_t i = 0; i < count; i++) add_run(&table, &jobs[i]);
  ls_text_add(page, "\n## Runs\n\n");
  int status = end_table(page, &table, memory);
  ls_text_add(page, "\nWall times are from the start of a job to its last end, with all pauses. "
                    "The runs were made with:\n\n");
  size_t shown = 0;
  for (size_t i = 0; i < count; i++) {
    if (jobs[i].number > shown) ls_text_add(page, "%zu. %s\n", ++shown, jobs[i].environment);
  }
  return status;
}

int report_overview(ls_text *page, ls_memory *memory, const char *const *files, size_t count,
                    const report_analyses *analyses) {
  job *jobs = ls_memory_new(memory, count, sizeof *jobs);
  int status = ls_memory_status(memory);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = read_job(&jobs[i], memory, files[i]);
  }
  if (status != LS_OK) return status;
  number_environments(jobs, count);
  ls_text_add(page, "%s", preamble);
  for (size_t i = 0; i < count && status == LS_OK;) {
    status = add_folder(page, memory, jobs, count, i, &i);
  }
  report_overview_analyses(page, analyses);
  return status == LS_OK ? add_runs(page, memory, jobs, count) : status;
}
