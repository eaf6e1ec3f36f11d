/* The tables of one results file, and what columns show of statistics and tests. Pure. */
#ifndef LS_REPORT_TABLES_H
#define LS_REPORT_TABLES_H

#include "report/summary.h"
#include "report/table.h"

/* The table of all points in the order of the sweep, or, with `most` below their number, of the
 * `most` best ones, best first. A single trial gives rows of a name and a value instead. */
int report_points_table(report_table **out, const report_summary *summary, size_t most);

/* How the points differ from the best one, in the same order, without it; no rows but the headings
 * where nothing can be tested. */
int report_tests_table(report_table **out, const report_summary *summary, size_t most);

/* In full precision, for other programs: one row for each point with the values of its variables,
 * the number of trials of each status, mean, sample standard deviation, least, most, number and 95
 * % interval of every curve's final values, mean epochs and seconds, and the test of its difference
 * from the best. Empty where there is no value. */
int report_csv_table(report_table **out, const report_summary *summary);

/* The numbers of a statistic; the first seven of them, with their suffixes, are in CSV. */
typedef enum report_stat_field {
  REPORT_MEAN,
  REPORT_STD,
  REPORT_MIN,
  REPORT_MAX,
  REPORT_N,
  REPORT_CI_LOW,
  REPORT_CI_HIGH,
  REPORT_STAT_FIELDS,
  REPORT_CI_HALF = REPORT_STAT_FIELDS
} report_stat_field;
extern const char *const report_stat_suffixes[REPORT_STAT_FIELDS];
double report_stat_number(const report_stat *stat, report_stat_field field);

/* The numbers of a test, likewise with their names. */
typedef enum report_test_field {
  REPORT_DIFFERENCE,
  REPORT_DIFFERENCE_LOW,
  REPORT_DIFFERENCE_HIGH,
  REPORT_PAIRS,
  REPORT_T,
  REPORT_P,
  REPORT_P_HOLM,
  REPORT_TEST_FIELDS,
  REPORT_DIFFERENCE_HALF = REPORT_TEST_FIELDS,
  REPORT_DF
} report_test_field;
extern const char *const report_test_names[REPORT_TEST_FIELDS];
double report_test_number(const report_test *test, report_test_field field);

#endif
