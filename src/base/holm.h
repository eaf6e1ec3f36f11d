/* Correction of tests that are made together. Pure. */
#ifndef LS_BASE_HOLM_H
#define LS_BASE_HOLM_H

#include <stddef.h>

/* Replaces the probabilities of tests by those corrected for making all of them: Holm's method
 * (Scand. J. Statist. 6, 1979), which bounds the probability of any false rejection. NaN, a test
 * that could not be made, stays and does not count. Reorders the pointers. */
void ls_holm(double **p, size_t count);

#endif
