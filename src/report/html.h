/* Parts of HTML pages. Pure. */
#ifndef LS_REPORT_HTML_H
#define LS_REPORT_HTML_H

#include "report/figures/list.h"
#include "report/table.h"

/* The opening of a page up to its heading. A browser loads the page again after `refresh` seconds;
 * 0: it does not. */
void html_begin(ls_text *page, const char *title, int refresh);

void html_end(ls_text *page);

/* "<tag>text</tag>", the text escaped; `attributes` begins with a space or is empty. */
void html_element(ls_text *page, const char *tag, const char *attributes, const char *text);

/* A table with headings, or one of names and values without, in which rows without a value are left
 * out. */
void html_table(ls_text *page, const report_table *table);

/* The same of a table that is to be ended first. */
void html_finish_table(ls_text *page, report_table *table, ls_memory *memory);

/* A figure, or all of them with a heading of their own. */
int html_figure(ls_text *page, const report_figure *figure);
int html_figures(ls_text *page, const report_figures *figures);

#endif
