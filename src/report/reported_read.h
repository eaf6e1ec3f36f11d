/* What was reported elsewhere, from a results file. */
#ifndef LS_REPORT_REPORTED_READ_H
#define LS_REPORT_REPORTED_READ_H

#include "h5/h5.h"
#include "report/results.h"

/* Reads references and orderings into results whose variables and monitor are known. */
int reported_read(report_results *out, ls_memory *memory, hid_t file);

#endif
