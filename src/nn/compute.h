/* The arithmetic of a rank: preparing its thread, the libraries and their speed. All functions are
 * local. */
#ifndef LS_NN_COMPUTE_H
#define LS_NN_COMPUTE_H

#include <stddef.h>

/* Prepares this thread for training. Limits OpenBLAS to one thread: the ranks use all cores, and by
 * default OpenBLAS would start one thread per core in every rank. Makes denormal numbers 0: the
 * velocities of weights whose input is almost always 0 decay to them, and processors compute with
 * them a hundred times slower. */
void ls_compute_start(void);

/* Returns the instruction set of the kernels that compute products, such as "x86-64-v4". */
const char *ls_compute_name(void);

/* Returns the name, version and kernels of the BLAS library, such as "OpenBLAS 0.3.21 SkylakeX". */
const char *ls_compute_blas(void);

/* Return floating-point operations per second, measured for about `seconds`: of multiply-adds in
 * registers alone, the most that a core can do; and of a product of [m, k] and [k, n] matrices, 0
 * without memory. */
double ls_compute_peak(double seconds);
double ls_compute_speed(size_t m, size_t n, size_t k, double seconds);

#endif
