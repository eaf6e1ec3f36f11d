/* Parts of HTML pages. Pure. */
#ifndef LS_REPORT_HTML_H
#define LS_REPORT_HTML_H

#include "report/figures/list.h"
#include "report/table.h"

/* The opening of a page up to its heading, and the end. */
void html_begin(ls_text *page, const char *title);
void html_end(ls_text *page);

/* "<tag>text</tag>", the text escaped; `attributes` begins with a space or is empty. */
void html_element(ls_text *page, const char *tag, const char *attributes, const char *text);

/* A table with headings, or one of names and values without. */
void html_table(ls_text *page, const report_table *table);

/* A table of names and values, row by row; a row without a text is left out. */
void html_begin_rows(ls_text *page);
void html_row(ls_text *page, const char *name, const char *text);
void html_end_rows(ls_text *page);

/* A figure, or all of them with a heading of their own. */
int html_figure(ls_text *page, const report_figure *figure);
int html_figures(ls_text *page, const report_figures *figures);

#endif
