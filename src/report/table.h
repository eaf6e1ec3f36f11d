/* The table of the report: one row for each point of the sweep, as cells of text. */
#ifndef LS_REPORT_TABLE_H
#define LS_REPORT_TABLE_H

#include "report/summary.h"

#include "base/text.h"

/* Row 0 holds the headings, if `headed`. `best` is the row to be marked, 0 for none. */
typedef struct ls_report_table {
  bool headed;
  size_t rows, columns;
  char **cells; /* [row, column] */
  size_t best;
} ls_report_table;

/* The table of all points in the order of the sweep, or, with `most` below their number, of the
 * `most` best ones, best first. A single trial gives rows of a name and a value instead. */
int ls_report_table_create(ls_report_table **out, const ls_report_results *results,
                           const ls_report_summary *summary, size_t most);

/* How the points differ from the best one, in the same order, without it; no rows but the headings
 * where nothing can be tested. */
int ls_report_tests_create(ls_report_table **out, const ls_report_results *results,
                           const ls_report_summary *summary, size_t most);

/* What the rows of a shortened table are: the "best", or where they are not ranked the "first". */
const char *ls_report_which(const ls_report_summary *summary);

void ls_report_table_free(ls_report_table **table);

/* Whether a column's cells, below the heading, are single numbers, to be aligned at the right. */
bool ls_report_numeric_column(const ls_report_table *table, size_t column);

/* Appends the table in aligned columns; columns at the right that would go beyond `width` are left
 * out. Returns how many were. */
size_t ls_report_table_print(ls_text *out, const ls_report_table *table, size_t width);

/* Decimals for the final values of a curve, the same in all rows. */
int ls_report_curve_decimals(const ls_report_summary *summary, size_t curve);

/* Appends "0.9860 ± 0.0004", or the mean alone where there is no deviation. */
void ls_report_add_mean(ls_text *out, const ls_report_stat *stat, int decimals);

/* Appends one sentence: how many trials, and how many of each status. */
void ls_report_add_counts(ls_text *out, const ls_report_results *results,
                          const ls_report_summary *summary);

/* Appends one sentence on the best point, or that there is none or it isn't known. */
int ls_report_add_best(ls_text *out, const ls_report_results *results,
                       const ls_report_summary *summary);

/* Appends `before` and a sentence where the file does not record after which epoch trials had their
 * final weights, and this matters. */
void ls_report_add_unknown(ls_text *out, const char *before, const ls_report_results *results);

/* Appends one sentence on the reference, which there must be for all points, and on how the best of
 * them differs from it. */
void ls_report_add_reference(ls_text *out, const ls_report_results *results,
                             const ls_report_summary *summary);

#endif
