/* Numbers and texts as people and other programs want to read them. Pure. */
#ifndef LS_REPORT_FORMAT_H
#define LS_REPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum { LS_REPORT_NUMBER = 32 }; /* room for any number written here */

/* The shortest decimal that reads back as `value`; "" for NaN. */
void ls_report_exact(char out[LS_REPORT_NUMBER], double value);

/* `value` with `decimals` decimals, or in powers of ten where that would leave fewer than two
 * digits or fill the line; "-" for NaN. */
void ls_report_fixed(char out[LS_REPORT_NUMBER], double value, int decimals);

/* `value` with `decimals` decimals, however few digits that leaves; with its sign even if positive.
 */
void ls_report_rounded(char out[LS_REPORT_NUMBER], double value, int decimals, bool sign);

/* A probability: with as many decimals as matter, "-" for NaN. */
void ls_report_p(char out[LS_REPORT_NUMBER], double p);

/* Decimals that show a column of values: 4, or 5 where the smallest deviation (NaN: unknown) asks
 * for it; fewer for large values. */
int ls_report_decimals(double largest, double smallest_deviation);

/* The values of an axis as texts that all differ, with three digits where that is enough. Each and
 * the array to be freed; NULL, with the error recorded, without memory. */
char **ls_report_labels(const double *values, size_t count);

#endif
