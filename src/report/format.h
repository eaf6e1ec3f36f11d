/* Numbers as people and other programs want to read them. Pure. */
#ifndef LS_REPORT_FORMAT_H
#define LS_REPORT_FORMAT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_NUMBER = 32 }; /* room for any number written here */

/* The shortest decimal that reads back as `value`; "" for NaN. */
void report_exact(char out[REPORT_NUMBER], double value);

/* `value` with `decimals` decimals, or in powers of ten where that would leave fewer than two
 * digits or fill the line; "-" for NaN. */
void report_fixed(char out[REPORT_NUMBER], double value, int decimals);

/* `value` with `decimals` decimals, however few digits that leaves; with its sign even if positive.
 */
void report_rounded(char out[REPORT_NUMBER], double value, int decimals, bool sign);

/* A probability: with as many decimals as matter, "-" for NaN. */
void report_p(char out[REPORT_NUMBER], double p);

/* Decimals that show a column of values: 4, or 5 where the smallest deviation (NaN: unknown) asks
 * for it; fewer for large values. */
int report_decimals(double largest, double smallest_deviation);

/* Takes a mean and its deviation, either of which may be NaN, into account for the above. Start
 * from 0 and NaN. */
void report_widen_decimals(double *largest, double *smallest_deviation, double mean,
                           double deviation);

/* The values of an axis as texts that all differ, with three digits where that is enough. NULL,
 * with the error recorded, without memory. */
char **report_labels(ls_memory *memory, const double *values, size_t count);

#endif
