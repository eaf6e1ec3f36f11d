/* Many results files -> one page: what each job came to beside what was reported. */
#ifndef LS_REPORT_OVERVIEW_H
#define LS_REPORT_OVERVIEW_H

#include "report/analyses.h"

/* Makes the page, Markdown, to be freed, with the analyses in it. LS_INVALID if one of the files is
 * no results file. */
int ls_report_overview(char **out, const char *const *files, size_t count,
                       const ls_report_analyses *analyses);

#endif
