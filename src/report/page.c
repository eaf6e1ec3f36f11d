/* The report as an HTML page. */
#include "report/page.h"

#include "lockstep/error.h"
#include "report/choice.h"

#include <math.h>
#include <stdlib.h>

static const char style[] =
    "body{max-width:66rem;margin:2rem auto;padding:0 1.25rem;color:#1b1b1b;background:#fff;"
    "font:1rem/1.5 'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.25;margin:0 0 .75rem}\n"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-bottom:1px solid #ccc}\n"
    "h3{font-size:1rem;margin:1.6rem 0 .4rem}\n"
    "code{font-size:.85rem;overflow-wrap:anywhere}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.22rem .6rem;text-align:left;white-space:nowrap}\n"
    "thead th{border-bottom:1.5px solid #444}\n"
    "tbody tr+tr>*{border-top:1px solid #e4e4e4}\n"
    "table.notes th{font-weight:normal;color:#555}\n"
    "table.notes td{white-space:normal;overflow-wrap:anywhere}\n"
    ".n{text-align:right}\n"
    "tr.best{background:#e9f3ec;font-weight:bold}\n"
    "details{margin:.6rem 0}\n"
    "figure{margin:1.6rem 0;break-inside:avoid}\n"
    "figure svg{display:block;max-width:100%;height:auto}\n"
    "figure svg tspan{font-family:Helvetica,Arial,'Liberation Sans',sans-serif}\n"
    "figcaption{font-size:.92rem;color:#333;margin-top:.4rem;max-width:46rem}\n"
    "pre{background:#f5f5f5;padding:.8rem 1rem;font-size:.85rem;line-height:1.4;overflow-x:auto;"
    "white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "footer{margin-top:2.5rem;font-size:.85rem;color:#666}\n"
    "@media print{body{margin:0;max-width:none}pre{background:none;border:1px solid #ccc}}\n";

/* "<tag>text</tag>", the text escaped; `attributes` begins with a space or is empty. */
static void add_element(ls_text *page, const char *tag, const char *attributes, const char *text) {
  ls_text_add(page, "<%s%s>", tag, attributes);
  ls_text_add_escaped(page, text);
  ls_text_add(page, "</%s>", tag);
}

void ls_report_page_table(ls_text *page, const ls_report_table *table) {
  ls_text_add(page, "<div class=\"scroll\"><table>\n<thead><tr>");
  for (size_t r = 0; r < table->rows; r++) {
    if (r == 1) ls_text_add(page, "<tbody>\n");
    if (r > 0) ls_text_add(page, r == table->best ? "<tr class=\"best\">" : "<tr>");
    for (size_t c = 0; c < table->columns; c++) {
      const char *number = ls_report_numeric_column(table, c) ? " class=\"n\"" : "";
      add_element(page, r ? "td" : "th", number, table->cells[r * table->columns + c]);
    }
    ls_text_add(page, r ? "</tr>\n" : "</tr></thead>\n");
  }
  ls_text_add(page, "</tbody></table></div>\n");
}

void ls_report_page_note(ls_text *page, const char *name, const char *text) {
  if (!*text) return;
  ls_text_add(page, "<tr>");
  add_element(page, "th", " scope=\"row\"", name);
  add_element(page, "td", "", text);
  ls_text_add(page, "</tr>\n");
}

static void add_single(ls_text *page, const ls_report_table *table) {
  ls_text_add(page, "<table class=\"notes\"><tbody>\n");
  for (size_t r = 0; r < table->rows; r++) {
    ls_report_page_note(page, table->cells[2 * r], table->cells[2 * r + 1]);
  }
  ls_text_add(page, "</tbody></table>\n");
}

int ls_report_page_figure(ls_text *page, const ls_report_figure *figure) {
  char *svg = NULL;
  int status = ls_figure_inline(&svg, figure->svg, figure->name, figure->title);
  if (status != LS_OK) return status;
  ls_text_add(page, "<figure>\n%s", svg);
  add_element(page, "figcaption", "", figure->caption);
  ls_text_add(page, "\n</figure>\n");
  free(svg);
  return LS_OK;
}

static void add_provenance(ls_text *page, const ls_report_results *results) {
  ls_text_add(page, "<h2>Provenance</h2>\n<table class=\"notes\"><tbody>\n");
  ls_report_page_note(page, "source", results->source);
  ls_report_page_note(page, "history", results->history);
  for (size_t i = 0; i < results->note_count; i++) {
    ls_report_page_note(page, results->provenance[i].name, results->provenance[i].text);
  }
  ls_text_add(page, "</tbody></table>\n");
}

void ls_report_page_begin(ls_text *page, const char *title) {
  ls_text_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  add_element(page, "title", "", title);
  ls_text_add(page, "\n<link rel=\"icon\" href=\"data:,\">\n<style>\n%s</style>\n</head>\n<body>\n",
              style);
  add_element(page, "h1", "", title);
}

void ls_report_page_end(ls_text *page) {
  ls_text_add(page, "<footer>Made by lockstep " LS_VERSION "</footer>\n</body>\n</html>\n");
}

int ls_report_page_figures(ls_text *page, const ls_report_figures *figures) {
  int status = LS_OK;
  if (figures->count) ls_text_add(page, "<h2>Figures</h2>\n");
  for (size_t i = 0; status == LS_OK && i < figures->count; i++) {
    status = ls_report_page_figure(page, &figures->items[i]);
  }
  return status;
}

/* The sentences below the title. */
static int add_summary(ls_text *page, const ls_report_results *results,
                       const ls_report_summary *summary) {
  ls_text text = {0};
  ls_report_add_counts(&text, results, summary);
  ls_text_add(&text, " ");
  int status = ls_report_add_best(&text, results, summary);
  ls_text_add(&text, " ");
  if (status == LS_OK) status = ls_report_add_choice(&text, results, summary);
  ls_report_add_unknown(&text, " ", results);
  if (results->reference_count == 1 && !isnan(results->references[0])) {
    ls_text_add(&text, " ");
    ls_report_add_reference(&text, results, summary);
  }
  add_element(page, "p", "", text.data ? text.data : "");
  if (text.failed) page->failed = true;
  ls_text_free(&text);
  return status;
}

/* The rows of a long table, to be unfolded. */
static void add_rest(ls_text *page, const ls_report_table *all, const ls_report_summary *s) {
  if (!all || all->rows < 2) return;
  const char *which = ls_report_which(s);
  if (s->point_count > LS_REPORT_MOST_ROWS) {
    ls_text_add(page, "<details><summary>The %s %d of all %zu points (--csv has the others)", which,
                LS_REPORT_MOST_ROWS, s->point_count);
  } else {
    ls_text_add(page, "<details><summary>These are the %s; all %zu points", which, s->point_count);
  }
  ls_text_add(page, "</summary>\n");
  ls_report_page_table(page, all);
  ls_text_add(page, "</details>\n");
}

static int add_tests(ls_text *page, const ls_report_results *r, const ls_report_summary *s,
                     const ls_report_tables *tables) {
  if (tables->tests->rows < 2) return LS_OK;
  char *best = ls_report_point_name(r, s->best);
  if (!best) return LS_FAILED;
  ls_text_add(page, "<h2>Differences from the best point</h2>\n<p>In the final %s, from ",
              r->monitor);
  ls_text_add_escaped(page, best);
  free(best);
  ls_text_add(page,
              ", in pairs of the same replicate%s, with a t test of each. p (Holm) is "
              "corrected for making all these tests. The best point was chosen by the same "
              "values, so that differences from it tend to be too large.%s</p>\n",
              r->folds ? " and fold" : "",
              r->folds ? " Folds share training samples, so that intervals are too narrow." : "");
  ls_report_page_table(page, tables->tests);
  add_rest(page, tables->all_tests, s);
  return LS_OK;
}

int ls_report_page(char **out, const ls_report_results *results, const ls_report_summary *summary,
                   const ls_report_tables *tables, const ls_report_figures *figures,
                   const ls_report_analyses *analyses) {
  *out = NULL;
  ls_text page = {0};
  ls_report_page_begin(&page, results->title);
  int status = add_summary(&page, results, summary);
  ls_text_add(&page, "\n<h2>Results</h2>\n");
  if (tables->points->headed) {
    ls_report_page_table(&page, tables->points);
  } else {
    add_single(&page, tables->points);
  }
  if (results->repeats > 1) {
    ls_text_add(&page, "<p>Mean ± standard deviation; 95 %% ± is half the width of the 95 %% "
                       "interval of the mean by Student's t, n the number of trials that came to "
                       "their end.</p>\n");
  }
  add_rest(&page, tables->all_points, summary);
  if (status == LS_OK) status = add_tests(&page, results, summary, tables);
  if (status == LS_OK) status = ls_report_page_figures(&page, figures);
  if (status == LS_OK) status = ls_report_page_analyses(&page, analyses);
  if (*results->job) {
    ls_text_add(&page, "<h2>Job</h2>\n");
    add_element(&page, "pre", "", results->job);
  }
  add_provenance(&page, results);
  ls_report_page_end(&page);
  if (status != LS_OK) {
    ls_text_free(&page);
    return status;
  }
  *out = ls_text_take(&page);
  return *out ? LS_OK : LS_FAILED;
}
