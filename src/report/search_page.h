/* The section of the page on a search. Pure. */
#ifndef LS_REPORT_SEARCH_PAGE_H
#define LS_REPORT_SEARCH_PAGE_H

#include "report/summary.h"
#include "report/table.h"

/* A row for each rung of each bracket: how many points were compared, promoted and pruned there,
 * the value that was needed, the best one and the median. Empty without a search. */
int report_rungs_table(report_table *out, const report_summary *summary);

/* Appends the section; nothing without a search. */
int report_page_search(ls_text *page, const report_summary *summary);

#endif
