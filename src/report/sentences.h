/* What is said of a summary in sentences, on the terminal and in pages. Pure. */
#ifndef LS_REPORT_SENTENCES_H
#define LS_REPORT_SENTENCES_H

#include "base/text.h"
#include "report/summary.h"

/* Appends "0.9860 ± 0.0004", or the mean alone where there is no deviation. */
void report_add_mean(ls_text *out, const report_stat *stat, int decimals);

/* Appends one sentence: how many trials, and how many of each status. */
void report_add_counts(ls_text *out, const report_summary *summary);

/* Appends the sentences on the best point, on the test values of that of a search, on those within
 * one standard error of it, on what the file does not record, and on what was chosen by the test
 * samples; `separator` before each but the first. */
void report_add_findings(ls_text *out, const report_summary *summary, const char *separator);

/* Which rows a shortened table has: the "best", or where points are not ranked the "first". */
const char *report_which(const report_summary *summary);

#endif
