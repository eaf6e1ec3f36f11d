/* Where a report goes: standard output and files. */
#ifndef LS_REPORT_OUTPUT_H
#define LS_REPORT_OUTPUT_H

#include "report/figures/figure.h"

/* printf, with the error recorded if standard output can't be written. */
int ls_report_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each figure to a file of its own in the folder, which is made if it is not there. */
int ls_report_write_figures(const char *folder, const ls_report_figures *figures);

/* Refuses an output that is the results file itself; either may be NULL or not there. */
int ls_report_check_output(const char *results, const char *output);

#endif
