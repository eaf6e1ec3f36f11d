/* Points that are the same training under different values of the variables. Jobs that have such
 * points are refused, but results of earlier versions may have them. Pure. */
#ifndef LS_REPORT_REPEATS_H
#define LS_REPORT_REPEATS_H

#include "report/summary.h"

/* Sets `same` and `repeated` of a summary with a ranking. Two points are the same if all their
 * trials have finished, and those of the same replicate and fold have the same weights, bit for
 * bit, and the same monitored value. */
int report_find_repeats(report_summary *summary);

#endif
