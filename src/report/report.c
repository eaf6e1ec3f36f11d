/* The report: reads the results once, prints the table, writes the files asked for. */
#include "report/report.h"

#include "base/paths.h"
#include "lockstep/error.h"
#include "report/choice.h"
#include "report/csv.h"
#include "report/figures/figure.h"
#include "report/output.h"
#include "report/overview.h"
#include "report/page.h"
#include "report/sides.h"
#include "report/table.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LONG_TABLE = 40,
  SHOWN_OF_LONG = 20,
  TERMINAL_WIDTH = 100,
};

/* The table of tests against the best point, if there is any. */
static int add_tests(ls_text *text, const ls_report_results *results,
                     const ls_report_summary *summary, size_t most) {
  ls_report_table *tests = NULL;
  int status = ls_report_tests_create(&tests, results, summary, most);
  if (status == LS_OK && tests->rows > 1) {
    ls_text_add(text, "\nDifferences from the best in %s, paired; p (Holm) is corrected for all:\n",
                results->monitor);
    ls_report_table_print(text, tests, TERMINAL_WIDTH);
  }
  ls_report_table_free(&tests);
  return status;
}

static int add_sentences(ls_text *text, const ls_report_results *results,
                         const ls_report_summary *summary) {
  int status = ls_report_add_best(text, results, summary);
  ls_text_add(text, "\n");
  size_t before = text->length;
  if (status == LS_OK) status = ls_report_add_choice(text, results, summary);
  if (text->length > before) ls_text_add(text, "\n");
  before = text->length;
  ls_report_add_unknown(text, "", results);
  if (text->length > before) ls_text_add(text, "\n");
  if (results->reference_count == 1 && !isnan(results->references[0])) {
    ls_report_add_reference(text, results, summary);
    ls_text_add(text, "\n");
  }
  return status;
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
    ls_text_add(&text, "The %s %zu of %zu points; --all shows all.\n", ls_report_which(summary),
                most, summary->point_count);
  }
  if (hidden > 0) {
    ls_text_add(&text, "%zu more column%s in the page and in --csv.\n", hidden,
                hidden == 1 ? " stands" : "s stand");
  }
  status = add_tests(&text, results, summary, most);
  ls_text_add(&text, "\n");
  if (status == LS_OK) status = add_sentences(&text, results, summary);
  char *printed = ls_text_take(&text);
  if (!printed) return LS_FAILED;
  if (status == LS_OK) status = ls_report_print("%s", printed);
  free(printed);
  return status;
}

static int put_csv(const char *path, const char *text) {
  bool alone = strcmp(path, "-") == 0;
  return alone ? ls_report_print("%s", text) : ls_write_file(path, text, strlen(text));
}

static int write_csv(const char *path, const ls_report_results *results,
                     const ls_report_summary *summary) {
  char *text = NULL;
  int status = ls_report_csv(&text, results, summary);
  if (status == LS_OK) status = put_csv(path, text);
  free(text);
  return status;
}

static int write_page(const char *path, const ls_report_results *results,
                      const ls_report_summary *summary, const ls_report_figures *figures,
                      const ls_report_analyses *analyses) {
  ls_report_tables tables = {0};
  char *page = NULL;
  bool is_long = summary->point_count > LONG_TABLE;
  size_t shown = is_long ? SHOWN_OF_LONG : SIZE_MAX;
  const size_t most = LS_REPORT_MOST_ROWS;
  int status = ls_report_table_create(&tables.points, results, summary, shown);
  if (status == LS_OK && is_long) {
    status = ls_report_table_create(&tables.all_points, results, summary, most);
  }
  if (status == LS_OK) status = ls_report_tests_create(&tables.tests, results, summary, shown);
  if (status == LS_OK && is_long) {
    status = ls_report_tests_create(&tables.all_tests, results, summary, most);
  }
  if (status == LS_OK) status = ls_report_page(&page, results, summary, &tables, figures, analyses);
  if (status == LS_OK) status = ls_write_file(path, page, strlen(page));
  free(page);
  ls_report_table_free(&tables.points);
  ls_report_table_free(&tables.all_points);
  ls_report_table_free(&tables.tests);
  ls_report_table_free(&tables.all_tests);
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

static int write_figures_and_page(const ls_report_options *options,
                                  const ls_report_results *results,
                                  const ls_report_summary *summary, char **page) {
  ls_report_figures *figures = NULL;
  ls_report_analyses *analyses = NULL;
  int status = ls_report_figures_draw(&figures, results, summary);
  if (status == LS_OK && options->svg_folder)
    status = ls_report_write_figures(options->svg_folder, figures);
  if (status == LS_OK) status = choose_page(page, options);
  if (status == LS_OK) {
    status = ls_report_analyses_find(&analyses, options->results, options->analyses,
                                     options->analysis_count);
  }
  if (status == LS_OK) status = write_page(*page, results, summary, figures, analyses);
  ls_report_analyses_free(&analyses);
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
  if (status == LS_OK && !csv_alone) status = ls_report_print("Page: %s\n", page);
  free(page);
  return status;
}

int ls_report(const ls_report_options *options) {
  ls_report_results *results = NULL;
  ls_report_summary *summary = NULL;
  int status = ls_report_check_output(options->results, options->page);
  if (status == LS_OK) status = ls_report_check_output(options->results, options->csv);
  if (status == LS_OK) status = ls_report_results_read(&results, options->results);
  if (status == LS_OK) status = ls_report_summary_create(&summary, results);
  if (status == LS_OK) status = write_all(options, results, summary);
  ls_report_summary_free(&summary);
  ls_report_results_free(&results);
  return status;
}

/* A_vs_B.html, beside the first file. */
static int name_sides(char **out, const char *first, const ls_report_sides *sides,
                      const char *chosen) {
  const char *slash = strrchr(first, '/');
  ls_text text = {0};
  if (chosen) {
    ls_text_add(&text, "%s", chosen);
  } else {
    if (slash) ls_text_add_bytes(&text, first, (size_t)(slash - first) + 1);
    for (size_t i = 0; i < sides->count; i++) {
      const char *name = strrchr(sides->names[i], '/');
      ls_text_add(&text, "%s%s", i ? "_vs_" : "", name ? name + 1 : sides->names[i]);
    }
    ls_text_add(&text, ".html");
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

static int print_sides(const ls_report_sides *sides, const ls_report_table *table) {
  ls_text text = {0};
  ls_report_add_sides(&text, sides);
  ls_text_add(&text, "\n");
  ls_report_table_print(&text, table, SIZE_MAX);
  ls_text_add(&text, "\n");
  char *printed = ls_text_take(&text);
  int status = printed ? ls_report_print("%s", printed) : LS_FAILED;
  free(printed);
  return status;
}

static int write_sides_csv(const char *path, const ls_report_sides *sides) {
  char *text = NULL;
  int status = ls_report_sides_csv(&text, sides);
  if (status == LS_OK) status = put_csv(path, text);
  free(text);
  return status;
}

static int write_sides(const char *first, const ls_report_sides *sides,
                       const ls_report_table *table, const ls_report_options *options) {
  bool csv_alone = options->csv && strcmp(options->csv, "-") == 0;
  ls_report_figures *figures = NULL;
  char *page = NULL, *path = NULL;
  int status = csv_alone ? LS_OK : print_sides(sides, table);
  if (status == LS_OK && options->csv) status = write_sides_csv(options->csv, sides);
  if (status == LS_OK) status = ls_report_sides_figures(&figures, sides);
  if (status == LS_OK && options->svg_folder) {
    status = ls_report_write_figures(options->svg_folder, figures);
  }
  if (status == LS_OK) status = ls_report_sides_page(&page, sides, table, figures);
  if (status == LS_OK) status = name_sides(&path, first, sides, options->page);
  if (status == LS_OK) status = ls_write_file(path, page, strlen(page));
  if (status == LS_OK && !csv_alone) status = ls_report_print("Page: %s\n", path);
  ls_report_figures_free(&figures);
  free(page);
  free(path);
  return status;
}

int ls_report_side_by_side(const char *const *results, size_t count,
                           const ls_report_options *options) {
  ls_report_sides *sides = NULL;
  ls_report_table *table = NULL;
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = ls_report_check_output(results[i], options->page);
    if (status == LS_OK) status = ls_report_check_output(results[i], options->csv);
  }
  if (status == LS_OK) status = ls_report_sides_create(&sides, results, count);
  if (status == LS_OK) status = ls_report_sides_table(&table, sides);
  if (status == LS_OK) status = write_sides(results[0], sides, table, options);
  ls_report_table_free(&table);
  ls_report_sides_free(&sides);
  return status;
}

int ls_report_all(const char *const *results, size_t count, const ls_report_options *options) {
  const char *page = options->page;
  ls_report_analyses *analyses = NULL;
  char *text = NULL;
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++)
    status = ls_report_check_output(results[i], page);
  if (status == LS_OK)
    status = ls_report_analyses_read(&analyses, options->analyses, options->analysis_count);
  if (status == LS_OK) status = ls_report_overview(&text, results, count, analyses);
  if (status == LS_OK)
    status = page ? ls_write_file(page, text, strlen(text)) : ls_report_print("%s", text);
  ls_report_analyses_free(&analyses);
  free(text);
  return status;
}
