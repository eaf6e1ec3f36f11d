/* The number type of weights, activations and gradients: float, or double in a build with
 * LS_DOUBLE (for gradient checks). */
#ifndef LOCKSTEP_REAL_H
#define LOCKSTEP_REAL_H

#ifdef LS_DOUBLE
typedef double ls_real;
#else
typedef float ls_real;
#endif

#endif
