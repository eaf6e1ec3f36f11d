/* The report of a results file as one HTML page that needs nothing else. Pure. */
#ifndef LS_REPORT_PAGE_H
#define LS_REPORT_PAGE_H

#include "report/analyses.h"
#include "report/figures/list.h"
#include "report/models.h"
#include "report/summary.h"

/* Appends the page, in which long tables show `shown` rows and unfold to more, or with `all` to
 * all.
 */
int report_page(ls_text *page, const report_summary *summary, size_t shown, bool all,
                const report_models *models, const report_figures *figures,
                const report_analyses *analyses);

#endif
