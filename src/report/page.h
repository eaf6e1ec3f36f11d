/* The report as one HTML page that needs nothing else. Pure. */
#ifndef LS_REPORT_PAGE_H
#define LS_REPORT_PAGE_H

#include "figure.h"
#include "table.h"

/* The page, a string to be freed. `table` is shown, `all` can be unfolded; NULL: `table` is all. */
int ls_report_page(char **out, const ls_report_results *results, const ls_report_summary *summary,
                   const ls_report_table *table, const ls_report_table *all,
                   const ls_report_figures *figures);

#endif
