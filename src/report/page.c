/* The report as an HTML page. */
#include "page.h"

#include "format.h"
#include "gnuplot.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

static const char style[] =
    "body{max-width:62rem;margin:2rem auto;padding:0 1.25rem;color:#1b1b1b;background:#fff;"
    "font:1rem/1.5 'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.25;margin:0 0 .75rem}\n"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-bottom:1px solid #ccc}\n"
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
  ls_report_add_escaped(page, text);
  ls_text_add(page, "</%s>", tag);
}

static void add_points(ls_text *page, const ls_report_table *table) {
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

static void add_note(ls_text *page, const char *name, const char *text) {
  if (!*text) return;
  ls_text_add(page, "<tr>");
  add_element(page, "th", " scope=\"row\"", name);
  add_element(page, "td", "", text);
  ls_text_add(page, "</tr>\n");
}

static void add_single(ls_text *page, const ls_report_table *table) {
  ls_text_add(page, "<table class=\"notes\"><tbody>\n");
  for (size_t r = 0; r < table->rows; r++) {
    add_note(page, table->cells[2 * r], table->cells[2 * r + 1]);
  }
  ls_text_add(page, "</tbody></table>\n");
}

static int add_figure(ls_text *page, const ls_report_figure *figure) {
  char *svg = NULL;
  int status = ls_gnuplot_inline(&svg, figure->svg, figure->name, figure->title);
  if (status != LS_OK) return status;
  ls_text_add(page, "<figure>\n%s", svg);
  add_element(page, "figcaption", "", figure->caption);
  ls_text_add(page, "\n</figure>\n");
  free(svg);
  return LS_OK;
}

static void add_provenance(ls_text *page, const ls_report_results *results) {
  ls_text_add(page, "<h2>Provenance</h2>\n<table class=\"notes\"><tbody>\n");
  add_note(page, "source", results->source);
  add_note(page, "history", results->history);
  for (size_t i = 0; i < results->note_count; i++) {
    add_note(page, results->provenance[i].name, results->provenance[i].text);
  }
  ls_text_add(page, "</tbody></table>\n");
}

int ls_report_page(char **out, const ls_report_results *results, const ls_report_summary *summary,
                   const ls_report_table *table, const ls_report_table *all,
                   const ls_report_figures *figures) {
  *out = NULL;
  ls_text page = {0}, sentences = {0};
  ls_report_add_counts(&sentences, results, summary);
  ls_text_add(&sentences, " ");
  int status = ls_report_add_best(&sentences, results, summary);
  if (results->reference_count == 1 && !isnan(results->references[0])) {
    ls_text_add(&sentences, " ");
    ls_report_add_reference(&sentences, results, summary);
  }
  ls_text_add(&page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  add_element(&page, "title", "", results->title);
  ls_text_add(&page,
              "\n<link rel=\"icon\" href=\"data:,\">\n<style>\n%s</style>\n</head>\n<body>\n",
              style);
  add_element(&page, "h1", "", results->title);
  add_element(&page, "p", "", sentences.data ? sentences.data : "");
  ls_text_add(&page, "\n<h2>Results</h2>\n");
  if (table->headed) {
    add_points(&page, table);
  } else {
    add_single(&page, table);
  }
  if (all) {
    ls_text_add(&page, "<details><summary>These are the best %zu; all %zu points</summary>\n",
                table->rows - 1, all->rows - 1);
    add_points(&page, all);
    ls_text_add(&page, "</details>\n");
  }
  if (figures->count) ls_text_add(&page, "<h2>Figures</h2>\n");
  for (size_t i = 0; status == LS_OK && i < figures->count; i++) {
    status = add_figure(&page, &figures->items[i]);
  }
  if (*results->job) {
    ls_text_add(&page, "<h2>Job</h2>\n");
    add_element(&page, "pre", "", results->job);
  }
  add_provenance(&page, results);
  ls_text_add(&page, "<footer>Made by lockstep " LS_VERSION "</footer>\n</body>\n</html>\n");
  ls_text_free(&sentences);
  if (status != LS_OK) {
    ls_text_free(&page);
    return status;
  }
  *out = ls_text_take(&page);
  return *out ? LS_OK : LS_FAILED;
}
