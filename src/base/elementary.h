/* Elementary functions whose bits are the same on every machine, unlike those of C's library: they
 * consist of operations that IEEE 754 rounds exactly, in a fixed order. Local.
 *
 * Method: the argument reductions and polynomials of Sun's fdlibm (e_exp.c, e_log.c, k_cos.c,
 * k_sin.c). Errors are at most one unit in the last place, those of ls_power as stated. Single
 * precision on whole vectors: nn/vmath.h. */
#ifndef LS_BASE_ELEMENTARY_H
#define LS_BASE_ELEMENTARY_H

/* exp(x): 0 below -745.2, infinity above 709.8. */
double ls_exponential(double x);

/* The natural logarithm of a normal x > 0; minus infinity for 0. */
double ls_logarithm(double x);

/* x to the power of y, for x >= 0. Whole y from 0 to 16 by multiplication, others as exp(y log x),
 * with an error of 2 + |y log x| units in the last place. */
double ls_power(double x, double y);

/* Cosine and sine of an angle in turns; those of right angles are exact. */
void ls_cos_sin(double turns, double *cosine, double *sine);

#endif
