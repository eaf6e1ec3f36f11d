/* The report: reads the results once, prints the table, writes the files asked for. */
#include "lockstep/report.h"

#include "csv.h"
#include "figure.h"
#include "lockstep/error.h"
#include "lockstep/paths.h"
#include "overview.h"
#include "page.h"
#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LONG_TABLE = 40, SHOWN_OF_LONG = 20, TERMINAL_WIDTH = 100 };

/* Writes a whole file, or nothing. */
static int write_file(const char *path, const char *text) {
  char *temporary = NULL;
  int status = ls_make_temporary(&temporary, path);
  if (status != LS_OK) return status;
  FILE *file = fopen(temporary, "w");
  bool written = file && fputs(text, file) >= 0;
  if (file && fclose(file) != 0) written = false;
  status = written ? ls_replace_file(temporary, path)
                   : ls_fail(LS_FAILED, "%s: cannot write: %s", path, strerror(errno));
  if (status != LS_OK) remove(temporary);
  free(temporary);
  return status;
}

__attribute__((format(printf, 1, 2))) static int print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  int written = vprintf(format, args);
  va_end(args);
  if (written >= 0 && fflush(stdout) == 0) return LS_OK;
  return ls_fail(LS_FAILED, "standard output: cannot write: %s", strerror(errno));
}

static int print_table(const ls_report_results *results, const ls_report_summary *summary,
                       bool all) {
  size_t most = all || summary->point_count <= LONG_TABLE ? SIZE_MAX : SHOWN_OF_LONG;
  ls_report_table *table = NULL;
  int status = ls_report_table_create(&table, results, summary, most);
  if (status != LS_OK) return status;
  ls_text text = {0};
  ls_text_add(&text, "%s\n", results->title);
  ls_report_add_counts(&text, results, summary);
  ls_text_add(&text, "\n\n");
  size_t hidden = ls_report_table_print(&text, table, TERMINAL_WIDTH);
  ls_report_table_free(&table);
  if (most < summary->point_count) {
    ls_text_add(&text, "The best %zu of %zu points; --all shows all.\n", most,
                summary->point_count);
  }
  if (hidden > 0) {
    ls_text_add(&text, "%zu more columns stand in the page and in --csv.\n", hidden);
  }
  ls_text_add(&text, "\n");
  status = ls_report_add_best(&text, results, summary);
  ls_text_add(&text, "\n");
  if (results->reference_count == 1 && !isnan(results->references[0])) {
    ls_report_add_reference(&text, results, summary);
    ls_text_add(&text, "\n");
  }
  char *printed = ls_text_take(&text);
  if (!printed) return LS_FAILED;
  if (status == LS_OK) status = print("%s", printed);
  free(printed);
  return status;
}

static int write_csv(const char *path, const ls_report_results *results,
                     const ls_report_summary *summary) {
  char *text = NULL;
  int status = ls_report_csv(&text, results, summary);
  if (status == LS_OK) status = strcmp(path, "-") == 0 ? print("%s", text) : write_file(path, text);
  free(text);
  return status;
}

static int write_figures(const char *folder, const ls_report_figures *figures) {
  int status = ls_make_directories(folder);
  for (size_t i = 0; i < figures->count && status == LS_OK; i++) {
    ls_text path = {0};
    ls_text_add(&path, "%s/%s.svg", folder, figures->items[i].name);
    char *name = ls_text_take(&path);
    status = name ? write_file(name, figures->items[i].svg) : LS_FAILED;
    free(name);
  }
  return status;
}

static int write_page(const char *path, const ls_report_results *results,
                      const ls_report_summary *summary, const ls_report_figures *figures) {
  ls_report_table *table = NULL, *all = NULL;
  char *page = NULL;
  bool is_long = summary->point_count > LONG_TABLE;
  int status = ls_report_table_create(&table, results, summary, is_long ? SHOWN_OF_LONG : SIZE_MAX);
  if (status == LS_OK && is_long) status = ls_report_table_create(&all, results, summary, SIZE_MAX);
  if (status == LS_OK) status = ls_report_page(&page, results, summary, table, all, figures);
  if (status == LS_OK) status = write_file(path, page);
  free(page);
  ls_report_table_free(&table);
  ls_report_table_free(&all);
  return status;
}

/* The page's path, by default RESULTS.html for RESULTS.h5. */
static int choose_page(char **out, const ls_report_options *options) {
  size_t length = strlen(options->results);
  if (length > 3 && strcmp(options->results + length - 3, ".h5") == 0) length -= 3;
  ls_text text = {0};
  if (options->page) {
    ls_text_add(&text, "%s", options->page);
  } else {
    ls_text_add(&text, "%.*s.html", (int)length, options->results);
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

/* Refuses an output that is the results file itself. */
static int check_output(const char *results, const char *output) {
  struct stat a, b;
  if (!output || stat(results, &a) != 0 || stat(output, &b) != 0) return LS_OK;
  if (a.st_dev != b.st_dev || a.st_ino != b.st_ino) return LS_OK;
  return ls_fail(LS_INVALID, "%s: is the results file, it can't be the output", output);
}

static int write_figures_and_page(const ls_report_options *options,
                                  const ls_report_results *results,
                                  const ls_report_summary *summary, char **page) {
  ls_report_figures *figures = NULL;
  int status = ls_report_figures_draw(&figures, results, summary);
  if (status == LS_OK && options->svg_folder) status = write_figures(options->svg_folder, figures);
  if (status == LS_OK) status = choose_page(page, options);
  if (status == LS_OK) status = write_page(*page, results, summary, figures);
  ls_report_figures_free(&figures);
  return status;
}

static int write_all(const ls_report_options *options, const ls_report_results *results,
                     const ls_report_summary *summary) {
  bool csv_alone = options->csv && strcmp(options->csv, "-") == 0;
  char *page = NULL;
  int status = csv_alone ? LS_OK : print_table(results, summary, options->all);
  if (status == LS_OK && options->csv) status = write_csv(options->csv, results, summary);
  if (status == LS_OK) status = write_figures_and_page(options, results, summary, &page);
  if (status == LS_OK && !csv_alone) status = print("Page: %s\n", page);
  free(page);
  return status;
}

int ls_report(const ls_report_options *options) {
  ls_report_results *results = NULL;
  ls_report_summary *summary = NULL;
  int status = check_output(options->results, options->page);
  if (status == LS_OK) status = check_output(options->results, options->csv);
  if (status == LS_OK) status = ls_report_results_read(&results, options->results);
  if (status == LS_OK) status = ls_report_summary_create(&summary, results);
  if (status == LS_OK) status = write_all(options, results, summary);
  ls_report_summary_free(&summary);
  ls_report_results_free(&results);
  return status;
}

int ls_report_all(const char *const *results, size_t count, const char *page) {
  char *text = NULL;
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) status = check_output(results[i], page);
  if (status == LS_OK) status = ls_report_overview(&text, results, count);
  if (status == LS_OK) status = page ? write_file(page, text) : print("%s", text);
  free(text);
  return status;
}
