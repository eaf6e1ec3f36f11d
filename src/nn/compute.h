/* The arithmetic of a rank: preparing its thread, the libraries and their speed. All functions are
 * local. */
#ifndef LS_NN_COMPUTE_H
#define LS_NN_COMPUTE_H

/* Prepares this thread for training. Limits OpenBLAS to one thread: the ranks use all cores, and by
 * default OpenBLAS would start one thread per core in every rank. Makes denormal numbers 0: the
 * velocities of weights whose input is almost always 0 decay to them, and processors compute with
 * them a hundred times slower. */
void ls_compute_start(void);

/* Returns the name, version and kernels of the BLAS library, such as "OpenBLAS 0.3.21 SkylakeX". */
const char *ls_compute_name(void);

/* Returns the floating-point operations per second of a product of [m, k] and [k, n] matrices,
 * measured for about `seconds`; 0 without memory. */
double ls_compute_speed(int m, int n, int k, double seconds);

#endif
