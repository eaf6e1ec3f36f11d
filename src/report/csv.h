/* The table in full precision, for other programs. Pure. */
#ifndef LS_REPORT_CSV_H
#define LS_REPORT_CSV_H

#include "base/text.h"
#include "report/compare.h"
#include "report/summary.h"

/* Comma-separated values (RFC 4180, lines ended by a newline alone): one row for each point of the
 * sweep with the values of its variables, the number of trials of each status, mean, sample
 * standard deviation, least, most, number and 95 % interval of every curve's final values, mean
 * epochs and seconds, and the test of its difference from the best. Empty where there is no value.
 * The string is to be freed. */
int ls_report_csv(char **out, const ls_report_results *results, const ls_report_summary *summary);

/* A field and, unless it begins the row, the comma before it; quoted where it must be. */
void ls_report_csv_field(ls_text *out, const char *text);

/* The fields difference, ci95_low, ci95_high, pairs, t, p and p_holm, a comma before each. */
void ls_report_csv_test(ls_text *out, const ls_report_test *test);

#endif
