/* The table in full precision, for other programs. Pure. */
#ifndef LS_REPORT_CSV_H
#define LS_REPORT_CSV_H

#include "summary.h"

/* Comma-separated values (RFC 4180, lines ended by a newline alone): one row for each point of the
 * sweep with the values of its variables, the number of trials of each status, mean, sample
 * standard deviation, least and most of every curve's final values, and mean epochs and seconds.
 * Empty where there is no value. The string is to be freed. */
int ls_report_csv(char **out, const ls_report_results *results, const ls_report_summary *summary);

#endif
