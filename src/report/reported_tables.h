/* Tables of what was reported elsewhere beside the results. Pure. */
#ifndef LS_REPORT_REPORTED_TABLES_H
#define LS_REPORT_REPORTED_TABLES_H

#include "report/reported.h"
#include "report/summary.h"
#include "report/table.h"

/* What the marks mean, as one sentence, and that single trials have no deviations if so. */
void report_add_reported_legend(ls_text *out, const report_results *results);

/* What was reported elsewhere, beside the results; tables without rows where there is nothing. */
typedef struct report_reported {
  report_table references; /* a row for each point of each reference, or the first ones */
  size_t rows;             /* how many these would be in all */
  report_table orderings;  /* a row for each ordering */
  report_table comments;   /* a row for each comment on one of them */
} report_reported;

/* Makes the tables, with `most` references. */
report_reported report_reported_tables(const report_summary *summary, size_t most);

/* Adds a row for each comment on a reference or an ordering, each once: the job's name, if it is
 * not NULL, and the comment. */
void report_add_comments(report_table *table, const report_results *results, const char *job);

/* ---- Cells, which other tables have, too ---- */

/* Appends the value that was reported at a point: "0.98", "> 0.93". */
void report_add_reported(ls_text *out, const report_reference *reference, size_t point);

/* Appends the mean of a point, with a mark where it is worse than the reference (may be NULL). */
void report_add_ours(ls_text *out, const report_reference *reference, const report_values *values,
                     size_t point);

/* Adds the rows of all orderings: the job's name, if it is not NULL, the claim, the metric, the
 * verdict, the values that decide, the source. */
void report_add_orderings(report_table *table, const report_summary *summary, const char *job);

#endif
