/* The report: reads the results once, prints the table, writes the files asked for. */
#include "report/report.h"

#include "base/escape.h"
#include "base/paths.h"
#include "base/print.h"
#include "job/figures.h"
#include "lockstep/error.h"
#include "report/figures/figure.h"
#include "report/overview.h"
#include "report/page.h"
#include "report/reported_tables.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LONG_TABLE = 40,
  SHOWN_OF_LONG = 20,
  TERMINAL_WIDTH = 100,
  LARGEST_JOB = 1 << 24, /* bytes */
};

/* ---- Writing ---- */

/* Refuses outputs that are inputs, or the same file; `page` may be NULL. */
static int check_outputs(const char *page, const char *const *results, size_t count,
                         const ls_report_options *options) {
  const char *csv = options->csv;
  int status = ls_check_output(page, results, count);
  if (status == LS_OK) status = ls_check_output(csv, results, count);
  if (status == LS_OK) status = ls_check_output(page, options->analyses, options->analysis_count);
  if (status == LS_OK) status = ls_check_output(csv, options->analyses, options->analysis_count);
  if (status != LS_OK || !page || !csv || strcmp(csv, "-") == 0) return status;
  if (strcmp(page, csv) != 0 && !ls_is_same_file(page, csv)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: is the page and given as --csv (expected two files)", page);
}

/* Writes a text that was made with `status` to a file or to standard output (NULL or "-"), and
 * frees it. */
static int put(const char *path, ls_text *text, int status) {
  char *made = ls_text_take(text);
  if (status == LS_OK && !made) status = LS_FAILED;
  if (status == LS_OK && path && strcmp(path, "-") != 0) {
    status = ls_write_file(path, made, strlen(made));
  } else if (status == LS_OK && (!ls_print_lines(stdout, made) || fflush(stdout) != 0)) {
    status = ls_fail(LS_FAILED, "standard output: cannot write: %s", strerror(errno));
  }
  free(made);
  return status;
}

/* Whether the CSV is all that is printed. */
static bool is_csv_alone(const ls_report_options *options) {
  return options->csv && strcmp(options->csv, "-") == 0;
}

/* Prints a text, and writes the CSV if it is asked for. */
static int write_tables(const ls_report_options *options, ls_text *printed,
                        const report_table *table) {
  ls_text csv = {0};
  if (is_csv_alone(options)) ls_text_free(printed);
  int status = put(NULL, printed, LS_OK);
  if (status != LS_OK || !options->csv) return status;
  report_table_csv(&csv, table);
  return put(options->csv, &csv, LS_OK);
}

/* Each figure in a file of its own in the folder, which is made if it does not exist. */
static int write_figures(const char *folder, const report_figures *figures) {
  int status = folder ? ls_make_directories(folder) : LS_OK;
  for (size_t i = 0; folder && i < figures->count && status == LS_OK; i++) {
    const report_figure *figure = &figures->items[i];
    status = report_figure_write(figures->memory, folder, figure->name, figure->svg);
  }
  return status;
}

/* Writes figures and a page that were made with `status`. */
static int write_page(const ls_report_options *options, const char *path,
                      const report_figures *figures, ls_text *page, int status) {
  if (status == LS_OK) status = write_figures(options->svg_folder, figures);
  status = put(path, page, status);
  if (status != LS_OK || is_csv_alone(options)) return status;
  ls_text text = {0};
  ls_text_add_visible(&text, "Page: %s\n", path);
  return put(NULL, &text, LS_OK);
}

/* ---- One file ---- */

/* The table of tests against the best point, if there is any. */
static void add_tests(ls_text *text, const report_summary *s, size_t most, size_t width) {
  report_table tests = report_tests_table(s, most);
  if (tests.rows == 0) return;
  ls_text_add_visible(text,
                      "\nDifferences from the best in %s, paired; p (Holm) is corrected for all",
                      s->results->monitor);
  if (s->repeated > 0) {
    ls_text_add(text, ", of which %zu points with the same weights as others count once",
                s->repeated);
  }
  ls_text_add(text, ":\n");
  report_table_print(text, &tests, width);
}

/* What was reported elsewhere, beside the results: `most` rows. */
static void add_reported(ls_text *text, const report_summary *s, size_t most, size_t width) {
  const report_results *r = s->results;
  if (r->reference_count + r->ordering_count == 0) return;
  report_reported tables = report_reported_tables(s, most);
  ls_text_add(text, "\nReported elsewhere, and here:\n");
  report_table_print(text, &tables.references, width);
  if (tables.rows > most) {
    ls_text_add(text, "%zu of %zu rows; --all shows all.\n", most, tables.rows);
  }
  report_table_print(text, &tables.orderings, SIZE_MAX);
  report_table_print(text, &tables.comments, SIZE_MAX);
  report_add_reported_legend(text, r);
  ls_text_add(text, "\n");
}

/* The `most` best points, or with `all` everything. */
static void add_tables(ls_text *text, const report_summary *s, size_t most, bool all) {
  size_t points = s->results->points, width = all ? SIZE_MAX : TERMINAL_WIDTH;
  if (all) most = SIZE_MAX;
  report_table table = report_points_table(s, most);
  ls_text_add_visible(text, "%s\n", s->results->title);
  report_add_counts(text, s);
  ls_text_add(text, "\n\n");
  size_t hidden = report_table_print(text, &table, width);
  if (most < points) {
    ls_text_add(text, "The %s %zu of %zu points; --all shows all.\n", report_which(s), most,
                points);
  }
  if (hidden > 0) {
    ls_text_add(text, "%zu more column%s in the page and in --csv; --all shows all.\n", hidden,
                hidden == 1 ? " is" : "s are");
  }
  add_tests(text, s, most, width);
  ls_text_add(text, "\n");
  report_add_findings(text, s, "\n");
  ls_text_add(text, "\n");
  add_reported(text, s, most, width);
}

/* Those of a job file. */
static int read_figures(ls_sections *out, const char *path) {
  char *text = NULL;
  *out = (ls_sections){0};
  int status = ls_text_read_file(&text, NULL, path, LARGEST_JOB);
  if (status == LS_OK) status = ls_figures_read_job(out, text, path);
  free(text);
  return status;
}

/* Draws the figures of the options or, without any, of the job. */
static int draw_figures(report_figures *out, const report_summary *s,
                        const ls_report_options *options) {
  ls_sections figures;
  int status = options->figure_count > 0
                   ? ls_figures_read_options(&figures, options->figures, options->figure_count)
               : options->figures_of ? read_figures(&figures, options->figures_of)
                                     : ls_figures_read_job(&figures, s->results->job, "job");
  if (status == LS_OK) report_figures_draw(out, s, &figures);
  ls_figures_clear(&figures);
  return status == LS_OK ? report_figures_status(out) : status;
}

static int write_one(const ls_report_options *options, const report_summary *s, const char *path) {
  size_t shown = s->results->points > LONG_TABLE ? SHOWN_OF_LONG : SIZE_MAX;
  const char *file = options->results;
  report_table csv = report_csv_table(s);
  report_figures figures = {.memory = s->memory};
  report_models models;
  report_analyses analyses = {.memory = s->memory};
  ls_text text = {0}, page = {0};
  add_tables(&text, s, shown, options->all);
  int status = write_tables(options, &text, &csv);
  if (status == LS_OK) status = draw_figures(&figures, s, options);
  if (status == LS_OK) status = report_models_read(&models, s->memory, file);
  if (status == LS_OK) status = report_analyses_find(&analyses, file);
  if (status == LS_OK) {
    status = report_analyses_read(&analyses, options->analyses, options->analysis_count);
  }
  if (status == LS_OK)
    status = report_page(&page, s, shown, options->all, &models, &figures, &analyses);
  return write_page(options, path, &figures, &page, status);
}

int ls_report(const ls_report_options *options) {
  ls_memory memory = {0};
  report_summary *summary = NULL;
  const char *file = options->results, *page = options->page;
  if (!page) page = ls_memory_text(&memory, "%.*s.html", (int)ls_stem_length(file), file);
  int status = page ? check_outputs(page, &file, 1, options) : LS_FAILED;
  if (status == LS_OK) status = report_read(&summary, &memory, file);
  if (status == LS_OK) status = write_one(options, summary, page);
  ls_memory_free(&memory);
  return status;
}

/* ---- Several files ---- */

/* A_vs_B.html, beside the first file. */
static char *name_page(const char *first, const report_sides *sides) {
  ls_text path = {0};
  ls_text_add_bytes(&path, first, (size_t)(ls_file_name(first) - first));
  for (size_t i = 0; i < sides->count; i++) {
    ls_text_add(&path, "%s%s", i ? "_vs_" : "", ls_file_name(sides->names[i]));
  }
  ls_text_add(&path, ".html");
  return ls_memory_keep(sides->memory, ls_text_take(&path));
}

static int write_sides(const char *path, const report_sides *sides,
                       const ls_report_options *options) {
  report_table csv = report_sides_csv_table(sides);
  report_figures figures = {.memory = sides->memory};
  ls_text text = {0}, page = {0};
  report_sides_print(&text, sides);
  int status = write_tables(options, &text, &csv);
  if (status == LS_OK) report_draw_sides(&figures, sides);
  if (status == LS_OK) status = report_figures_status(&figures);
  if (status == LS_OK) status = report_sides_page(&page, sides, &figures);
  return write_page(options, path, &figures, &page, status);
}

int ls_report_side_by_side(const char *const *results, size_t count,
                           const ls_report_options *options) {
  ls_memory memory = {0};
  report_sides *sides = NULL;
  const char *page = options->page;
  int status = check_outputs(page, results, count, options);
  if (status == LS_OK) status = report_compare(&sides, &memory, results, count);
  if (status == LS_OK && !page) page = name_page(results[0], sides);
  if (status == LS_OK) status = page ? check_outputs(page, results, count, options) : LS_FAILED;
  if (status == LS_OK) status = write_sides(page, sides, options);
  ls_memory_free(&memory);
  return status;
}

int ls_report_all(const char *const *results, size_t count, const ls_report_options *options) {
  ls_memory memory = {0};
  report_analyses analyses = {.memory = &memory};
  ls_text text = {0};
  int status = check_outputs(options->page, results, count, options);
  if (status == LS_OK) {
    status = report_analyses_read(&analyses, options->analyses, options->analysis_count);
  }
  if (status == LS_OK)
    status = report_overview(&text, &memory, results, count, &analyses, options->svg_folder,
                             options->page);
  status = put(options->page, &text, status);
  ls_memory_free(&memory);
  return status;
}
