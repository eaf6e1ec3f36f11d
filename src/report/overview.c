/* The page of many jobs: a table for each folder of job files, with a row for each point of a
 * sweep, and where and when all of it was run. A job's folder is that in the command that ran it.
 */
#include "report/overview.h"

#include "base/clock.h"
#include "base/paths.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/sentences.h"
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
  char *name;        /* the file's, without folder and .h5 */
  char *folder;      /* of the job file, "" if not known */
  char *environment; /* machine and program, in one line */
  size_t number;     /* of the environment, from 1 */
  report_results *results;
  report_summary *summary;
} job;

typedef struct jobs {
  ls_memory memory;
  job *items;
  size_t count;
} jobs;

/* ---- Reading ----------------------------------------------------------------------------------
 */

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
  static const char *const names[] = {"processor", "hosts", "mpi", "blas", "hdf5"};
  static const char *const before[] = {", ", ", on ", ", ", ", ", ", HDF5 "};
  char *text = ls_memory_text(memory, "%s", r->source);
  for (size_t i = 0; i < sizeof names / sizeof *names && text; i++) {
    const char *value = report_provenance(r, names[i]);
    if (*value) text = ls_memory_text(memory, "%s%s%s", text, before[i], value);
  }
  return text;
}

static int read_job(jobs *all, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  job *out = &all->items[all->count++];
  int status = report_results_read(&out->results, path);
  if (status == LS_OK) status = report_summary_create(&out->summary, out->results);
  if (status != LS_OK) return status;
  out->name = ls_memory_text(&all->memory, "%.*s", (int)ls_stem_length(name), name);
  out->folder = folder_of(&all->memory, report_provenance(out->results, "command"));
  out->environment = environment_of(&all->memory, out->results);
  return ls_memory_status(&all->memory);
}

/* Numbers the environments in the order in which they first come. */
static void number_environments(jobs *all) {
  size_t known = 0;
  for (size_t i = 0; i < all->count; i++) {
    size_t k = 0;
    while (strcmp(all->items[k].environment, all->items[i].environment) != 0) k++;
    all->items[i].number = k < i ? all->items[k].number : ++known;
  }
}

static void free_jobs(jobs *all) {
  for (size_t i = 0; i < all->count; i++) {
    report_summary_free(&all->items[i].summary);
    report_results_free(&all->items[i].results);
  }
  ls_memory_free(&all->memory);
}

/* ---- Rows -------------------------------------------------------------------------------------
 */

/* The variables that have several values. */
static void add_setting(ls_text *cell, const report_results *r, size_t point) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count == 1) continue;
    ls_text_add(cell, "%s%s = %s", comma, r->variables[v].name, report_label(r, point, v));
    comma = ", ";
  }
}

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
static void add_trials(ls_text *cell, const size_t counts[REPORT_STATUS_COUNT], size_t all) {
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

static void add_duration(ls_text *cell, double seconds) {
  char text[32] = "";
  if (!isnan(seconds)) ls_clock_duration(text, seconds);
  ls_text_add(cell, "%s", text);
}

static void add_point(report_table *table, const job *j, size_t point) {
  const report_results *r = j->results;
  const report_point *at = &j->summary->points[point];
  const char *metric = r->reference_metric;
  char number[REPORT_NUMBER], test[256];
  report_number(number, report_reference(r, point), REPORT_AS_EXACT, 0);
  snprintf(test, sizeof test, "test_%s", strncmp(metric, "val_", 4) == 0 ? metric + 4 : metric);
  ls_text_add(report_table_add(table), "%s", j->name);
  add_setting(report_table_add(table), r, point);
  ls_text_add(report_table_add(table), "%s", metric);
  ls_text_add(report_table_add(table), "%s", number);
  ls_text *ours = report_table_add(table);
  add_stat(ours, j, point, metric);
  if (is_worse(j, point)) ls_text_add(ours, " ▼");
  add_stat(report_table_add(table), j, point, test);
  add_trials(report_table_add(table), at->counts, r->repeats);
  ls_text *speed = report_table_add(table);
  if (at->speed.n > 0) ls_text_add(speed, "%.0f", at->speed.mean);
  add_duration(report_table_add(table), at->seconds.mean);
}

static double seconds_of(const char *utc) {
  struct tm parts = {0};
  return strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &parts) ? (double)timegm(&parts) : NAN;
}

static void add_run(report_table *table, const job *j) {
  const report_results *r = j->results;
  const char *start = report_provenance(r, "start");
  ls_text_add(report_table_add(table), "%s", j->name);
  ls_text_add(report_table_add(table), "%s", r->title);
  ls_text_add(report_table_add(table), "%s", r->reference_label);
  add_trials(report_table_add(table), j->summary->counts, r->points * r->repeats);
  ls_text_add(report_table_add(table), "%s", report_provenance(r, "ranks"));
  ls_text_add(report_table_add(table), "%s", start);
  add_duration(report_table_add(table),
               seconds_of(report_provenance(r, "end")) - seconds_of(start));
  ls_text_add(report_table_add(table), "%zu", j->number);
}

/* ---- The page ----------------------------------------------------------------------------------
 */

/* A table with headings. */
static int begin_table(report_table **out, const char *const *titles, size_t count) {
  int status = report_table_create(out, count, true);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    ls_text_add(report_table_add(*out), "%s", titles[i]);
  }
  return status;
}

static int end_table(ls_text *page, report_table **table) {
  int status = report_table_finish(table, LS_OK);
  if (status == LS_OK) report_table_markdown(page, *table);
  report_table_free(table);
  return status;
}

/* The jobs from `first` on that are of one folder; *end is the first of the next. */
static int add_folder(ls_text *page, const jobs *all, size_t first, size_t *end) {
  static const char *const titles[] = {"job",  "setting", "metric",    "reported",   "ours",
                                       "test", "trials",  "samples/s", "time of one"};
  const char *folder = all->items[first].folder;
  report_table *table = NULL;
  int status = begin_table(&table, titles, sizeof titles / sizeof *titles);
  if (status != LS_OK) return status;
  if (*folder) ls_text_add(page, "\n## %s\n", folder);
  ls_text_add(page, "\n");
  for (*end = first; *end < all->count; (*end)++) {
    const job *j = &all->items[*end];
    if (strcmp(j->folder, folder) != 0) break;
    for (size_t p = 0; p < j->results->points; p++) add_point(table, j, p);
  }
  return end_table(page, &table);
}

static int add_runs(ls_text *page, const jobs *all) {
  static const char *const titles[] = {"job",   "title",   "reported in", "trials",
                                       "ranks", "started", "wall time",   "with"};
  report_table *table = NULL;
  int status = begin_table(&table, titles, sizeof titles / sizeof *titles);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < all->count; i++) add_run(table, &all->items[i]);
  ls_text_add(page, "\n## Runs\n\n");
  status = end_table(page, &table);
  ls_text_add(page, "\nWall times are from the start of a job to its last end, with all pauses. "
                    "The runs were made with:\n\n");
  size_t shown = 0;
  for (size_t i = 0; i < all->count; i++) {
    const job *j = &all->items[i];
    if (j->number > shown) ls_text_add(page, "%zu. %s\n", ++shown, j->environment);
  }
  return status;
}

int report_overview(ls_text *page, const char *const *files, size_t count,
                    const report_analyses *analyses) {
  jobs all = {.memory = {0}};
  all.items = ls_memory_new(&all.memory, count, sizeof *all.items);
  int status = ls_memory_status(&all.memory);
  for (size_t i = 0; i < count && status == LS_OK; i++) status = read_job(&all, files[i]);
  if (status == LS_OK) number_environments(&all);
  ls_text_add(page, "%s", preamble);
  for (size_t i = 0; i < all.count && status == LS_OK;) status = add_folder(page, &all, i, &i);
  if (status == LS_OK) report_overview_analyses(page, analyses);
  if (status == LS_OK) status = add_runs(page, &all);
  free_jobs(&all);
  return status;
}
