/* Numbers as people and other programs want to read them. Pure. */
#ifndef LS_REPORT_FORMAT_H
#define LS_REPORT_FORMAT_H

#include "base/memory.h"

#include <stddef.h>

/* A number as text. */
enum { REPORT_NUMBER = 32 };
typedef struct report_digits {
  char text[REPORT_NUMBER];
} report_digits;

/* How a number is written. */
typedef enum report_format {
  REPORT_AS_EXACT,   /* the shortest decimal that reads back as the value; "" for NaN */
  REPORT_AS_FIXED,   /* with so many decimals, or in powers of ten where that would leave fewer than
                        two digits or fill the line; "-" for NaN, as in the others */
  REPORT_AS_ROUNDED, /* with so many decimals, however few digits that leaves */
  REPORT_AS_SIGNED,  /* the same, with its sign even if positive */
  REPORT_AS_P,       /* a probability, with as many decimals as matter */
} report_format;

report_digits report_number(double value, report_format format, int decimals);

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
