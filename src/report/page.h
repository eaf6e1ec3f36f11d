/* The report as one HTML page that needs nothing else. Pure. */
#ifndef LS_REPORT_PAGE_H
#define LS_REPORT_PAGE_H

#include "report/analyses.h"
#include "report/figures/figure.h"
#include "report/table.h"

/* Rows of a table in a page, so that it opens quickly. */
enum { LS_REPORT_MOST_ROWS = 2000 };

/* `points` and `tests` are shown, the others, of long tables, can be unfolded; NULL: there is no
 * more. `tests` has no rows but the headings where nothing can be tested. */
typedef struct ls_report_tables {
  ls_report_table *points, *all_points, *tests, *all_tests;
} ls_report_tables;

/* The page, a string to be freed. */
int ls_report_page(char **out, const ls_report_results *results, const ls_report_summary *summary,
                   const ls_report_tables *tables, const ls_report_figures *figures,
                   const ls_report_analyses *analyses);

/* For pages of other kinds: the opening up to the heading, a table, a row of a table of notes, the
 * figures with a heading of their own, a figure, the end. */
void ls_report_page_begin(ls_text *page, const char *title);
void ls_report_page_table(ls_text *page, const ls_report_table *table);
void ls_report_page_note(ls_text *page, const char *name, const char *text);
int ls_report_page_figures(ls_text *page, const ls_report_figures *figures);
int ls_report_page_figure(ls_text *page, const ls_report_figure *figure);
void ls_report_page_end(ls_text *page);

#endif
