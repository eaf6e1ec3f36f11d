/* The arithmetic of a rank: preparing its thread, the libraries and their speed. All functions are
 * local. */
#ifndef LS_NN_COMPUTE_H
#define LS_NN_COMPUTE_H

#include <stddef.h>

/* Restarts the program with OPENBLAS_NUM_THREADS=1 unless that variable is set or OpenBLAS has one
 * thread anyway. OpenBLAS starts its threads when it is loaded, one per core in every rank,
 * although a rank computes in one thread; where memory is limited such a thread waits for its
 * buffer forever, and the end of the program for that thread. Call it first, with main's argv. */
void ls_compute_configure(char **argv);

/* Prepares this thread for computing; call it before anything else that computes. Limits OpenBLAS
 * to one thread. Has it allocate its buffer, or returns LS_FAILED if there is no memory for that:
 * OpenBLAS itself would try again forever. Makes denormal numbers 0: the velocities of weights
 * whose input is almost always 0 decay to them, and processors compute with them a hundred times
 * slower.
 */
int ls_compute_start(void);

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
