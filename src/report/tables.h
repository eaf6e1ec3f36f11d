/* The tables of one results file, and columns that those of several files have, too. Pure. */
#ifndef LS_REPORT_TABLES_H
#define LS_REPORT_TABLES_H

#include "report/summary.h"
#include "report/table.h"

/* The table of all points in the order of the sweep, or, with `most` below their number, of the
 * `most` best ones, best first. A single trial gives rows of a name and a value instead. */
int report_points_table(report_table *out, const report_summary *summary, size_t most);

/* How the points differ from the best one, in the same order, without it; empty where nothing can
 * be tested. */
int report_tests_table(report_table *out, const report_summary *summary, size_t most);

/* In full precision, for other programs: one row for each point with the values of its variables,
 * the number of trials of each status, mean, sample standard deviation, least, most, number and 95
 * % interval of every curve's final values, mean epochs and seconds, the test of its difference
 * from the best, and the references. Empty where there is no value. */
int report_csv_table(report_table *out, const report_summary *summary);

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
