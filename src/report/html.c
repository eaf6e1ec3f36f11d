/* HTML: the style of pages, tables, figures. */
#include "report/html.h"

#include "base/escape.h"
#include "figure/svg.h"
#include "lockstep/error.h"

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

/* What a browser does for the page: it applies styles and shows images that the page holds. It runs
 * no script, loads nothing, and sends nothing. */
static const char policy[] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                             "base-uri 'none'; form-action 'none'";

void html_begin(ls_text *page, const char *title, int refresh) {
  ls_text_add(page,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
              policy);
  if (refresh > 0) {
    ls_text_add(page, "<meta http-equiv=\"refresh\" content=\"%d\">\n", refresh);
  }
  html_element(page, "title", "", title);
  ls_text_add(page, "\n<link rel=\"icon\" href=\"data:,\">\n<style>\n%s</style>\n</head>\n<body>\n",
              style);
  html_element(page, "h1", "", title);
}

void html_end(ls_text *page) {
  ls_text_add(page, "<footer>Made by lockstep " LS_VERSION "</footer>\n</body>\n</html>\n");
}

void html_element(ls_text *page, const char *tag, const char *attributes, const char *text) {
  ls_text_add(page, "<%s%s>", tag, attributes);
  ls_escape_html(page, text);
  ls_text_add(page, "</%s>", tag);
}

static void add_pairs(ls_text *page, const report_table *table) {
  ls_text_add(page, "<table class=\"notes\"><tbody>\n");
  for (size_t r = 0; r < table->rows; r++) {
    const char *value = report_cell(table, r, 1);
    if (!*value) continue;
    ls_text_add(page, "<tr>");
    html_element(page, "th", " scope=\"row\"", report_cell(table, r, 0));
    html_element(page, "td", "", value);
    ls_text_add(page, "</tr>\n");
  }
  ls_text_add(page, "</tbody></table>\n");
}

void html_table(ls_text *page, const report_table *table) {
  page->failed |= table->failed;
  if (!table->headed) {
    add_pairs(page, table);
    return;
  }
  if (table->rows == 0) return;
  ls_text_add(page, "<div class=\"scroll\"><table>\n<thead><tr>");
  for (size_t r = 0; r < table->rows; r++) {
    if (r == 1) ls_text_add(page, "<tbody>\n");
    if (r > 0) ls_text_add(page, r == table->best ? "<tr class=\"best\">" : "<tr>");
    for (size_t c = 0; c < table->columns; c++) {
      const char *number = table->numeric[c] ? " class=\"n\"" : "";
      html_element(page, r ? "td" : "th", number, report_cell(table, r, c));
    }
    ls_text_add(page, r ? "</tr>\n" : "</tr></thead>\n");
  }
  ls_text_add(page, "</tbody></table></div>\n");
}

void html_finish_table(ls_text *page, report_table *table, ls_memory *memory) {
  report_table_finish(table, memory);
  html_table(page, table);
}

int html_figure(ls_text *page, const report_figure *figure) {
  char *svg = NULL;
  int status = ls_svg_inline(&svg, figure->svg, figure->name, figure->title);
  if (status != LS_OK) return status;
  ls_text_add(page, "<figure>\n%s", svg);
  html_element(page, "figcaption", "", figure->caption);
  ls_text_add(page, "\n</figure>\n");
  free(svg);
  return LS_OK;
}

int html_figures(ls_text *page, const report_figures *figures) {
  int status = LS_OK;
  if (figures->count) ls_text_add(page, "<h2>Figures</h2>\n");
  for (size_t i = 0; status == LS_OK && i < figures->count; i++) {
    status = html_figure(page, &figures->items[i]);
  }
  return status;
}
