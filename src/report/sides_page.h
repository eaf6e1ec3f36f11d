/* Results files side by side, as text, CSV and a page. Pure. */
#ifndef LS_REPORT_SIDES_PAGE_H
#define LS_REPORT_SIDES_PAGE_H

#include "report/figures/list.h"
#include "report/sides.h"
#include "report/table.h"

/* A row for each match, in full precision. */
int report_sides_csv_table(report_table *out, const report_sides *sides);

/* Appends a sentence for each file, and the table. */
int report_sides_print(ls_text *out, const report_sides *sides);

int report_sides_page(ls_text *page, const report_sides *sides, const report_figures *figures);

#endif
