/* The tables of one results file, and columns that those of several files have, too. Pure. */
#ifndef LS_REPORT_TABLES_H
#define LS_REPORT_TABLES_H

#include "report/summary.h"
#include "report/table.h"

/* The table of all points in the order of the sweep, or, with `most` below their number, of the
 * `most` best ones, best first. A single trial gives rows of a name and a value instead. */
report_table report_points_table(const report_summary *summary, size_t most);

/* How the points differ from the best one, in the same order, without it; empty where nothing can
 * be tested. */
report_table report_tests_table(const report_summary *summary, size_t most);

/* In full precision, for other programs: one row for each point with the values of its variables,
 * the number of trials of each status, mean, sample standard deviation, least, most, number and 95
 * % interval of every curve's final values, mean epochs and seconds, the test of its difference
 * from the best, and the references. Empty where there is no value. */
report_table report_csv_table(const report_summary *summary);

/* A row for each rung of each bracket of a search: how many points were compared, promoted and
 * pruned there, the value that was needed, the best one and the median. Empty without a search. */
report_table report_rungs_table(const report_summary *summary);

/* ---- Columns ---- */

/* A difference with half its 95 % interval; t and the probabilities of its test. */
void report_add_difference(report_table *table, const report_test *test, int decimals);
void report_add_probabilities(report_table *table, const report_test *test);

/* In full precision: a statistic under titles that begin with `name`, with the least and the most
 * value if `extremes`; a test. */
void report_add_exact_stat(report_table *table, const char *name, const report_stat *stat,
                           bool extremes);
void report_add_exact_test(report_table *table, const report_test *test);

#endif
