/* The page of many jobs: a table for each folder of job files, with a row for each point of a
 * sweep, and where and when all of it was run. A job's folder is that in the command that ran it.
 */
#include "report/overview.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/paths.h"
#include "figure/svg.h"
#include "lockstep/error.h"
#include "report/figures/figure.h"
#include "report/reported_tables.h"
#include "report/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char preamble[] =
    "# Results\n\n"
    "What jobs came to, by `lockstep report --summary`. *Ours* is the mean over all replicates and "
    "folds, ± their standard deviation, of the metric with the final weights: those of the last "
    "epoch, or of the best one where a job restores these. *Test* is the same metric of the test "
    "samples, where the validation is on others. *Samples/s* counts training samples; the time "
    "includes the validation. ▼ marks what is worse than the reported figure by more than a "
    "standard deviation, and claims on the order of points that do not hold. A "
    "comparison is inconclusive if the means differ by no more than the larger standard deviation; "
    "those of one trial each are compared without. Jobs without a value under *test* validate on "
    "the test samples: what they choose "
    "by "
    "these, such as an epoch or the best point of a sweep, has optimistic values.\n";

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
  static const struct {
    const char *before, *name;
  } parts[] = {{", ", "processor"}, {", ", "isa"},  {", on ", "hosts"},
               {", ", "mpi"},       {", ", "blas"}, {", HDF5 ", "hdf5"}};
  char *text = ls_memory_text(memory, "%s", r->source);
  for (size_t i = 0; i < sizeof parts / sizeof *parts && text; i++) {
    const char *value = report_provenance(r, parts[i].name);
    if (*value) text = ls_memory_text(memory, "%s%s%s", text, parts[i].before, value);
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

/* How many of the trials have ended well; "3", or "1 of 3: 2 diverged". */
static void add_trials(report_table *t, const size_t counts[REPORT_STATUS_COUNT], size_t all) {
  ls_text *cell = report_table_add(t, "trials");
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

/* The cells of a reference of a point, or of its monitored value where it has none (NULL). */
static void add_reference(report_table *t, const job *j, const report_reference *reference,
                          size_t point) {
  const report_results *r = j->results;
  const report_values *values = reference ? &j->summary->references[reference - r->references]
                                          : &j->summary->finals[j->summary->monitor];
  const char *metric = reference ? reference->metric : r->monitor;
  char test[256];
  snprintf(test, sizeof test, "test_%s", strncmp(metric, "val_", 4) == 0 ? metric + 4 : metric);
  bool best = reference && reference->best;
  const report_values *tested = best ? NULL : report_metric(j->summary, test);
  ls_text *cell = report_table_add(t, "metric");
  ls_text_add_visible(cell, "%s%s", best ? "best " : "", metric);
  cell = report_table_add(t, "reported");
  if (reference) report_add_reported(cell, reference, point);
  report_add_ours(report_table_add(t, "ours"), reference, values, point);
  cell = report_table_add(t, "test");
  if (tested) report_add_ours(cell, NULL, tested, point);
  report_table_add_text(t, "source", reference ? reference->label : "");
}

/* Adds a row of a point of a job: trials and times in the first one only. */
static void add_row(report_table *t, const job *j, const report_reference *reference, size_t point,
                    bool first) {
  const report_point *at = &j->summary->points[point];
  report_table_add_text(t, "job", j->results->name);
  report_add_swept(report_table_add(t, "setting"), j->results, point, NULL, "");
  add_reference(t, j, reference, point);
  if (first) {
    add_trials(t, at->counts, j->results->repeats);
    ls_text *cell = report_table_add(t, "samples/s");
    if (at->speed.n > 0) ls_text_add(cell, "%.0f", at->speed.mean);
    add_duration(t, "time of one", at->seconds.mean);
  } else {
    for (int empty = 0; empty < 3; empty++) report_table_add_text(t, "", "");
  }
  report_table_end_row(t);
}

/* Adds a row for each reference of a point, one for a point without. */
static void add_point(report_table *t, const job *j, size_t point) {
  const report_results *r = j->results;
  bool first = true;
  for (size_t i = 0; i < r->reference_count; i++) {
    if (isnan(r->references[i].values[point])) continue;
    add_row(t, j, &r->references[i], point, first);
    first = false;
  }
  if (first) add_row(t, j, NULL, point, true);
}

/* The title, with the variables of one value. */
static void add_title(report_table *t, const report_results *r) {
  ls_text fixed = {0};
  report_add_fixed(&fixed, r);
  ls_text *cell = report_table_add(t, "title");
  ls_text_add_visible(cell, "%s%s%s", r->title, fixed.data ? "; " : "",
                      fixed.data ? fixed.data : "");
  if (fixed.failed) cell->failed = true;
  ls_text_free(&fixed);
}

static void add_run(report_table *t, const job *j) {
  const report_results *r = j->results;
  const char *start = report_provenance(r, "start"), *end = report_provenance(r, "end");
  report_table_add_text(t, "job", r->name);
  add_title(t, r);
  add_trials(t, j->summary->counts, r->points * r->repeats);
  report_table_add_text(t, "ranks", report_provenance(r, "ranks"));
  report_table_add_text(t, "started", start);
  add_duration(t, "wall time", ls_clock_parse_utc(end) - ls_clock_parse_utc(start));
  report_table_add_count(t, "with", j->number);
  report_table_end_row(t);
}

/* ---- Figures, as files beside the page ---- */

/* `folder` as seen from the folder of the page, if it is below that; else as it is. */
static const char *link_of(const char *folder, const char *page) {
  size_t length = page ? (size_t)(ls_file_name(page) - page) : 0;
  return strncmp(folder, page ? page : "", length) == 0 ? folder + length : folder;
}

/* Makes the folder; `page` is the page's file, NULL for standard output. */
static int create_gallery(report_gallery *out, ls_memory *memory, const char *folder,
                          const char *page) {
  *out = (report_gallery){0};
  if (!folder) return LS_OK;
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  out->folder = ls_memory_text(memory, "%.*s", (int)length, folder);
  if (!out->folder) return LS_FAILED;
  out->link = link_of(out->folder, page);
  return ls_make_directories(out->folder);
}

/* Writes the figure to the file NAME.svg, and shows it. */
static int add_figure(const report_gallery *g, ls_text *page, ls_memory *memory, const char *name,
                      const report_figure *figure) {
  ls_text_add_markdown(page, "\n![%s](<%s/%s.svg>)\n\n%s\n", figure->title, g->link, name,
                       figure->caption);
  return report_figure_write(memory, g->folder, name, figure->svg);
}

/* Writes the figures that a job describes, which is named in their files, and shows them with their
 * captions. */
static int add_job_figures(const report_gallery *g, ls_text *page, const report_summary *s) {
  if (!g->folder) return LS_OK;
  const report_results *r = s->results;
  report_figures figures = {.memory = s->memory};
  ls_sections described;
  int status = ls_figures_read_job(&described, r->job, "job");
  if (status == LS_OK && described.count > 0) report_figures_draw(&figures, s, &described);
  ls_figures_clear(&described);
  if (status == LS_OK) status = report_figures_status(&figures);
  for (size_t i = 0; i < figures.count && status == LS_OK; i++) {
    const report_figure *figure = &figures.items[i];
    const char *name = ls_memory_text(s->memory, "%s_%s", r->name, figure->name);
    if (i == 0) ls_text_add_markdown(page, "\n### %s: %s\n", r->name, r->title);
    status = name ? add_figure(g, page, s->memory, name, figure) : LS_FAILED;
  }
  return status;
}

/* The same of an analysis, whose figures are files beside its own. What can't be read is named. */
static int add_analysis_figures(const report_gallery *g, ls_text *page, ls_memory *memory,
                                const report_analysis *a) {
  int status = LS_OK;
  for (size_t k = 0; k < a->figure_count && g->folder && status == LS_OK; k++) {
    const char *name =
        ls_memory_text(memory, "%.*s", (int)ls_stem_length(a->figures[k]), a->figures[k]);
    char *given = NULL, *svg = NULL;
    status = name ? report_analysis_figure(&given, a, k) : LS_FAILED;
    if (status == LS_OK) status = ls_svg_inline(&svg, given, "figure", a->title);
    const report_figure figure = {.title = a->title, .caption = a->captions[k], .svg = svg};
    if (status == LS_OK) status = add_figure(g, page, memory, name, &figure);
    if (status == LS_INVALID) {
      ls_text_add_markdown(page, "\n%s (not shown: %s)\n", a->captions[k], ls_error_message());
      ls_error_clear();
      status = LS_OK;
    }
    free(svg);
    free(given);
  }
  return status;
}

/* ---- The page ---- */

/* Appends a table, nothing where it has no rows. */
static void end_table(ls_text *page, report_table *table, ls_memory *memory) {
  if (table->rows == 0) return;
  ls_text_add(page, "\n");
  report_table_finish(table, memory);
  report_table_markdown(page, table);
}

/* The orderings of jobs, and the comments on these and on references. */
static void add_claims(ls_text *page, ls_memory *memory, const job *jobs, size_t count) {
  report_table claims = {.headed = true}, comments = {.headed = true};
  for (size_t i = 0; i < count; i++) {
    const report_results *r = jobs[i].results;
    report_add_orderings(&claims, jobs[i].summary, r->name);
    report_add_comments(&comments, r, r->name);
  }
  end_table(page, &claims, memory);
  end_table(page, &comments, memory);
}

/* The jobs from `first` on that are of one folder; *end is the first of the next. */
static int add_folder(ls_text *page, ls_memory *memory, const report_gallery *gallery,
                      const job *jobs, size_t count, size_t first, size_t *end) {
  const char *folder = jobs[first].folder;
  report_table table = {.headed = true};
  if (*folder) ls_text_add_markdown(page, "\n## %s\n", folder);
  for (*end = first; *end < count; (*end)++) {
    const job *j = &jobs[*end];
    if (strcmp(j->folder, folder) != 0) break;
    for (size_t p = 0; p < j->results->points; p++) add_point(&table, j, p);
  }
  end_table(page, &table, memory);
  add_claims(page, memory, &jobs[first], *end - first);
  int status = LS_OK;
  for (size_t i = first; i < *end && status == LS_OK; i++) {
    status = add_job_figures(gallery, page, jobs[i].summary);
  }
  return status;
}

static void add_runs(ls_text *page, ls_memory *memory, const job *jobs, size_t count) {
  report_table table = {.headed = true};
  for (size_t i = 0; i < count; i++) add_run(&table, &jobs[i]);
  ls_text_add(page, "\n## Runs\n");
  end_table(page, &table, memory);
  ls_text_add(page, "\nWall times are from the start of a job to its last end, with all pauses. "
                    "The runs were made with:\n\n");
  size_t shown = 0;
  for (size_t i = 0; i < count; i++) {
    if (jobs[i].number > shown)
      ls_text_add_markdown(page, "%zu. %s\n", ++shown, jobs[i].environment);
  }
}

/* ---- Analyses ---- */

static void add_fence(ls_text *page, size_t length) {
  for (size_t i = 0; i < length; i++) ls_text_add(page, "`");
}

/* A line of code between fences that are longer than any run of backticks in it. */
static void add_code(ls_text *page, const char *line) {
  size_t length = 3;
  for (const char *at = line; *at; at++) {
    size_t run = strspn(at, "`");
    if (run >= length) length = run + 1;
  }
  ls_text_add(page, "\n");
  add_fence(page, length);
  ls_text_add_visible(page, "sh\n%s\n", line);
  add_fence(page, length);
  ls_text_add(page, "\n");
}

int report_overview_analyses(ls_text *page, const report_analyses *analyses,
                             const report_gallery *gallery) {
  int status = LS_OK;
  if (analyses->count > 0) ls_text_add(page, "\n## Analyses\n");
  for (size_t i = 0; i < analyses->count && status == LS_OK; i++) {
    const report_analysis *a = &analyses->items[i];
    const char *name = ls_file_name(a->path);
    ls_text_add_markdown(page, "\n### %.*s: %s\n\n", (int)strcspn(name, "."), name, a->title);
    if (*a->reference) ls_text_add_markdown(page, "Reported: %s\n\n", a->reference);
    ls_text_add(page, "Ours:\n\n");
    for (size_t k = 0; k < a->summary_count; k++) {
      ls_text_add_markdown(page, "- %s\n", a->summary[k]);
    }
    add_code(page, a->command);
    status = add_analysis_figures(gallery, page, analyses->memory, a);
  }
  return status;
}

/* ---- The page ---- */

int report_overview(ls_text *page, ls_memory *memory, const char *const *files, size_t count,
                    const report_analyses *analyses, const char *svg_folder, const char *file) {
  report_gallery gallery;
  job *jobs = ls_memory_new(memory, count, sizeof *jobs);
  int status = create_gallery(&gallery, memory, svg_folder, file);
  if (status == LS_OK) status = ls_memory_status(memory);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = read_job(&jobs[i], memory, files[i]);
  }
  if (status != LS_OK) return status;
  number_environments(jobs, count);
  ls_text_add(page, "%s", preamble);
  for (size_t i = 0; i < count && status == LS_OK;) {
    status = add_folder(page, memory, &gallery, jobs, count, i, &i);
  }
  if (status == LS_OK) status = report_overview_analyses(page, analyses, &gallery);
  add_runs(page, memory, jobs, count);
  return status;
}
