/* Student's t distribution. Pure. */
#ifndef LS_REPORT_STUDENT_H
#define LS_REPORT_STUDENT_H

/* The probability that |T| is at least |t| with `df` degrees of freedom, which need not be an
 * integer. NaN for NaN and without degrees of freedom. */
double student_two_sided(double t, double df);

/* The t for which |T| < t with the given probability, between 0 and 1. */
double student_quantile(double probability, double df);

#endif
